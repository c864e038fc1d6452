"""JSON: parse strictly, find a value's place, and replace values in place.

Parsing runs at the speed of the standard library's scanner. Places are worked
out only when somebody asks, by one walk over the text for all of them.
"""

from __future__ import annotations

import json
import re
from itertools import pairwise
from math import isinf
from typing import TYPE_CHECKING, NoReturn, TypeAlias

from flowops.documents.conflicts import conflict_in
from flowops.documents.source import BYTE_ORDER_MARK, SourceText
from flowops.errors import InputError
from flowops.model import Location, Pointer

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

JsonValue: TypeAlias = (
    "str | int | float | bool | Sequence[JsonValue] | Mapping[str, JsonValue] | None"
)
Span: TypeAlias = tuple[int, int]
_Trie: TypeAlias = "dict[str | int | None, _Trie]"  # None marks a wanted place

MAXIMUM_DEPTH = 100
_SPACE = re.compile(r"[ \t\n\r]*")
_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")
_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\],:]|[^\s"{}\[\],:]+', re.DOTALL)


_TOO_LARGE = "a number is too large"
_NOT_NUMBERS = ("NaN", "Infinity")


class _DuplicateKeyError(ValueError):
    """A key stands twice in one object."""


def _object(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise _DuplicateKeyError
    return result


def _constant(name: str) -> NoReturn:
    message = f"{name} is not JSON"
    raise ValueError(message)


def _finite(digits: str) -> float:
    number = float(digits)
    if isinf(number):
        raise ValueError(_TOO_LARGE)
    return number


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_constant=_constant, parse_float=_finite
)
_SKIPPER = json.JSONDecoder()
_WRITER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(", ", ": "))

_EXPORT = "export the flow again"


def parse_json(source: SourceText, hint: str = _EXPORT) -> JsonValue:
    """Parse a JSON text; ``hint`` says what to do about one that is damaged.

    Raises ``InputError`` with line and column for text that is not JSON, is cut
    off, repeats a key, nests too deeply, or holds half a surrogate pair.
    """
    text = source.text.open()
    start = 1 if text.startswith(BYTE_ORDER_MARK) else 0
    start = _space(text, start)
    try:
        value, end = _DECODER.raw_decode(text, start)
    except json.JSONDecodeError as error:
        raise conflict_in(source) or _not_json(source, text, error, hint) from None
    except _DuplicateKeyError:
        raise _duplicate_key(source, text) from None
    except RecursionError:
        raise _too_deep(source, start) from None
    except ValueError:
        raise _no_number(source, text) from None
    end = _space(text, end)
    if end != len(text):
        raise _input_error(source, end, "text follows the end of the JSON document")
    if _is_deep(value):
        raise _too_deep(source, start)
    _refuse_lone_surrogates(source, text)
    return value  # type: ignore[no-any-return]


def parse_again(source: SourceText) -> JsonValue:
    """Parse a JSON text that ``parse_json`` has taken, values in it replaced or not.

    What that looks for cannot be wrong any more, so it takes a fraction of the time.
    """
    text = source.text.open()
    start = 1 if text.startswith(BYTE_ORDER_MARK) else 0
    return json.loads(text[start:])  # type: ignore[no-any-return]


def locate(source: SourceText, pointer: Pointer) -> Location:
    """Return the place of the value a pointer leads to, or of its last parent."""
    prefixes = [pointer[:length] for length in range(len(pointer), -1, -1)]
    spans = find_spans(source.text.open(), prefixes)
    nearest = next(prefix for prefix in prefixes if prefix in spans)
    return source.place(spans[nearest][0])


def locate_all(
    source: SourceText, pointers: Iterable[Pointer]
) -> dict[Pointer, Location]:
    """Return the places of many values in one walk; absent ones are left out."""
    spans = find_spans(source.text.open(), pointers)
    places = source.places(start for start, _ in spans.values())
    return {pointer: places[start] for pointer, (start, _) in spans.items()}


def find_spans(text: str, pointers: Iterable[Pointer]) -> dict[Pointer, Span]:
    """Return start and end of the values at these pointers, in one walk.

    The text must be JSON that ``parse_json`` accepted.
    """
    trie: _Trie = {}
    for pointer in pointers:
        branch = trie
        for step in pointer:
            branch = branch.setdefault(step, {})
        branch[None] = {}
    spans: dict[Pointer, Span] = {}
    start = 1 if text.startswith(BYTE_ORDER_MARK) else 0
    _walk(text, _space(text, start), trie, (), spans)
    return spans


def replace_values(
    text: str,
    values: Mapping[Pointer, JsonValue],
    spans: Mapping[Pointer, Span] | None = None,
) -> str:
    """Replace the values at these pointers; every other byte stays as it is.

    ``spans`` are where values stand in the text, if somebody knows. Raises
    ``KeyError`` for a pointer that leads nowhere, ``ValueError`` for one that leads
    into another.
    """
    if spans is None:
        spans = find_spans(text, values)
    if missing := [pointer for pointer in values if pointer not in spans]:
        raise KeyError(missing[0])
    pieces: list[str] = []
    position = 0
    for (start, end), pointer in sorted((spans[p], p) for p in values):
        if start < position:
            message = f"{pointer} lies inside another value that is replaced"
            raise ValueError(message)
        pieces += [text[position:start], dump_value(values[pointer])]
        position = end
    return "".join([*pieces, text[position:]])


def read_value(text: str) -> JsonValue:
    """Return the value of a text that nobody wrote by hand.

    Raises ``ValueError`` for one that is not JSON.
    """
    value: JsonValue = _SKIPPER.decode(text)
    return value


def dump_value(value: JsonValue) -> str:
    """Write one value compactly, with text as it reads and not as escapes."""
    return _WRITER.encode(value)


def _space(text: str, index: int) -> int:
    match = _SPACE.match(text, index)
    return match.end() if match else index


def _walk(
    text: str, index: int, trie: _Trie, here: Pointer, spans: dict[Pointer, Span]
) -> int:
    """Walk the value at ``index``, note wanted spans below it, return its end."""
    children = len(trie) - (None in trie)
    if children and text[index] == "{":
        end = _walk_object(text, index + 1, trie, here, spans)
    elif children and text[index] == "[":
        end = _walk_array(text, index + 1, trie, here, spans)
    else:
        end = _SKIPPER.raw_decode(text, index)[1]
    if None in trie:
        spans[here] = (index, end)
    return end


def _walk_object(
    text: str, index: int, trie: _Trie, here: Pointer, spans: dict[Pointer, Span]
) -> int:
    index = _space(text, index)
    while text[index] != "}":
        key, index = _SKIPPER.raw_decode(text, index)
        index = _space(text, _space(text, index) + 1)
        index = _step(text, index, trie, (*here, key), spans)
        index = _next_item(text, index)
    return index + 1


def _walk_array(
    text: str, index: int, trie: _Trie, here: Pointer, spans: dict[Pointer, Span]
) -> int:
    index = _space(text, index)
    position = 0
    while text[index] != "]":
        index = _step(text, index, trie, (*here, position), spans)
        index = _next_item(text, index)
        position += 1
    return index + 1


def _step(
    text: str, index: int, trie: _Trie, here: Pointer, spans: dict[Pointer, Span]
) -> int:
    branch = trie.get(here[-1])
    if branch is None:
        return _SKIPPER.raw_decode(text, index)[1]
    return _walk(text, index, branch, here, spans)


def _next_item(text: str, index: int) -> int:
    index = _space(text, index)
    return _space(text, index + 1) if text[index] == "," else index


def _input_error(
    source: SourceText, offset: int, message: str, hint: str = ""
) -> InputError:
    return InputError(message, hint=hint, location=source.place(offset))


def _too_deep(source: SourceText, offset: int) -> InputError:
    return _input_error(source, offset, "the JSON nests too deeply")


def _is_deep(value: JsonValue) -> bool:
    """Tell whether a walk that calls itself for each level could fail."""
    level = [value]
    for _ in range(MAXIMUM_DEPTH + 1):
        below: list[JsonValue] = []
        for item in level:
            if isinstance(item, dict):
                below += item.values()
            elif isinstance(item, list):
                below += item
        if not below:
            return False
        level = below
    return True


def _not_json(
    source: SourceText, text: str, error: json.JSONDecodeError, hint: str
) -> InputError:
    if not text.strip(BYTE_ORDER_MARK + " \t\r\n"):
        return _input_error(source, 0, "the file is empty", hint)
    unfinished = error.msg.startswith("Unterminated string")
    if unfinished or error.pos >= len(text.rstrip()):
        return _input_error(
            source,
            len(text.rstrip()),
            "the JSON ends in the middle: the file is cut off",
            "export or copy it again" if hint == _EXPORT else hint,
        )
    reason = error.msg[0].lower() + error.msg[1:]
    return _input_error(source, error.pos, f"this is not JSON: {reason}", hint)


def _no_number(source: SourceText, text: str) -> InputError:
    """Say which number cannot be one; Python says it in words of its own."""
    for token in _TOKEN.finditer(text):
        word = token.group()
        try:
            if word[0] != '"':
                _DECODER.decode(word)
        except json.JSONDecodeError:
            continue
        except ValueError as error:
            words = f"{error}" if word.endswith(_NOT_NUMBERS) else _TOO_LARGE
            place = token.start()
            return _input_error(source, place, f"this is not JSON: {words}")
    return _input_error(source, 0, f"this is not JSON: {_TOO_LARGE}")


def _duplicate_key(source: SourceText, text: str) -> InputError:
    offset, key = find_duplicate(text)
    return _input_error(
        source, offset, f"the key {key!r} stands twice in one object", "keep one"
    )


def find_duplicate(text: str) -> tuple[int, str]:
    """Return offset and name of the first key that repeats in its object."""
    seen: list[set[str] | None] = []
    tokens = [*_TOKEN.finditer(text)]
    for token, following in pairwise(tokens):
        word = token.group()
        if word in "{[":
            seen.append(set() if word == "{" else None)
        elif word in "}]":
            seen.pop()
        elif following.group() == ":" and seen and (keys := seen[-1]) is not None:
            key = json.loads(word)
            if key in keys:
                return token.start(), key
            keys.add(key)
    return 0, ""


def _refuse_lone_surrogates(source: SourceText, text: str) -> None:
    """Refuse half a surrogate pair: it cannot be written as UTF-8 again."""
    if not _SURROGATE_ESCAPE.search(text):
        return
    for token in _TOKEN.finditer(text):
        if not token.group().startswith('"'):
            continue
        try:
            json.loads(token.group()).encode("utf-8")
        except UnicodeEncodeError:
            raise _input_error(
                source, token.start(), "the text holds half a surrogate pair"
            ) from None
