"""Take a flow out of what other tools wrap it in.

A wrapper is the answer of DescribeContactFlow or DescribeContactFlowModule, an
object with ``Name``, ``Type`` and ``Content``, or a resource of CloudFormation,
alone or as the only flow of a template. ``Content`` is JSON inside a JSON text, or
the object itself. Name, type and description are those of the wrapper.

Source: the output of DescribeContactFlow in the Amazon Connect API reference;
``AWS::Connect::ContactFlow`` in the CloudFormation template reference.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowops.documents.json_text import JsonValue, find_spans, locate, parse_json
from flowops.documents.source import SourceText, source_text
from flowops.errors import InputError
from flowops.systems.connect.flow_types import CONTACT_FLOW, FLOW_MODULE
from flowops.systems.connect.shapes import given_text
from flowops.systems.connect.substitutions import (
    is_function,
    placeholders,
    text_of_sub,
    unescaped,
)
from flowops.systems.connect.tags import read_tags

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from flowops.model import Location, Pointer

_DESCRIBED: Mapping[str, str] = {
    "ContactFlow": CONTACT_FLOW,
    "ContactFlowModule": FLOW_MODULE,
}
_RESOURCES: Mapping[str, str] = {
    "AWS::Connect::ContactFlow": CONTACT_FLOW,
    "AWS::Connect::ContactFlowModule": FLOW_MODULE,
}
_PLAIN = ("Settings", "Tags")
_CHARACTERS = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    r"|\\u[0-9a-fA-F]{4}|\\.|[^\\]+"
)


@dataclass(frozen=True, slots=True)
class WrappedText(SourceText):
    """A text that stands inside another: its places are those in the file."""

    outer: SourceText
    offsets: Sequence[int]

    def places(self, offsets: Iterable[int]) -> dict[int, Location]:
        """Turn offsets in the inner text into places in the file."""
        last = len(self.offsets) - 1
        outside = {offset: self.offsets[min(offset, last)] for offset in offsets}
        found = self.outer.places(outside.values())
        return {offset: found[place] for offset, place in outside.items()}


@dataclass(frozen=True, slots=True)
class Unwrapped:
    """A flow's own document, and what the wrapper says of it.

    ``placeholders`` are those of ``Fn::Sub``. ``tags`` are nothing where none are said.
    """

    source: SourceText
    root: JsonValue
    kind: str = ""
    name: str = ""
    type: str = ""
    description: str | None = None
    tags: Mapping[str, str] | None = None
    placeholders: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Wrapper:
    """Where a wrapper holds its flow, and of which kind the flow is."""

    pointer: Pointer
    fields: Mapping[str, JsonValue]
    kind: str
    fallback: str = ""


def is_bare(root: JsonValue) -> bool:
    """Tell whether a document is a flow itself, of the current or the old language."""
    if not isinstance(root, dict):
        return False
    return ("Version" in root and "Actions" in root) or is_legacy(root)


def is_legacy(root: JsonValue) -> bool:
    """Tell whether a document is an export of the language before 2019-10-30."""
    return isinstance(root, dict) and "modules" in root and "start" in root


def is_wrapped(root: JsonValue) -> bool:
    """Tell whether a document holds a flow, or several, in a known wrapper."""
    return bool(_wrappers(root))


def unwrap(source: SourceText, root: JsonValue) -> Unwrapped:
    """Return the flow inside a document; a bare flow is returned as it is.

    Raises ``InputError`` for several flows and for content that cannot be read.
    """
    if is_bare(root):
        return Unwrapped(source, root)
    wrappers = _wrappers(root)
    if len(wrappers) != 1:
        raise _several(source, wrappers)
    (wrapper,) = wrappers
    _refuse_functions(source, wrapper)
    inner, document, marks = _content(source, wrapper)
    if wrapper.kind == FLOW_MODULE:
        inner, document = _with_settings(source, wrapper, inner, document)
    return Unwrapped(
        source=inner,
        root=document,
        kind=wrapper.kind,
        name=_text(wrapper, "Name") or wrapper.fallback,
        type=_text(wrapper, "Type") if wrapper.kind == CONTACT_FLOW else "",
        description=given_text(wrapper.fields, "Description"),
        tags=read_tags(source, wrapper.fields, wrapper.pointer),
        placeholders=marks,
    )


def _refuse_functions(source: SourceText, wrapper: _Wrapper) -> None:
    """Refuse what a stack would work out, but for the content."""
    for key in _PLAIN:
        if is_function(wrapper.fields.get(key)):
            raise InputError(
                f"{key} is a function of CloudFormation, which FlowOps does not run",
                hint=f"write the {key} in the clear",
                location=locate(source, (*wrapper.pointer, key)),
            )


def _wrappers(root: JsonValue) -> tuple[_Wrapper, ...]:
    if not isinstance(root, dict):
        return ()
    for key, kind in _DESCRIBED.items():
        if isinstance(fields := root.get(key), dict) and "Content" in fields:
            return (_Wrapper((key,), fields, kind),)
    if isinstance(resources := root.get("Resources"), dict):
        found = [_resource(value, ("Resources", k)) for k, value in resources.items()]
        return tuple(wrapper for wrapper in found if wrapper)
    if resource := _resource(root, ()):
        return (resource,)
    if "Name" in root and _looks_like_a_flow(root.get("Content")):
        kind = CONTACT_FLOW if "Type" in root else ""
        return (_Wrapper((), root, kind),)
    return ()


def _resource(value: JsonValue, pointer: Pointer) -> _Wrapper | None:
    if not isinstance(value, dict):
        return None
    kind = _RESOURCES.get(str(value.get("Type")))
    fields = value.get("Properties")
    if kind is None or not isinstance(fields, dict):
        return None
    name = str(pointer[-1]) if pointer else ""
    return _Wrapper((*pointer, "Properties"), fields, kind, fallback=name)


def _looks_like_a_flow(content: JsonValue) -> bool:
    if isinstance(content, str):
        return content.lstrip().startswith("{") and '"Actions"' in content
    return is_bare(content)


def _several(source: SourceText, wrappers: Sequence[_Wrapper]) -> InputError:
    names = ", ".join(_text(w, "Name") or w.fallback for w in wrappers)
    return InputError(
        f"the template holds {len(wrappers)} flows: {names}",
        hint="FlowOps reads one flow a file: keep the content of each in its own",
        location=locate(source, wrappers[-1].pointer if wrappers else ()),
    )


def _content(
    source: SourceText, wrapper: _Wrapper
) -> tuple[SourceText, JsonValue, frozenset[str]]:
    """Return the text of the flow, the flow, and the placeholders of ``Fn::Sub``."""
    content = wrapper.fields.get("Content")
    pointer = (*wrapper.pointer, "Content")
    if isinstance(content, str):
        inner = text_inside(source, pointer)
        return inner, parse_json(inner), frozenset()
    if path := text_of_sub(content):
        raw = text_inside(source, (*pointer, *path))
        text = raw.text.open()
        inner = _wrapped(source, *unescaped(text, raw.offsets))
        return inner, parse_json(inner), placeholders(text)
    if is_bare(content):
        return text_of(source, pointer), content, frozenset()
    raise InputError(
        "Content is neither the JSON text of a flow nor a flow",
        hint="of the functions of CloudFormation FlowOps reads Fn::Sub alone",
        location=locate(source, pointer),
    )


def text_inside(source: SourceText, pointer: Pointer) -> WrappedText:
    """Return the text that a JSON string holds, each character with its place."""
    text = source.text.open()
    start, end = find_spans(text, [pointer])[pointer]
    offsets: list[int] = []
    for match in _CHARACTERS.finditer(text, start + 1, end - 1):
        plain = text[match.start()] != "\\"
        offsets += range(*match.span()) if plain else [match.start()]
    return _wrapped(source, json.loads(text[start:end]), [*offsets, end - 1])


def text_of(source: SourceText, pointer: Pointer) -> WrappedText:
    """Return the text of a value as it stands in a file."""
    text = source.text.open()
    start, end = find_spans(text, [pointer])[pointer]
    return _wrapped(source, text[start:end], range(start, end + 1))


def _wrapped(outer: SourceText, text: str, offsets: Sequence[int]) -> WrappedText:
    sealed = source_text(outer.path, text).text
    return WrappedText(outer.path, sealed, outer, offsets)


def _with_settings(
    outer: SourceText, wrapper: _Wrapper, inner: SourceText, document: JsonValue
) -> tuple[SourceText, JsonValue]:
    """Put the settings of a module where an export has them: into the content."""
    given = wrapper.fields.get("Settings")
    pointer = (*wrapper.pointer, "Settings")
    if not isinstance(document, dict) or "Settings" in document or not given:
        return inner, document
    settings = text_inside(outer, pointer) if isinstance(given, str) else None
    text = inner.text.open().rstrip()
    settings = settings or text_of(outer, pointer)
    value = parse_json(settings)
    joint = ', "Settings": '
    body = text[:-1].rstrip()
    places = inner.offsets if isinstance(inner, WrappedText) else range(len(text))
    start = settings.offsets[0]
    offsets = [*places[: len(body)], *[start] * len(joint), *settings.offsets]
    whole = f"{body}{joint}{settings.text.open()}}}"
    return _wrapped(outer, whole, offsets), {**document, "Settings": value}


def _text(wrapper: _Wrapper, key: str) -> str:
    value = wrapper.fields.get(key)
    return value if isinstance(value, str) else ""
