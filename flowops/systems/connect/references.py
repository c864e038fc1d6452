"""Find every place in a flow that names a resource of an instance.

``Parameters`` decide; the names and ids that the designer repeats in
``ActionMetadata`` are attached to the reference they repeat.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from flowops.documents.json_text import JsonValue, locate_all
from flowops.model import Finding, Location, Reference, ReferenceForm, Severity
from flowops.systems.connect.arns import ARN, LAMBDA_FUNCTION, parse_arn
from flowops.systems.connect.reference_table import REFERENCE_PATHS, ReferencePath

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flowops.documents.source import SourceText
    from flowops.model import Pointer
    from flowops.systems.connect.language import Action, ContactFlow

_ID = re.compile(
    r"(?P<key>[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})(?P<suffix>:.+)?"
)
_PLACEHOLDER = re.compile(
    r"\$?\$\{.*\}|\{\{.*\}\}|%%.*%%|%\w+%|<<.*>>|<[\w .-]+>|##.*##|__\w+__"
    r"|ENTER [\w ]+|arn:.*(\$\{|\{\{|<<|%%|##|__|<[\w.-]+>).*",
    re.DOTALL,
)
_NOWHERE = Location("")


def is_dynamic(value: str) -> bool:
    """Tell whether a value is, or holds, a JSONPath that a contact fills in."""
    return value.startswith(("$.", "$[")) or (
        value.startswith("arn:") and ("$." in value or "$[" in value)
    )


def find_references(
    flow: ContactFlow, source: SourceText
) -> tuple[tuple[Reference, ...], tuple[Finding, ...]]:
    """Return all references of a flow with their places, and ARNs left unchecked."""
    references: list[Reference] = []
    unknown: list[tuple[Pointer, str, str]] = []
    for action in flow.actions:
        references += _of_action(action)
        unknown += _unchecked(action, {r.path for r in references})
    places = locate_all(source, [r.path for r in references] + [u[0] for u in unknown])
    located = tuple(replace(r, location=places[r.path]) for r in references)
    findings = tuple(
        Finding(
            "connect/reference-not-checked",
            Severity.WARNING,
            f"block {block}: {arn} names a resource that cannot be checked yet",
            places[path],
        )
        for path, block, arn in unknown
    )
    return located, findings


def _of_action(action: Action) -> Iterator[Reference]:
    known: set[Pointer] = set()
    for row in REFERENCE_PATHS.get(action.type, ()):
        for path, value in expand(action.parameters, row.path):
            if isinstance(value, str):
                known.add(path)
                yield _reference(action, path, value, row)
    for path, value in string_leaves(action.parameters):
        if path not in known and (arn := parse_arn(value)) and not is_dynamic(value):
            yield _reference(action, path, value, ReferencePath(path, arn.kind))


def _unchecked(
    action: Action, known: set[Pointer]
) -> Iterator[tuple[Pointer, str, str]]:
    for path, value in string_leaves(action.parameters):
        place: Pointer = ("Actions", action.index, "Parameters", *path)
        if "arn:" not in value or place in known or is_dynamic(value):
            continue
        for arn in ARN.findall(value):
            if not _PLACEHOLDER.fullmatch(arn):
                yield place, action.identifier, arn


def _reference(
    action: Action, path: Pointer, value: str, row: ReferencePath
) -> Reference:
    form, key, suffix = _form(value)
    reference = Reference(
        kind=row.kind,
        path=("Actions", action.index, "Parameters", *path),
        value=value,
        form=form,
        block=action.identifier,
        location=_NOWHERE,
        key=key,
        suffix=suffix,
    )
    if form is ReferenceForm.DYNAMIC:
        return reference
    return _with_metadata(reference, action, path, row)


def _form(value: str) -> tuple[ReferenceForm, str, str]:
    if not value.strip():
        return ReferenceForm.EMPTY, "", ""
    if is_dynamic(value):
        return ReferenceForm.DYNAMIC, "", ""
    if _PLACEHOLDER.fullmatch(value):
        return ReferenceForm.PLACEHOLDER, "", ""
    if arn := parse_arn(value):
        return ReferenceForm.ARN, arn.key, arn.suffix
    if match := _ID.fullmatch(value):
        return ReferenceForm.ID, match["key"], match["suffix"] or ""
    return ReferenceForm.NAME, value, ""


def _with_metadata(
    reference: Reference, action: Action, path: Pointer, row: ReferencePath
) -> Reference:
    """Attach the names and repeated ids that the designer keeps for this value."""
    name_places: list[Pointer] = [("parameters", *path, "displayName"), *row.names]
    id_places: list[Pointer] = list(row.ids)
    if row.kind == "prompt":
        audio_names, audio_ids = _audio(action.metadata, reference.value)
        name_places += audio_names
        id_places += audio_ids
    names = {p: n for p in name_places if (n := _text_at(action.metadata, p))}
    ids = [p for p in id_places if _text_at(action.metadata, p)]
    root: Pointer = ("Metadata", "ActionMetadata", action.identifier)
    return replace(
        reference,
        name=_name(reference, names),
        name_twins=tuple((*root, *p) for p in names),
        twins=tuple((*root, *p) for p in ids),
    )


def _audio(
    metadata: Mapping[str, JsonValue], value: str
) -> tuple[list[Pointer], list[Pointer]]:
    """Return name and id places of the ``audio`` entries that repeat this id.

    Entries are not aligned with ``Messages``; only the id pairs them.
    """
    names: list[Pointer] = []
    ids: list[Pointer] = []
    audio = metadata.get("audio")
    for index in range(len(audio) if isinstance(audio, list) else 0):
        for below in ((), ("prompt",)):
            place: Pointer = ("audio", index, *below)
            if value and _text_at(metadata, (*place, "id")) == value:
                ids.append((*place, "id"))
                names.append((*place, "text"))
    return names, ids


def _name(reference: Reference, names: Mapping[Pointer, str]) -> str:
    """Return the resource's name: a Lambda says its own, others are told by names."""
    if reference.kind == LAMBDA_FUNCTION and reference.form is ReferenceForm.ARN:
        return reference.key.rpartition(":")[2]
    named = [n for n in names.values() if not n.startswith(("arn:", "$"))]
    if named:
        return named[0]
    return reference.value if reference.form is ReferenceForm.NAME else ""


def expand(value: JsonValue, path: Pointer) -> Iterator[tuple[Pointer, JsonValue]]:
    """Give every place a table's path leads to, with what stands there."""
    if not path:
        yield (), value
        return
    step, rest = path[0], path[1:]
    for key, below in _items(value):
        if step in ("*", key):
            for tail, found in expand(below, rest):
                yield (key, *tail), found


def string_leaves(value: JsonValue) -> Iterator[tuple[Pointer, str]]:
    """Give every text below a value, with its path."""
    if isinstance(value, str):
        yield (), value
        return
    for key, below in _items(value):
        for tail, found in string_leaves(below):
            yield (key, *tail), found


def _items(value: JsonValue) -> Iterator[tuple[str | int, JsonValue]]:
    if isinstance(value, dict):
        yield from value.items()
    elif isinstance(value, list):
        yield from enumerate(value)


def _text_at(value: JsonValue, path: Pointer) -> str:
    for step in path:
        if isinstance(value, dict) and isinstance(step, str):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return ""
    return value if isinstance(value, str) else ""
