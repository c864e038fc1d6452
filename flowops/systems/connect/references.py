"""Find every place in a flow that names a resource of an instance.

``Parameters`` decide; the names and ids that the designer repeats in
``ActionMetadata`` are attached to the reference they repeat.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from flowops.model import Location, Reference, ReferenceForm
from flowops.systems.connect.arns import VIEW, find_arns, guess_kind
from flowops.systems.connect.reference_table import (
    MANAGED_ATTRIBUTE,
    MANAGED_VIEWS,
    PREDEFINED_ATTRIBUTE,
    REFERENCE_PATHS,
    REGION,
    ReferencePath,
)
from flowops.systems.connect.trees import expand, string_leaves
from flowops.systems.connect.twins import BlockMetadata
from flowops.systems.connect.value_forms import ValueForm, form_of, is_bare_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from flowops.model import Pointer
    from flowops.systems.connect.language import Action, ContactFlow

NOWHERE = Location("")
_NAMELESS = frozenset(
    [ReferenceForm.DYNAMIC, ReferenceForm.PLACEHOLDER, ReferenceForm.EMPTY]
)


class Unpaired(StrEnum):
    """Why an id belongs to no reference."""

    METADATA = "metadata"
    BARE_ID = "bare id"


@dataclass(frozen=True, slots=True)
class Leftover:
    """An id that no reference accounts for: where it is, and in which block."""

    pointer: Pointer
    block: str
    text: str
    why: Unpaired


@dataclass(frozen=True, slots=True)
class FoundReferences:
    """The references of a flow, and the ids that belong to none of them."""

    references: tuple[Reference, ...]
    leftovers: tuple[Leftover, ...] = ()


def find_references(
    flow: ContactFlow,
    locate: Callable[[Iterable[Pointer]], Mapping[Pointer, Location]],
) -> FoundReferences:
    """Return all references of a flow with their places, and what was left over."""
    references: list[Reference] = []
    leftovers: list[Leftover] = []
    for action in flow.actions:
        found, left = _of_action(action)
        references += found
        leftovers += left
    identifiers = frozenset(action.identifier for action in flow.actions)
    return locate_references(references, leftovers, identifiers, locate)


def locate_references(
    references: list[Reference],
    leftovers: list[Leftover],
    identifiers: frozenset[str],
    locate: Callable[[Iterable[Pointer]], Mapping[Pointer, Location]],
) -> FoundReferences:
    """Pair what was left over with a reference, and give each its place."""
    references, leftovers = _pair_leftovers(references, leftovers)
    places = locate(r.path for r in references)
    return FoundReferences(
        tuple(replace(r, location=places[r.path]) for r in references),
        tuple(left for left in leftovers if left.text not in identifiers),
    )


def _of_action(action: Action) -> tuple[list[Reference], list[Leftover]]:
    here: Pointer = ("Actions", action.index, "Parameters")
    metadata = BlockMetadata(
        ("Metadata", "ActionMetadata", action.identifier), action.metadata
    )
    references: list[Reference] = []
    leftovers: list[Leftover] = []
    known: set[Pointer] = set()
    for row in REFERENCE_PATHS.get(action.type, ()):
        for path, value in expand(action.parameters, row.path):
            if not isinstance(value, str):
                continue
            known.add(path)
            if reference := refer(action.identifier, (*here, *path), value, row):
                references.append(metadata.attach(reference, path, row))
    for path, value in string_leaves(action.parameters):
        if path in known:
            continue
        for reference in free_references(action.identifier, (*here, *path), value):
            row = ReferencePath(path, reference.kind)
            references.append(metadata.attach(reference, path, row))
        if is_bare_id(value):
            leftovers.append(
                Leftover((*here, *path), action.identifier, value, Unpaired.BARE_ID)
            )
    leftovers += [
        Leftover(pointer, action.identifier, arn, Unpaired.METADATA)
        for pointer, arn in metadata.unclaimed()
    ]
    return references, leftovers


def refer(
    block: str, path: Pointer, value: str, row: ReferencePath
) -> Reference | None:
    """Return the reference that a known parameter makes, if it makes one."""
    found = form_of(value)
    if row.literal and found.form in (ReferenceForm.NAME, ReferenceForm.ARN):
        found = ValueForm(ReferenceForm.LITERAL, value)
    if row.literal and found.form is ReferenceForm.EMPTY:
        return None
    if _is_managed(row.kind, value):
        return None
    regional = found.arn.regional if found.arn else ""
    if row.kind == REGION and found.form is ReferenceForm.LITERAL:
        regional = "{region}"
    return Reference(
        kind=found.arn.kind if found.arn else row.kind,
        path=path,
        value=value,
        form=found.form,
        block=block,
        location=NOWHERE,
        key=found.key,
        suffix=found.suffix,
        regional=regional,
    )


def _is_managed(kind: str, value: str) -> bool:
    """Tell whether a name is of what AWS keeps in every instance."""
    if kind == PREDEFINED_ATTRIBUTE:
        return value.startswith(MANAGED_ATTRIBUTE)
    return kind == VIEW and value in MANAGED_VIEWS


def free_references(block: str, path: Pointer, value: str) -> Iterator[Reference]:
    """Give the ARNs in a text that nothing says is one, whole or inside of it."""
    if "arn:" not in value:
        return
    if value.startswith("arn:") and not any(sign.isspace() for sign in value):
        found = form_of(value)
        if found.form is not ReferenceForm.NAME:
            yield _free(block, path, value, found)
            return
    for start, end in find_arns(value):
        found = form_of(value[start:end])
        if found.form is not ReferenceForm.NAME:
            whole = _free(block, path, value[start:end], found)
            yield replace(whole, span=(start, end))


def _free(block: str, path: Pointer, value: str, found: ValueForm) -> Reference:
    return Reference(
        kind=found.arn.kind if found.arn else guess_kind(value),
        path=path,
        value=value,
        form=found.form,
        block=block,
        location=NOWHERE,
        key=found.key,
        suffix=found.suffix,
        regional=found.arn.regional if found.arn else "",
    )


def _pair_leftovers(
    references: list[Reference], leftovers: list[Leftover]
) -> tuple[list[Reference], list[Leftover]]:
    """Attach ids that another block's reference holds to that reference.

    A bare id in a free map becomes a reference of its own, of the same kind. What
    has no name is called as another reference to the same calls it.
    """
    references = _called_alike(references)
    if not leftovers:
        return references, leftovers
    holders = _holders(references)
    twins: dict[int, list[Pointer]] = {}
    added: list[Reference] = []
    rest: list[Leftover] = []
    for left in leftovers:
        index = holders.get(left.text, holders.get(left.text.rpartition("/")[2]))
        if index is None:
            rest.append(left)
        elif left.why is Unpaired.METADATA:
            twins.setdefault(index, []).append(left.pointer)
        else:
            added.append(_same_by_id(references[index], left))
    paired = [
        replace(r, twins=(*r.twins, *twins[i])) if i in twins else r
        for i, r in enumerate(references)
    ]
    return [*paired, *added], rest


def _called_alike(references: list[Reference]) -> list[Reference]:
    """Give each ARN or id that no name stands beside the name it has elsewhere."""
    names: dict[tuple[str, str], str] = {}
    for reference in references:
        if reference.name and reference.form not in _NAMELESS:
            names.setdefault((reference.kind, reference.key), reference.name)
    return [
        replace(r, name=names.get((r.kind, r.key), "")) if _is_unnamed(r) else r
        for r in references
    ]


def _is_unnamed(reference: Reference) -> bool:
    return reference.form in (ReferenceForm.ARN, ReferenceForm.ID) and (
        not reference.name
    )


def _holders(references: Iterable[Reference]) -> dict[str, int]:
    """Return the first reference that holds an ARN or an id, by either."""
    holders: dict[str, int] = {}
    for index, reference in enumerate(references):
        if reference.form not in _NAMELESS:
            holders.setdefault(reference.value, index)
            holders.setdefault(reference.key, index)
            holders.setdefault(reference.key.rpartition("/")[2], index)
    return holders


def _same_by_id(reference: Reference, left: Leftover) -> Reference:
    """Make a reference of a bare id; its key is the ARN that says what it is of."""
    return Reference(
        kind=reference.kind,
        path=left.pointer,
        value=left.text,
        form=ReferenceForm.ID,
        block=left.block,
        location=NOWHERE,
        key=reference.key,
        name=reference.name,
    )
