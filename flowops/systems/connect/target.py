"""An Amazon Connect instance as a target: create saved, write, publish last."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flowops.errors import InputError, RefusedError, TargetError
from flowops.model import Address, Resource
from flowops.secrets import open_text
from flowops.systems.connect.api import ConnectApi
from flowops.systems.connect.contents import FLOWS, MODULES, Contents
from flowops.systems.connect.flow_types import CONTACT_FLOW, FLOW_MODULE
from flowops.systems.connect.inventory import list_inventory
from flowops.systems.connect.rates import (
    DEFAULT_BURST,
    DEFAULT_RATE,
    Rate,
    RateLimit,
)
from flowops.systems.connect.rendering import CONTENT
from flowops.systems.connect.sealing import seal_text
from flowops.systems.protocol import (
    PUBLISHED,
    SAVED,
    FlowState,
    Mark,
    TargetIdentity,
    TargetSettings,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from flowops.model import Inventory
    from flowops.systems.protocol import Bundle

PENDING = re.compile(r"\$\{flowops:[a-z-]+/[^}]*\}")
PROJECT_TAG, RUN_TAG = "flowops:project", "flowops:run"
DIGEST_TAG, CREATED_TAG = "flowops:digest", "flowops:created"
_LOOPBACK = frozenset(["127.0.0.1", "localhost", "::1"])
_RATE = re.compile(r"[0-9]{1,6}(\.[0-9]{1,6})?")
_BURST = re.compile(r"[0-9]{1,6}")
_CONTENTS: Mapping[str, Contents] = {CONTACT_FLOW: FLOWS, FLOW_MODULE: MODULES}


def open_instance(settings: TargetSettings) -> ConnectInstance:
    """Return the instance an environment describes; nothing is called yet.

    Raises ``InputError`` for settings that cannot be right.
    """
    sandbox = settings.kind == "sandbox"
    arn = _setting(settings, "instance", required=True)
    url = _setting(settings, "url", required=sandbox)
    if sandbox and urlsplit(url).hostname not in _LOOPBACK:
        raise InputError(
            f"a sandbox runs on this machine, and {url} is elsewhere",
            hint="use the kind amazon-connect for a real instance",
            location=settings.location,
        )
    limit = _rate_limit(settings)
    try:
        api = ConnectApi(arn, url, sandbox=sandbox, limit=limit)
    except ValueError as error:
        raise InputError(
            str(error),
            hint="write arn:aws:connect:REGION:ACCOUNT:instance/ID",
            location=settings.location,
        ) from error
    return ConnectInstance(settings.kind, api)


def _setting(settings: TargetSettings, key: str, *, required: bool) -> str:
    value = open_text(settings.values.get(key, ""))
    if required and not value:
        raise InputError(
            f"the target of kind {settings.kind} needs `{key}`",
            location=settings.location,
        )
    return value


def _rate_limit(settings: TargetSettings) -> RateLimit | None:
    """Return the rate to keep to; a sandbox has none unless one is set."""
    rate = _number(settings, "rate", _RATE, DEFAULT_RATE)
    burst = _number(settings, "burst", _BURST, DEFAULT_BURST)
    if settings.kind == "sandbox" and not {"rate", "burst"} & settings.values.keys():
        return None
    return RateLimit(Rate(rate, int(burst)))


def _number(
    settings: TargetSettings, key: str, form: re.Pattern[str], default: float
) -> float:
    """Read a setting that is a number above zero."""
    text = _setting(settings, key, required=False)
    if not text:
        return default
    number = float(text) if form.fullmatch(text) else 0.0
    if number <= 0:
        raise InputError(
            f"`{key}` of the target must be a number above zero, not {text!r}",
            hint="leave it out for what Amazon Connect grants: 2 a second, bursts of 5",
            location=settings.location,
        )
    return number


class ConnectInstance:
    """One instance; it lists flows once and remembers their ids."""

    def __init__(self, kind: str, api: ConnectApi) -> None:
        """Keep the way to the instance; nothing is called yet."""
        self._kind = kind
        self._api = api
        self._ids: dict[tuple[str, str], Resource] | None = None
        self._created: dict[Address, str] = {}
        self._descriptions: dict[Address, str] = {}

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

    def verify(self) -> None:
        """Ask the instance for its ARN; raises ``RefusedError`` if it is another."""
        answer = self._api.call("describe_instance").get("Instance")
        found = answer.get("Arn") if isinstance(answer, dict) else None
        if found != self._api.instance_arn:
            raise RefusedError(
                f"wrong-target: the environment names {self._api.instance_arn}, "
                f"the credentials reach {found}",
                hint="check the role of this job and the `instance` of the target",
            )

    def inventory(self, kinds: Collection[str]) -> Inventory:
        """List these kinds; flows and modules are remembered for writing."""
        inventory = list_inventory(self._api, {*kinds, CONTACT_FLOW, FLOW_MODULE})
        self._ids = {
            (r.kind, r.name): r for r in inventory.resources if r.kind in _CONTENTS
        }
        return inventory

    def read(self, wanted: Mapping[Address, str]) -> Mapping[Address, FlowState]:
        """Describe these flows: the draft where ``saved`` is wanted."""
        states: dict[Address, FlowState] = {}
        for address, status in wanted.items():
            if resource := self._find(address):
                state = self._state(address, resource, draft=status == SAVED)
                self._descriptions[address] = state.attributes["description"]
                states[address] = state
        return states

    def drafts(self, addresses: Collection[Address]) -> Mapping[Address, FlowState]:
        """Describe the drafts of published flows that differ from what is live."""
        states: dict[Address, FlowState] = {}
        for address in addresses:
            resource = self._find(address)
            if resource is None or address.kind == FLOW_MODULE:
                continue
            draft = self._state(address, resource, draft=True)
            if draft.attributes["status"] == SAVED:
                live = self._state(address, resource, draft=False)
                if live.attributes["status"] != SAVED:
                    states[address] = draft
        return states

    def managed(self, project: str) -> Mapping[Address, bool]:
        """Search the flows and modules that bear the project's tag."""
        return {
            Address("connect", kind, str(found.get("Name", ""))): _created(found)
            for kind, contents in _CONTENTS.items()
            for found in contents.search(self._api, (PROJECT_TAG, project))
        }

    def referrers(self, address: Address) -> Collection[str]:
        """Look for the flow's id in the content of every other one."""
        resource = self._existing(address)
        names: list[str] = []
        for kind, contents in _CONTENTS.items():
            for found in contents.search(self._api):
                name, content = str(found.get("Name", "")), found.get("Content")
                if content is None:
                    identifier = str(found.get("Id", ""))
                    content, _ = contents.describe(self._api, identifier, draft=False)
                if (kind, name) != (address.kind, address.name) and (
                    resource.id in str(content)
                ):
                    names.append(name)
        return sorted(names)

    def reserve(self, bundles: Iterable[Bundle], mark: Mark) -> tuple[Resource, ...]:
        """Create what does not exist, as a draft; a stub where ids are missing."""
        created: list[Resource] = []
        for bundle in bundles:
            if self._find(bundle.address):
                continue
            content = open_text(bundle.files[CONTENT])
            whole = "" if PENDING.search(content) else content
            contents = _CONTENTS[bundle.address.kind]
            tags = _tags(mark) | {CREATED_TAG: mark.run}
            resource = contents.create(self._api, bundle, whole, tags)
            self._created[bundle.address] = whole
            self._known()[bundle.address.kind, bundle.address.name] = resource
            created.append(resource)
        return tuple(created)

    def stage(self, bundle: Bundle) -> None:
        """Write the draft of a flow that stays saved, or that still is a stub."""
        content = open_text(bundle.files[CONTENT])
        if missing := PENDING.search(content):
            raise TargetError(f"{bundle.address} still refers to {missing.group()}")
        resource = self._existing(bundle.address)
        published = bundle.attributes.get("status", PUBLISHED) == PUBLISHED
        if self._created.get(bundle.address) != content and not published:
            contents = _CONTENTS[bundle.address.kind]
            contents.write(self._api, resource.id, content, draft=True)

    def publish(self, bundle: Bundle, mark: Mark) -> None:
        """Make the content live, unless it is to stay saved; then tag the flow."""
        contents = _CONTENTS[bundle.address.kind]
        resource = self._existing(bundle.address)
        content = open_text(bundle.files[CONTENT])
        is_new = bundle.address in self._created
        written = self._created.get(bundle.address) == content
        published = bundle.attributes.get("status", PUBLISHED) == PUBLISHED
        if published and (contents.drafts or not written):
            contents.write(self._api, resource.id, content, draft=False)
        self._describe(contents, resource, bundle)
        if not is_new:
            self._api.tag(resource.arn, _tags(mark))

    def remove(self, address: Address) -> None:
        """Archive a flow and delete it."""
        contents, resource = _CONTENTS[address.kind], self._existing(address)
        contents.set_state(self._api, resource.id, "archived")
        contents.delete(self._api, resource.id)
        del self._known()[address.kind, address.name]

    def restore(self, address: Address, before: FlowState | None, run: str) -> bool:
        """Write the earlier content back, or delete what this run created."""
        resource = self._find(address)
        contents = _CONTENTS[address.kind]
        if before is None:
            if resource is None or self._run_of(contents, resource) != run:
                return False
            contents.delete(self._api, resource.id)
            del self._known()[address.kind, address.name]
            return True
        if resource is None:
            raise TargetError(f"{address} is gone and cannot be put back")
        draft = before.attributes.get("status") == SAVED
        content = open_text(before.files[CONTENT])
        now = self._state(address, resource, draft=draft)
        if archived := now.attributes["state"] == "archived":
            contents.set_state(self._api, resource.id, "active")
        if open_text(now.files[CONTENT]) == content:
            return archived
        contents.write(self._api, resource.id, content, draft=draft)
        return True

    def _run_of(self, contents: Contents, resource: Resource) -> str:
        return contents.tags(self._api, resource.id).get(RUN_TAG, "")

    def _state(self, address: Address, resource: Resource, *, draft: bool) -> FlowState:
        contents = _CONTENTS[address.kind]
        content, attributes = contents.describe(self._api, resource.id, draft=draft)
        return FlowState(address, {CONTENT: seal_text(address, content)}, attributes)

    def _describe(self, contents: Contents, resource: Resource, bundle: Bundle) -> None:
        """Set a description that the file gives and the instance lacks."""
        wanted = bundle.attributes.get("description", "")
        if wanted and self._descriptions.get(bundle.address, wanted) != wanted:
            contents.set_description(self._api, resource.id, wanted)

    def _known(self) -> dict[tuple[str, str], Resource]:
        if self._ids is None:
            self.inventory(())
        return self._ids if self._ids is not None else {}

    def _find(self, address: Address) -> Resource | None:
        return self._known().get((address.kind, address.name))

    def _existing(self, address: Address) -> Resource:
        if resource := self._find(address):
            return resource
        raise TargetError(f"{address} does not exist on the instance")


def _created(found: Mapping[str, object]) -> bool:
    """Tell whether a promote created a flow, by the tag it gets only then."""
    tags = found.get("Tags")
    return isinstance(tags, dict) and CREATED_TAG in tags


def _tags(mark: Mark) -> dict[str, str]:
    return {PROJECT_TAG: mark.project, RUN_TAG: mark.run, DIGEST_TAG: mark.digest}
