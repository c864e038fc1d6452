"""Read YAML 1.2 strictly: every key and value with its place, no surprises.

The text is split into events by PyYAML's parser; plain scalars are resolved by the
core schema of YAML 1.2 (https://yaml.org/spec/1.2.2/#103-core-schema), so that
``no`` and ``on`` stay text. Duplicate keys, tags, merge keys and anchors that
repeat too much are refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import isinf
from typing import TYPE_CHECKING, TypeAlias, cast

import yaml

from flowops.documents.conflicts import conflict_in
from flowops.errors import InputError
from flowops.model import Location

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowops.documents.source import SourceText

MAXIMUM_NODES = 200_000
MAXIMUM_DEPTH = 100
# In YAML a brace begins a mapping, and a percent sign begins no value.
_BARE_TEMPLATE = re.compile(r"(?:^|[:,\[{-])\s*(?:\{\{|\{%)|\}\}")
_QUOTE = 'put a text with a template in quotes: "{{ name }}"'
_NULL = re.compile(r"~|null|Null|NULL|\Z")
_TRUE = re.compile(r"true|True|TRUE")
_FALSE = re.compile(r"false|False|FALSE")
_INTEGER = re.compile(r"[-+]?[0-9]{1,4000}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")

Scalar: TypeAlias = str | int | float | bool | None
YamlError = yaml.YAMLError  # what a library raises that reads YAML by itself


@dataclass(frozen=True, slots=True)
class YamlScalar:
    """One value: what it means, how it was typed, and where."""

    value: Scalar
    text: str
    location: Location


@dataclass(frozen=True, slots=True)
class YamlSequence:
    """A list of nodes and where it starts."""

    items: tuple[YamlNode, ...]
    location: Location


@dataclass(frozen=True, slots=True)
class YamlEntry:
    """A key with its place, and its value."""

    key: str
    location: Location
    value: YamlNode


@dataclass(frozen=True, slots=True)
class YamlMapping:
    """Entries in the order of the file, and where they start."""

    entries: tuple[YamlEntry, ...]
    location: Location

    def get(self, key: str) -> YamlNode | None:
        """Return the value of a key, or nothing."""
        for entry in self.entries:
            if entry.key == key:
                return entry.value
        return None

    def __iter__(self) -> Iterator[YamlEntry]:
        """Give the entries in order."""
        return iter(self.entries)


YamlNode: TypeAlias = YamlScalar | YamlSequence | YamlMapping
_Content: TypeAlias = yaml.ScalarEvent | yaml.CollectionStartEvent


def parse_yaml(source: SourceText) -> YamlNode:
    """Parse one YAML document; an empty file is an empty mapping.

    Raises ``InputError`` with line and column for text that is not YAML and for
    everything this reader refuses.
    """
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    events = yaml.parse(source.text.open(), Loader=loader)
    try:
        root = _Reader(source.path, events).document()
    except yaml.YAMLError as error:
        raise conflict_in(source) or _not_yaml(source, error) from None
    return YamlMapping((), Location(source.path)) if root is None else root


def mapping_of(node: YamlNode, what: str) -> YamlMapping:
    """Return a node that has to be a mapping; an empty value is an empty one.

    Raises ``InputError`` when it is something else.
    """
    if isinstance(node, YamlMapping):
        return node
    if isinstance(node, YamlScalar) and node.value is None:
        return YamlMapping((), node.location)
    raise InputError(f"{what} must be a mapping of keys", location=node.location)


def text_of(node: YamlNode, what: str) -> str:
    """Return a scalar as the text that was typed.

    Raises ``InputError`` for a list, a mapping or an empty value.
    """
    if isinstance(node, YamlScalar) and node.value is not None:
        return node.text
    raise InputError(f"{what} must be a text", location=node.location)


def boolean_of(node: YamlNode, what: str) -> bool:
    """Return a boolean; ``yes`` and ``on`` are text in YAML 1.2 and refused."""
    if isinstance(node, YamlScalar) and isinstance(node.value, bool):
        return node.value
    raise InputError(f"{what} must be true or false", location=node.location)


def plain(node: YamlNode) -> object:
    """Return the bare value of a node, without places."""
    if isinstance(node, YamlScalar):
        return node.value
    if isinstance(node, YamlSequence):
        return [plain(item) for item in node.items]
    return {entry.key: plain(entry.value) for entry in node.entries}


class _Reader:
    """Turns parser events into nodes with places, within a budget.

    PyYAML's own composer is not used: it ends the process on deep nesting.
    """

    def __init__(self, path: str, events: Iterator[yaml.Event]) -> None:
        self._path = path
        self._events = events
        self._left = MAXIMUM_NODES
        self._depth = 0
        self._anchors: dict[str, tuple[YamlNode, int] | None] = {}

    def document(self) -> YamlNode | None:
        """Read the only document, or nothing from a file without one."""
        root = None
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                if root is not None:
                    raise InputError(
                        "a second document starts here",
                        hint="keep one in a file",
                        location=self._place(event),
                    )
                root = self._node(next(self._events))
        return root

    def _node(self, event: yaml.Event) -> YamlNode:
        location = self._place(event)
        if isinstance(event, yaml.AliasEvent):
            return self._alias(str(event.anchor), location)
        content = cast("_Content", event)  # nothing else starts a node
        self._spend(1, location)
        if content.tag:
            raise _refused_tag(content.tag, location)
        return self._anchored(content, location)

    def _anchored(self, event: _Content, location: Location) -> YamlNode:
        """Read a node and keep it, with its size, for those that repeat it."""
        name, left = event.anchor, self._left
        if name is None:
            return self._content(event, location)
        if name in self._anchors:
            raise InputError(f"the anchor &{name} stands twice", location=location)
        self._anchors[name] = None
        node = self._content(event, location)
        self._anchors[name] = node, left - self._left + 1
        return node

    def _content(self, event: _Content, location: Location) -> YamlNode:
        if isinstance(event, yaml.ScalarEvent):
            value = event.value if event.style else _resolve(event.value)
            if isinstance(value, float) and isinf(value):
                raise InputError(
                    "a number is too large",
                    hint="put it in quotes if it is a text",
                    location=location,
                )
            return YamlScalar(value, event.value, location)
        self._depth += 1
        if self._depth > MAXIMUM_DEPTH:
            raise InputError("the YAML nests too deeply", location=location)
        node: YamlNode
        if isinstance(event, yaml.SequenceStartEvent):
            node = YamlSequence(tuple(self._items()), location)
        else:
            node = YamlMapping(tuple(self._entries().values()), location)
        self._depth -= 1
        return node

    def _items(self) -> Iterator[YamlNode]:
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            yield self._node(event)

    def _entries(self) -> dict[str, YamlEntry]:
        entries: dict[str, YamlEntry] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            entry = self._entry(event)
            if entry.key in entries:
                raise InputError(
                    f"the key {entry.key!r} stands twice",
                    hint=f"first at line {entries[entry.key].location.line}; keep one",
                    location=entry.location,
                )
            entries[entry.key] = entry
        return entries

    def _entry(self, event: yaml.Event) -> YamlEntry:
        key = self._node(event)
        if not isinstance(key, YamlScalar):
            hint = _QUOTE if isinstance(key, YamlMapping) else ""
            raise InputError("a key must be a text", hint=hint, location=key.location)
        if key.text == "<<" and not getattr(event, "style", "*"):
            raise InputError(
                "merge keys (<<) are not YAML 1.2",
                hint="use `extends`, or write the values out",
                location=key.location,
            )
        return YamlEntry(key.text, key.location, self._node(next(self._events)))

    def _alias(self, name: str, location: Location) -> YamlNode:
        if name not in self._anchors:
            raise InputError(f"there is no anchor &{name} above", location=location)
        found = self._anchors[name]
        if found is None:
            raise _endless(location)
        node, size = found
        self._spend(size, location)
        return node

    def _spend(self, nodes: int, location: Location) -> None:
        self._left -= nodes
        if self._left < 0:
            raise _endless(location)

    def _place(self, event: yaml.Event) -> Location:
        mark = event.start_mark
        if mark is None:
            return Location(self._path)
        return Location(self._path, mark.line + 1, mark.column + 1)


def _resolve(text: str) -> Scalar:
    if _NULL.fullmatch(text):
        return None
    if _TRUE.fullmatch(text):
        return True
    if _FALSE.fullmatch(text):
        return False
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text


def _endless(location: Location) -> InputError:
    return InputError(
        "the file is too large, or its anchors repeat without an end",
        hint="write the values out, or use `extends`",
        location=location,
    )


def _refused_tag(tag: str, location: Location) -> InputError:
    return InputError(
        f"the tag {tag} is not allowed", hint="write a plain value", location=location
    )


def _not_yaml(source: SourceText, error: yaml.YAMLError) -> InputError:
    mark = getattr(error, "problem_mark", None)
    if mark is None:
        reason = getattr(error, "problem", None) or getattr(error, "reason", "") or "?"
        return InputError(f"this is not YAML: {reason}", location=Location(source.path))
    lines = source.text.open().splitlines()
    line = lines[mark.line] if mark.line < len(lines) else ""
    location = Location(source.path, mark.line + 1, mark.column + 1)
    if "\t" in line[: mark.column + 1]:
        return InputError(
            "this is not YAML: a tab stands where only spaces may",
            hint="indent with spaces",
            location=location,
        )
    reason = getattr(error, "problem", None) or "?"
    hint = _QUOTE if _BARE_TEMPLATE.search(line) else ""
    return InputError(f"this is not YAML: {reason}", hint=hint, location=location)
