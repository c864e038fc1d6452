"""Where the values stand that a rewrite may change, and proof that they stand there.

One proof serves every environment. Each of these values is replaced by a mark of its
own, and what is read then must be the flow's document with the marks in place of the
values, and nothing else. A text in JSON stays one when a value in it is replaced by
any other (RFC 8259, section 2), so what holds for the marks holds for every value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.documents.canonical import text_digest
from flowops.documents.json_text import (
    JsonValue,
    Span,
    dump_value,
    find_spans,
    read_value,
    replace_values,
)
from flowops.documents.source import BYTE_ORDER_MARK
from flowops.systems.connect.trees import text_at

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from flowops.model import Pointer, Reference
    from flowops.systems.connect.language import ContactFlow
_MOST_SOUGHT = 16


def content_of(flow: ContactFlow) -> str:
    """Return the text of a flow as an instance takes it."""
    return flow.source.text.open().removeprefix(BYTE_ORDER_MARK)


def places_of(
    values: Iterable[Pointer],
    flow: ContactFlow,
    references: Iterable[Reference],
    text: str,
) -> Mapping[Pointer, Span]:
    """Return where these values stand in ``content_of`` a flow, among others.

    Those that its references may change are found and proved together, once. Raises
    ``ValueError`` when one is not there.
    """
    places = flow.learnt.places
    if places is None or not all(pointer in places for pointer in values):
        pointers = [*dict.fromkeys([*_changeable(references), *values])]
        try:
            sought = seek(text, [text_at(flow.document, p) for p in pointers])
            places = prove(flow.document, text, pointers, sought)
        except ValueError:  # such as a text that others repeat
            walked = find_spans(text, pointers)
            places = prove(flow.document, text, pointers, walked.values())
        flow.learnt.places = places
    return places


def _changeable(references: Iterable[Reference]) -> Iterator[Pointer]:
    for reference in references:
        yield reference.path
        yield from reference.twins
        yield from reference.name_twins


def seek(text: str, values: Collection[str]) -> list[Span]:
    """Return where these values are written in a text, which may not be all of them.

    That is faster than a walk over a text. Raises ``ValueError`` for more sorts of
    values than are worth it.
    """
    tokens = {dump_value(value) for value in values}
    if len(tokens) > _MOST_SOUGHT:
        message = "too many to look for one by one"
        raise ValueError(message)
    return [span for token in tokens for span in _spans(text, token)]


def _spans(text: str, token: str) -> Iterator[Span]:
    start = text.find(token)
    while start >= 0:
        end = start + len(token)
        yield start, end
        start = text.find(token, end)


def prove(
    document: JsonValue, text: str, pointers: Collection[Pointer], spans: Iterable[Span]
) -> Mapping[Pointer, Span]:
    """Tell which pointer leads to which span, if each to one, and none is left.

    Raises ``ValueError`` when it is not so.
    """
    mark = text_digest(text)  # stands nowhere in it
    marked: dict[Pointer, Span] = {(n,): span for n, span in enumerate(spans)}
    marks = {place: f"{mark} {place[0]}" for place in marked}
    found = read_value(replace_values(text, marks, marked))
    by_mark = {marks[place]: span for place, span in marked.items()}
    seen = {pointer: text_at(found, pointer) for pointer in pointers}
    if set(by_mark) != set(seen.values()):
        message = "a value is not where it was looked for"
        raise ValueError(message)
    if found != substituted(document, seen):
        message = "something else is where a value was looked for"
        raise ValueError(message)
    return {pointer: by_mark[word] for pointer, word in seen.items()}


def is_rewritten(
    before: str,
    after: str,
    values: Mapping[Pointer, JsonValue],
    places: Mapping[Pointer, Span],
) -> bool:
    """Tell whether a text is another one with these values at proved places.

    What lies between them is compared, and each value is read.
    """
    done = position = 0
    for (start, end), pointer in sorted((places[p], p) for p in values):
        value = dump_value(values[pointer])
        piece = f"{before[done:start]}{value}"
        if (
            not after.startswith(piece, position)
            or read_value(value) != values[pointer]
        ):
            return False
        done, position = end, position + len(piece)
    return after[position:] == before[done:]


def substituted(value: JsonValue, values: Mapping[Pointer, JsonValue]) -> JsonValue:
    """Return a copy of a value with others at these paths, where they lead to.

    What no path leads into is the same object in both.
    """
    if len(values) == 1:
        ((path, new),) = values.items()
        return _with(value, path, new)
    below: dict[str | int, dict[Pointer, JsonValue]] = {}
    for path, new in values.items():
        if not path:
            return new
        below.setdefault(path[0], {})[path[1:]] = new
    if isinstance(value, dict):
        found = dict(value)
        for key in below.keys() & value.keys():
            found[key] = substituted(value[key], below[key])
        return found
    if isinstance(value, list):
        items = list(value)
        for index, rest in below.items():
            if isinstance(index, int) and index < len(items):
                items[index] = substituted(items[index], rest)
        return items
    return value


def _with(value: JsonValue, path: Pointer, new: JsonValue) -> JsonValue:
    """Return a copy of a value with another one at a path, if it leads anywhere."""
    if not path:
        return new
    step = path[0]
    if isinstance(value, dict) and step in value:
        return {**value, step: _with(value[step], path[1:], new)}
    if isinstance(value, list) and isinstance(step, int) and step < len(value):
        return [*value[:step], _with(value[step], path[1:], new), *value[step + 1 :]]
    return value
