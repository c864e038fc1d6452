"""An Amazon Connect instance as a target: create saved, write, publish last."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from flowops.errors import RefusedError, TargetError
from flowops.model import Address, Resource
from flowops.progress import Progress, Stage, silent
from flowops.secrets import open_text
from flowops.systems.connect.arns import VIEW
from flowops.systems.connect.contents import FLOWS, MODULES
from flowops.systems.connect.families import VERSION_TAG
from flowops.systems.connect.flow_types import CONTACT_FLOW, FLOW_MODULE
from flowops.systems.connect.inventory import ARCHIVED, list_inventory
from flowops.systems.connect.pace import Write, least_time, spread
from flowops.systems.connect.qualifiers import with_qualifiers
from flowops.systems.connect.read_back import check_written, state_of
from flowops.systems.connect.rendering import CONTENT
from flowops.systems.connect.restoring import ACTIVE, put_back
from flowops.systems.connect.snapshots import Snapshot, Snapshots, in_words
from flowops.systems.connect.tags import changed_tags, tags_of
from flowops.systems.connect.view_contents import VIEWS
from flowops.systems.protocol import (
    PUBLISHED,
    SAVED,
    VERSION,
    Mark,
    TargetIdentity,
    Written,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from flowops.model import Inventory
    from flowops.systems.connect.api import ConnectApi
    from flowops.systems.connect.families import Described, Family
    from flowops.systems.protocol import Bundle, FlowState

PENDING = re.compile(r"\$\{flowops:[a-z-]+/[^}]*\}")
PROJECT_TAG, RUN_TAG = "flowops:project", "flowops:run"
DIGEST_TAG, CREATED_TAG = "flowops:digest", "flowops:created"
FAMILIES: Mapping[str, Family] = {
    CONTACT_FLOW: FLOWS,
    FLOW_MODULE: MODULES,
    VIEW: VIEWS,
}


_READING = "reading what is on the instance"


class ConnectInstance:
    """One instance; it lists each kind once and remembers the ids."""

    def __init__(
        self,
        kind: str,
        api: ConnectApi,
        *,
        snapshots: bool = True,
        progress: Progress = silent,
    ) -> None:
        """Keep the way to the instance; nothing is called yet."""
        self._progress = progress
        self._kind = kind
        self._api = api
        self._snapshots = Snapshots(api, wanted=snapshots)
        self._ids: dict[str, dict[str, Resource]] = {}
        self._created: dict[Address, str] = {}
        self._seen: dict[Address, Described] = {}
        self._drafts: dict[Address, Described | None] = {}

    @property
    def identity(self) -> TargetIdentity:
        """Return the ARN of the instance, as the environment names it."""
        return TargetIdentity("connect", self._kind, self._api.instance_arn)

    @property
    def opens_secrets(self) -> bool:
        """Say yes: an instance takes the content as it is."""
        return True

    @property
    def keeps_state(self) -> bool:
        """Say no: an instance runs no job that gathers state."""
        return False

    @property
    def starts_anew(self) -> bool:
        """Say yes: an instance publishes what it is given, whatever it has."""
        return True

    def verify(self) -> None:
        """Ask the instance for its ARN.

        Raises ``RefusedError`` if it is another, ``TargetError`` if it is none.
        """
        answer = self._api.call("describe_instance").get("Instance")
        found = answer.get("Arn") if isinstance(answer, dict) else None
        if found is None:
            raise TargetError(
                "what answers is no instance of Amazon Connect",
                hint="is a proxy in between, or is `url` that of something else?",
            )
        if found != self._api.instance_arn:
            raise RefusedError(
                f"wrong-target: the environment names {self._api.instance_arn}, "
                f"the credentials reach {found}",
                hint="check the role of this job and the `instance` of the target",
            )

    def inventory(self, kinds: Collection[str]) -> Inventory:
        """List these kinds; flows, modules and views are remembered for writing."""
        inventory = list_inventory(self._api, {*kinds, CONTACT_FLOW, FLOW_MODULE})
        self._remember(inventory)
        named = kinds if isinstance(kinds, Mapping) else {}
        return with_qualifiers(self._api, inventory, named)

    def read(self, wanted: Mapping[Address, str]) -> Mapping[Address, FlowState]:
        """Describe these flows: the draft where ``saved`` is wanted."""
        states: dict[Address, FlowState] = {}
        for number, address in enumerate(spread(wanted)):
            self._progress(Stage(_READING, number, len(wanted)))
            if resource := self._find(address):
                draft = wanted[address] == SAVED
                found = (
                    self._described(address, resource, draft=True)
                    if draft
                    else self._live(address, resource)
                )
                self._seen[address] = found
                states[address] = self._state(address, found, draft=draft)
        return {address: states[address] for address in wanted if address in states}

    def drafts(self, addresses: Collection[Address]) -> Mapping[Address, FlowState]:
        """Describe the drafts of published flows that differ from what is live.

        A view's draft is looked at whatever its status says: nothing promises that
        the status of one that equals what is live is ``published``.
        """
        states: dict[Address, FlowState] = {}
        for address in addresses:
            resource = self._find(address)
            if resource is None or address.kind == FLOW_MODULE:
                continue
            live = self._seen.get(address) or self._live(address, resource)
            draft = (
                self._drafts[address]
                if address in self._drafts
                else self._described(address, resource, draft=True)
            )
            is_live = live.attributes["status"] != SAVED
            if draft and is_live and live.content != draft.content:
                states[address] = self._state(address, draft, draft=True)
        return states

    def _live(self, address: Address, resource: Resource) -> Described:
        """Describe what is live.

        The draft of a flow is asked for first: where there is none, it is what is
        live, and nobody has to ask for the draft later.
        """
        if address.kind == CONTACT_FLOW:
            draft = self._described(address, resource, draft=True)
            if draft.attributes["status"] != SAVED:
                self._drafts[address] = None
                return draft
            self._drafts[address] = draft
        return self._described(address, resource, draft=False)

    def managed(self, project: str) -> Mapping[Address, bool]:
        """Search what bears the project's tag."""
        return {
            Address("connect", kind, str(found.get("Name", ""))): _created(found)
            for kind, family in FAMILIES.items()
            for found in family.search(self._api, (PROJECT_TAG, project))
        }

    def referrers(self, address: Address) -> Collection[str]:
        """Look for the id in the content of every other flow and module."""
        resource = self._existing(address)
        names: list[str] = []
        for kind in (CONTACT_FLOW, FLOW_MODULE):
            family = FAMILIES[kind]
            for found in family.search(self._api):
                name, content = str(found.get("Name", "")), found.get("Content")
                if content is None:
                    identifier = str(found.get("Id", ""))
                    content = family.describe(
                        self._api, identifier, draft=False
                    ).content
                if (kind, name) != (address.kind, address.name) and (
                    resource.id in str(content)
                ):
                    names.append(name)
        return sorted(names)

    def estimate(
        self, creates: Collection[Address], updates: Collection[Address]
    ) -> float:
        """Return the seconds that writing takes at the rate of the target, at least.

        One version is kept of what is new, and two of what is not, unless a promote
        kept what is live already.
        """
        writes = [
            *(self._write(a, is_new=True) for a in creates),
            *(self._write(a, is_new=False) for a in updates),
        ]
        return least_time(writes, self._api.rate)

    def _write(self, address: Address, *, is_new: bool) -> Write:
        """Tell what writing a flow asks for, as far as is known before."""
        family, seen = FAMILIES[address.kind], self._seen.get(address)
        versions = 1 if is_new or (seen and seen.version) else 2
        if not self._snapshots.taken(address.kind):
            versions = 0
        return Write(family, is_new, versions)

    def reserve(self, bundles: Iterable[Bundle], mark: Mark) -> tuple[Resource, ...]:
        """Create what does not exist, as a draft; a stub where ids are missing."""
        created: list[Resource] = []
        for bundle in bundles:
            if self._find(bundle.address):
                continue
            content = open_text(bundle.files[CONTENT])
            whole = "" if PENDING.search(content) else content
            tags = _tags(mark) | {CREATED_TAG: mark.run} | tags_of(bundle.attributes)
            family = FAMILIES[bundle.address.kind]
            resource = family.create(self._api, bundle, whole, tags)
            self._created[bundle.address] = whole
            self._known(bundle.address.kind)[bundle.address.name] = resource
            created.append(resource)
        return tuple(created)

    def stage(self, bundle: Bundle) -> None:
        """Write the draft of a flow that stays saved, or that still is a stub."""
        content = open_text(bundle.files[CONTENT])
        if missing := PENDING.search(content):
            raise TargetError(f"{bundle.address} still refers to {missing.group()}")
        resource = self._existing(bundle.address)
        if self._created.get(bundle.address) != content and not _goes_live(bundle):
            family = FAMILIES[bundle.address.kind]
            family.write(self._api, resource.id, content, draft=True)

    def publish(self, bundle: Bundle, mark: Mark) -> Written:
        """Make the content live, unless it is to stay saved; then tag the flow.

        A version is kept of what was live and of what is now, and what the instance
        holds is compared with what was written.
        """
        family = FAMILIES[bundle.address.kind]
        resource = self._existing(bundle.address)
        content = open_text(bundle.files[CONTENT])
        live = _goes_live(bundle)
        before = self._kept_before(bundle, resource, mark) if live else Snapshot()
        written = self._created.get(bundle.address) == content
        if live and self._is_archived(bundle.address):
            family.set_state(self._api, resource.id, ACTIVE)
        if live and (family.drafts or not written):
            family.write(self._api, resource.id, content, draft=False)
        self._describe(family, resource, bundle)
        found = self._described(bundle.address, resource, draft=not live)
        check_written(
            bundle.state(), self._state(bundle.address, found, draft=not live)
        )
        after = Snapshot()
        if live:
            after = self._snapshots.take(family, resource, mark.run, found.hash)
        tags, gone = changed_tags(bundle.attributes, found.tags)
        tags |= {} if bundle.address in self._created else _tags(mark)
        if gone:
            self._api.untag(resource.arn, gone)
        if after.version and found.hash:
            tags[VERSION_TAG] = f"{after.version} {found.hash}"
        if tags:
            self._api.tag(resource.arn, tags)
        same_as = bundle.attributes.get(VERSION, "")
        return Written(before.version, after.version, in_words(before, after, same_as))

    def _kept_before(self, bundle: Bundle, resource: Resource, mark: Mark) -> Snapshot:
        """Keep what is live, unless nothing is, or a promote kept it already."""
        seen = self._seen.get(bundle.address)
        if bundle.address in self._created or (
            seen and seen.attributes["status"] == SAVED
        ):
            return Snapshot()
        if seen and seen.version:
            return Snapshot(seen.version)
        family = FAMILIES[bundle.address.kind]
        words, content_hash = f"before {mark.run}", seen.hash if seen else ""
        return self._snapshots.take(family, resource, words, content_hash)

    def remove(self, address: Address) -> None:
        """Archive a flow and delete it."""
        family, resource = FAMILIES[address.kind], self._existing(address)
        if family.archives:
            family.set_state(self._api, resource.id, ARCHIVED)
        family.delete(self._api, resource.id)
        del self._known(address.kind)[address.name]

    def restore(self, address: Address, before: FlowState | None, run: str) -> bool:
        """Write the earlier content back, or delete what this run created."""
        resource = self._find(address)
        family = FAMILIES[address.kind]
        if before is None:
            if resource is None or self._run_of(address, resource) != run:
                return False
            family.delete(self._api, resource.id)
            del self._known(address.kind)[address.name]
            return True
        if resource is None:
            raise TargetError(f"{address} is gone and cannot be put back")
        return put_back(self._api, family, resource, before)

    def _is_archived(self, address: Address) -> bool:
        seen = self._seen.get(address)
        return seen is not None and seen.attributes["state"] == ARCHIVED

    def _run_of(self, address: Address, resource: Resource) -> str:
        found = self._described(address, resource, draft=False)
        return found.tags.get(RUN_TAG, "")

    def _described(
        self, address: Address, resource: Resource, *, draft: bool
    ) -> Described:
        return FAMILIES[address.kind].describe(self._api, resource.id, draft=draft)

    def _state(self, address: Address, found: Described, *, draft: bool) -> FlowState:
        return state_of(FAMILIES[address.kind], address, found, draft=draft)

    def _describe(self, family: Family, resource: Resource, bundle: Bundle) -> None:
        """Set a description that the file gives and the instance lacks."""
        wanted = bundle.attributes.get("description")
        seen = self._seen.get(bundle.address)
        if wanted is None or seen is None:
            return
        if seen.attributes["description"] != wanted:
            family.set_description(self._api, resource.id, wanted)

    def _remember(self, inventory: Inventory) -> None:
        """Keep what is the instance's own; what AWS manages is never written."""
        for kind in FAMILIES.keys() & inventory.kinds:
            self._ids[kind] = {
                resource.name: resource
                for resource in inventory.of_kind(kind)
                if resource.arn.startswith(self._api.instance_arn)
            }

    def _known(self, kind: str) -> dict[str, Resource]:
        if kind not in self._ids:
            kinds = {kind} if self._ids else {kind, CONTACT_FLOW, FLOW_MODULE}
            self._remember(list_inventory(self._api, kinds))
        return self._ids[kind]

    def _find(self, address: Address) -> Resource | None:
        return self._known(address.kind).get(address.name)

    def _existing(self, address: Address) -> Resource:
        if resource := self._find(address):
            return resource
        raise TargetError(f"{address} does not exist on the instance")


def _goes_live(bundle: Bundle) -> bool:
    return bundle.attributes.get("status", PUBLISHED) == PUBLISHED


def _created(found: Mapping[str, object]) -> bool:
    """Tell whether a promote created a flow, by the tag it gets only then."""
    tags = found.get("Tags")
    return isinstance(tags, dict) and CREATED_TAG in tags


def _tags(mark: Mark) -> dict[str, str]:
    return {PROJECT_TAG: mark.project, RUN_TAG: mark.run, DIGEST_TAG: mark.digest}
