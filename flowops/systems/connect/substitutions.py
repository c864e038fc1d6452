"""Read a ``Content`` under ``Fn::Sub`` of CloudFormation, which nobody runs here.

Its text is the flow, with ``${Name}`` where a stack would put a value: where that is
in a reference, the reference has to be mapped, as any placeholder. ``${!Name}`` is the
text ``${Name}``. Source: ``Fn::Sub`` in the CloudFormation template reference.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flowops.documents.json_text import JsonValue, locate
from flowops.errors import InputError
from flowops.systems.connect.trees import string_leaves

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from flowops.documents.source import SourceText
    from flowops.model import Pointer, Reference

SUB = "Fn::Sub"
_PARTS = 2  # the text, and the values of its own names
_LITERAL = re.compile(r"\$\{(!)[^}]*\}")
_NAME = re.compile(r"\$\{([^!}][^}]*)\}")


def is_function(value: JsonValue) -> bool:
    """Tell whether a value is a function of CloudFormation, such as ``Ref``."""
    if not isinstance(value, dict) or len(value) != 1:
        return False
    name = str(*value)
    return name == "Ref" or name.startswith("Fn::")


def text_of_sub(value: JsonValue) -> Pointer | None:
    """Return where in a ``Fn::Sub`` its text stands, or nothing for anything else."""
    if not isinstance(value, dict) or value.keys() != {SUB}:
        return None
    body = value[SUB]
    if isinstance(body, str):
        return (SUB,)
    is_pair = isinstance(body, list) and len(body) == _PARTS
    if is_pair and isinstance(body[0], str) and isinstance(body[1], dict):
        return (SUB, 0)
    return None


def unescaped(text: str, offsets: Sequence[int]) -> tuple[str, Sequence[int]]:
    """Write what is no placeholder as it is meant; offsets stay with characters."""
    marks = [match.start(1) for match in _LITERAL.finditer(text)]
    if not marks:
        return text, offsets
    starts, ends = [0, *(mark + 1 for mark in marks)], [*marks, len(text)]
    pieces = list(zip(starts, ends, strict=True))
    kept = [offset for start, end in pieces for offset in offsets[start:end]]
    return "".join(text[start:end] for start, end in pieces), [*kept, offsets[-1]]


def placeholders(text: str) -> frozenset[str]:
    """Return the placeholders that a stack would fill in, as they are written."""
    return frozenset(match[0] for match in _NAME.finditer(text))


def check_placeholders(
    source: SourceText,
    document: JsonValue,
    references: Iterable[Reference],
    marks: Collection[str],
) -> None:
    """Hold a text to have placeholders nowhere but where an answer replaces them.

    Raises ``InputError`` with the place of another one: what a stack would put there
    is not known, and the flow would go live with the placeholder in it.
    """
    spans: dict[Pointer, list[tuple[int, int] | None]] = {}
    for reference in references:
        spans.setdefault(reference.path, []).append(reference.span)
        for twin in (*reference.twins, *reference.name_twins):
            spans.setdefault(twin, []).append(None)
    for pointer, value in string_leaves(document):
        rest = _outside(value, spans.get(pointer, ()))
        if found := next((mark for mark in sorted(marks) if mark in rest), ""):
            raise _misplaced(source, pointer, found)
    if found := next((m for m in sorted(marks) if _is_key(document, m)), ""):
        raise _misplaced(source, (), found)


def _outside(value: str, spans: Iterable[tuple[int, int] | None]) -> str:
    """Return what no reference covers of a text."""
    for span in sorted((s or (0, len(value)) for s in spans), reverse=True):
        value = f"{value[: span[0]]} {value[span[1] :]}"
    return value


def _is_key(value: JsonValue, mark: str) -> bool:
    if isinstance(value, dict):
        return any(mark in key or _is_key(v, mark) for key, v in value.items())
    return isinstance(value, list) and any(_is_key(item, mark) for item in value)


def _misplaced(source: SourceText, pointer: Pointer, mark: str) -> InputError:
    return InputError(
        f"{mark} of Fn::Sub stands where the flow refers to nothing",
        hint="FlowOps runs no functions of CloudFormation: write the value, or "
        f"${{!{mark[2:]} when this is the text of the flow",
        location=locate(source, pointer),
    )
