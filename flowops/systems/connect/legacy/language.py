"""Read a flow of the language before 2019-10-30, of both its generations.

The console wrote this form until 2020; the API has never taken it. Source: exports
of both generations, and "Import/export flows" of the Amazon Connect administrator
guide. The oldest ones have their type only in ``metadata``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flowops.systems.connect.flow_types import CONTACT_FLOW, api_type
from flowops.systems.connect.shapes import Document, optional_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flowops.documents.json_text import JsonValue
    from flowops.documents.source import SourceText
    from flowops.model import Pointer


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a block; a ``namespace`` says that it is filled in later."""

    index: int
    name: str
    value: JsonValue
    namespace: str
    key: str
    resource_name: str
    fields: Mapping[str, JsonValue] = field(repr=False)

    @property
    def text(self) -> str:
        """Return the value as the current language writes it: everything is a text."""
        if isinstance(self.value, bool):
            return "True" if self.value else "False"
        return "" if self.value is None else str(self.value)


@dataclass(frozen=True, slots=True)
class Branch:
    """Where a block leads on one outcome."""

    index: int
    condition: str
    transition: str
    operator: str
    operand: str


@dataclass(frozen=True, slots=True)
class Module:
    """One block of a legacy flow; ``target`` tells blocks of one type apart."""

    index: int
    id: str
    type: str
    target: str
    parameters: tuple[Parameter, ...]
    branches: tuple[Branch, ...]
    metadata: Mapping[str, JsonValue]

    @property
    def word(self) -> str:
        """Return the type as people write it: ``Transfer/Queue``."""
        return f"{self.type}/{self.target}" if self.target else self.type

    def all_named(self, *names: str) -> Iterator[Parameter]:
        """Give the parameters of these names, in order."""
        return (p for p in self.parameters if p.name in names)

    def named(self, name: str) -> Parameter | None:
        """Return the first parameter of a name, or nothing."""
        return next(self.all_named(name), None)


@dataclass(frozen=True, slots=True)
class LegacyFlow:
    """A flow of the old language; it has no modules in today's sense."""

    name: str
    type: str
    description: str
    start: str
    modules: tuple[Module, ...]
    metadata: Mapping[str, JsonValue]
    source: SourceText = field(repr=False)
    kind: str = CONTACT_FLOW


def read_legacy_flow(source: SourceText, root: JsonValue, name: str) -> LegacyFlow:
    """Read a legacy export; ``name`` is used when the file does not say one.

    Raises ``InputError`` with the place of a value that has the wrong shape.
    """
    document = Document(source)
    flow = document.mapping(root, ())
    metadata = document.mapping(flow.get("metadata", {}), ("metadata",))
    word = optional_text(flow, "type") or optional_text(metadata, "type")
    return LegacyFlow(
        name=optional_text(metadata, "name") or name,
        type=api_type(word),
        description=optional_text(metadata, "description"),
        start=document.text(flow.get("start"), ("start",)),
        modules=_modules(document, flow),
        metadata=metadata,
        source=source,
    )


def _modules(document: Document, flow: Mapping[str, JsonValue]) -> tuple[Module, ...]:
    modules: dict[str, Module] = {}
    for index, value in enumerate(document.sequence(flow.get("modules"), ("modules",))):
        module = _module(document, index, value)
        if module.id in modules:
            raise document.wrong(
                ("modules", index, "id"),
                f"two blocks have the id {module.id!r}",
                "ids are unique within a flow",
            )
        modules[module.id] = module
    return tuple(modules.values())


def _module(document: Document, index: int, value: JsonValue) -> Module:
    here: Pointer = ("modules", index)
    module = document.mapping(value, here)
    metadata = module.get("metadata")
    parameters = (*here, "parameters")
    branches = (*here, "branches")
    return Module(
        index=index,
        id=document.text(module.get("id"), (*here, "id")),
        type=document.text(module.get("type"), (*here, "type")),
        target=optional_text(module, "target"),
        parameters=tuple(
            _parameter(document, (*parameters, number), below)
            for number, below in enumerate(
                document.sequence(module.get("parameters", []), parameters)
            )
        ),
        branches=tuple(
            _branch(document, (*branches, number), below)
            for number, below in enumerate(
                document.sequence(module.get("branches", []), branches)
            )
        ),
        metadata=metadata if isinstance(metadata, dict) else {},
    )


def _parameter(document: Document, here: Pointer, value: JsonValue) -> Parameter:
    fields = document.mapping(value, here)
    return Parameter(
        index=int(here[-1]),
        name=document.text(fields.get("name"), (*here, "name")),
        value=fields.get("value"),
        namespace=optional_text(fields, "namespace"),
        key=optional_text(fields, "key"),
        resource_name=optional_text(fields, "resourceName"),
        fields=fields,
    )


def _branch(document: Document, here: Pointer, value: JsonValue) -> Branch:
    branch = document.mapping(value, here)
    operand = branch.get("conditionValue")
    return Branch(
        index=int(here[-1]),
        condition=document.text(branch.get("condition"), (*here, "condition")),
        transition=document.text(branch.get("transition"), (*here, "transition")),
        operator=optional_text(branch, "conditionType"),
        operand="" if operand is None else str(operand),
    )
