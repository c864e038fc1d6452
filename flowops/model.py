"""Plain frozen values every other room speaks in. Nothing here touches the world."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

Pointer: TypeAlias = tuple[str | int, ...]
"""A place in a JSON document: the keys and indexes that lead to it."""


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A place in a file; lines and columns count from 1."""

    path: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        """Give ``path:line:column``, as compilers and editors write it."""
        return f"{self.path}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """What a flow is called everywhere: its system, its kind and its name."""

    system: str
    kind: str
    name: str

    def __str__(self) -> str:
        """Give ``system/kind/name``."""
        return f"{self.system}/{self.kind}/{self.name}"


class Severity(StrEnum):
    """How much a finding matters; an error fails the build."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a person should know about a flow or an environment."""

    rule: str
    severity: Severity
    message: str
    location: Location | None = None
    address: Address | None = None
    hint: str = ""

    def sort_key(self) -> tuple[str, int, int, str, str]:
        """Order findings by place, then by rule and words."""
        place = self.location or Location("")
        return (place.path, place.line, place.column, self.rule, self.message)


class ReferenceForm(StrEnum):
    """How a flow writes a reference."""

    ARN = "arn"
    ID = "id"
    NAME = "name"
    DYNAMIC = "dynamic"
    PLACEHOLDER = "placeholder"
    EMPTY = "empty"
    LITERAL = "literal"


@dataclass(frozen=True, slots=True)
class Reference:
    """A place in a flow that names something of an instance.

    ``value`` is the text as written; ``key`` is the part that identifies the
    resource, without the qualifier (a version or an alias) which ``suffix``
    keeps. ``twins`` are the places that repeat the id, ``name_twins`` those that
    repeat the name, and both follow the reference when it is bound. ``span`` is the
    part of a longer text that the value is. ``regional`` is set for what the
    product keeps in every Region: the value with ``{partition}`` and ``{region}``
    where those of its instance stand. The form ``literal`` is a name that stands
    for itself, such as a telephone number. ``divider`` stands between the names of an
    option that may list several.
    """

    kind: str
    path: Pointer
    value: str
    form: ReferenceForm
    block: str
    location: Location
    key: str = ""
    suffix: str = ""
    name: str = ""
    twins: tuple[Pointer, ...] = ()
    name_twins: tuple[Pointer, ...] = ()
    span: tuple[int, int] | None = None
    regional: str = ""
    divider: str = ""

    def among(self, text: str) -> Iterator[Reference]:
        """Give this reference for each name of a text, which lists one or several."""
        start = 0
        for part in text.split(self.divider):
            if name := part.strip():
                first = start + part.index(name)
                span = (first, first + len(name)) if name != text else None
                yield replace(self, value=name, key=name, name=name, span=span)
            start += len(part) + len(self.divider)


@dataclass(frozen=True, slots=True, order=True)
class Resource:
    """Something that exists on a target.

    ``state`` is ``archived`` for what is kept and no longer in use. ``qualifiers``
    are its versions and aliases; ``None`` means that nobody asked for them.
    """

    kind: str
    name: str
    id: str = ""
    arn: str = ""
    type: str = ""
    state: str = ""
    qualifiers: tuple[str, ...] | None = None


class BindingState(StrEnum):
    """The answer for one reference."""

    RESOLVED = "resolved"
    UNRESOLVED = "unresolved"
    AMBIGUOUS = "ambiguous"
    DYNAMIC = "dynamic"
    PLACEHOLDER = "placeholder"
    UNCHECKED = "unchecked"


@dataclass(frozen=True, slots=True)
class Binding:
    """The answer for one reference, with its evidence.

    ``value`` is what stands in the flow afterwards; ``evidence`` says in words
    how it was found; ``candidates`` are near misses or the rivals of a tie.
    """

    reference: Reference
    state: BindingState
    value: str
    evidence: str
    resource: Resource | None = None
    candidates: tuple[Resource, ...] = ()
    origin: Location | None = None


@dataclass(frozen=True)
class Inventory:
    """What exists on a target, by kind; ``kinds`` are those that were asked for.

    A kind outside ``kinds`` is unknown, which is not the same as empty. ``region``
    and ``partition`` say where the target is, if it is anywhere. ``nameless`` says
    of a kind why the names of its resources could not be learnt. ``gaps`` says of a
    kind why it, or a part of it, could not be asked. ``asked`` are kinds and names
    that a target could only be asked about one by one.
    """

    resources: tuple[Resource, ...] = ()
    kinds: frozenset[str] = frozenset()
    region: str = ""
    partition: str = ""
    nameless: Mapping[str, str] = field(default_factory=dict)
    gaps: Mapping[str, str] = field(default_factory=dict)
    asked: frozenset[tuple[str, str]] = frozenset()

    def knows(self, kind: str, name: str) -> bool:
        """Tell whether a name of a kind would be here if it existed."""
        return kind in self.kinds or (kind, name) in self.asked

    @cached_property
    def _by_key(self) -> Mapping[tuple[str, str], Resource]:
        index: dict[tuple[str, str], Resource] = {}
        for resource in self.resources:
            for key in (resource.arn, resource.id):
                if key:
                    index.setdefault((resource.kind, key), resource)
        return index

    @cached_property
    def _by_name(self) -> Mapping[tuple[str, str], tuple[Resource, ...]]:
        index: dict[tuple[str, str], tuple[Resource, ...]] = {}
        for resource in self.resources:
            key = (resource.kind, resource.name)
            index[key] = (*index.get(key, ()), resource)
        return index

    def find(self, kind: str, key: str) -> Resource | None:
        """Return the resource with this ARN or id, or nothing."""
        return self._by_key.get((kind, key))

    def named(self, kind: str, name: str) -> tuple[Resource, ...]:
        """Return every resource of this kind and exact name."""
        return self._by_name.get((kind, name), ())

    def of_kind(self, kind: str) -> tuple[Resource, ...]:
        """Return every resource of a kind."""
        return tuple(r for r in self.resources if r.kind == kind)

    def with_resources(self, added: Iterable[Resource]) -> Inventory:
        """Return this inventory with further resources."""
        return replace(self, resources=(*self.resources, *added))


class StateSafety(StrEnum):
    """What becomes of the state that a running flow has gathered."""

    LAYOUT = "layout only"
    RESTART = "restart safe"
    DROPPED = "state dropping"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class StateVerdict:
    """What a change does to the state of a running flow, and why that is so."""

    safety: StateSafety
    reason: str


@dataclass(frozen=True, slots=True)
class Block:
    """A node of a flow: its visible properties by path, and where it is drawn."""

    id: str
    type: str
    label: str = ""
    properties: Mapping[str, str] = field(default_factory=dict)
    layout: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, order=True)
class Edge:
    """A connection of two blocks; ``branch`` says on which outcome it is taken."""

    source: str
    branch: str
    target: str


@dataclass(frozen=True, slots=True)
class Graph:
    """A flow by meaning, in text that may be shown: no secret is in it.

    ``fingerprint`` is a digest of the behaviour with nothing left out, so that
    two graphs that look alike are not taken to be equal.
    """

    attributes: Mapping[str, str] = field(default_factory=dict)
    blocks: tuple[Block, ...] = ()
    edges: tuple[Edge, ...] = ()
    layout: Mapping[str, str] = field(default_factory=dict)
    fingerprint: str = ""
