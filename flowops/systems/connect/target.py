"""An Amazon Connect instance as a target: create saved, write, publish last."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flowops.errors import InputError, RefusedError, TargetError
from flowops.model import Resource
from flowops.secrets import open_text
from flowops.systems.connect.api import ConnectApi
from flowops.systems.connect.contents import FLOWS, MODULES, Contents
from flowops.systems.connect.flow_types import CONTACT_FLOW, FLOW_MODULE
from flowops.systems.connect.inventory import list_inventory
from flowops.systems.connect.rendering import CONTENT
from flowops.systems.protocol import (
    PUBLISHED,
    SAVED,
    FlowState,
    TargetIdentity,
    TargetSettings,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from flowops.model import Address, Inventory
    from flowops.systems.protocol import Bundle

PENDING = re.compile(r"\$\{flowops:[a-z-]+/[^}]*\}")
_LOOPBACK = frozenset(["127.0.0.1", "localhost", "::1"])
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
    try:
        api = ConnectApi(arn, url, sandbox=sandbox)
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


class ConnectInstance:
    """One instance; it lists flows once and remembers their ids."""

    def __init__(self, kind: str, api: ConnectApi) -> None:
        """Keep the way to the instance; nothing is called yet."""
        self._kind = kind
        self._api = api
        self._ids: dict[tuple[str, str], Resource] | None = None
        self._written: dict[Address, str] = {}
        self._touched: set[Address] = set()
        self._descriptions: dict[Address, str] = {}

    @property
    def identity(self) -> TargetIdentity:
        """Return the ARN of the instance, as the environment names it."""
        return TargetIdentity("connect", self._kind, self._api.instance_arn)

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
                contents = _CONTENTS[address.kind]
                content, attributes = contents.describe(
                    self._api, resource.id, draft=status == SAVED
                )
                self._descriptions[address] = attributes["description"]
                states[address] = FlowState(address, {CONTENT: content}, attributes)
        return states

    def reserve(self, bundles: Iterable[Bundle]) -> tuple[Resource, ...]:
        """Create what does not exist, as a draft; a stub where ids are missing."""
        created: list[Resource] = []
        for bundle in bundles:
            if self._find(bundle.address):
                continue
            content = open_text(bundle.files[CONTENT])
            whole = not PENDING.search(content)
            resource = _CONTENTS[bundle.address.kind].create(
                self._api, bundle, content if whole else ""
            )
            if whole:
                self._written[bundle.address] = content
            self._touched.add(bundle.address)
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
        if self._written.get(bundle.address) != content and not published:
            self._write(resource, bundle.address, content, draft=True)

    def publish(self, bundle: Bundle) -> None:
        """Make the content live, unless the flow is to stay saved."""
        if bundle.attributes.get("status", PUBLISHED) != PUBLISHED:
            return
        contents = _CONTENTS[bundle.address.kind]
        content = open_text(bundle.files[CONTENT])
        resource = self._existing(bundle.address)
        if contents.drafts or self._written.get(bundle.address) != content:
            self._write(resource, bundle.address, content, draft=False)
        self._describe(contents, resource, bundle)

    def restore(self, address: Address, before: FlowState | None) -> bool:
        """Write the earlier content back, or delete what ``reserve`` created."""
        resource = self._find(address)
        if resource is None or address not in self._touched:
            return False
        contents = _CONTENTS[address.kind]
        if before is None:
            contents.delete(self._api, resource.id)
            del self._known()[address.kind, address.name]
        else:
            draft = before.attributes.get("status") == SAVED
            content = open_text(before.files[CONTENT])
            contents.write(self._api, resource.id, content, draft=draft)
        self._touched.discard(address)
        return True

    def _write(
        self, resource: Resource, address: Address, content: str, *, draft: bool
    ) -> None:
        self._touched.add(address)
        contents = _CONTENTS[address.kind]
        contents.write(self._api, resource.id, content, draft=draft)
        self._written[address] = content

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
