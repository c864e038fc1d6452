"""Read YAML 1.2 strictly: every key and value with its place, no surprises.

The text is composed by PyYAML's parser; plain scalars are then resolved by the
core schema of YAML 1.2 (https://yaml.org/spec/1.2.2/#103-core-schema), so that
``no`` and ``on`` stay text. Duplicate keys, tags, merge keys and anchors that
repeat too much are refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import yaml

from flowops.errors import InputError
from flowops.model import Location

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowops.documents.source import SourceText

MAXIMUM_NODES = 200_000
_CORE_TAG = "tag:yaml.org,2002:"
_NULL = re.compile(r"~|null|Null|NULL|\Z")
_TRUE = re.compile(r"true|True|TRUE")
_FALSE = re.compile(r"false|False|FALSE")
_INTEGER = re.compile(r"[-+]?[0-9]{1,18}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")

Scalar: TypeAlias = str | int | float | bool | None


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


def parse_yaml(source: SourceText) -> YamlNode:
    """Parse one YAML document; an empty file is an empty mapping.

    Raises ``InputError`` with line and column for text that is not YAML and for
    everything this reader refuses.
    """
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        root = yaml.compose(source.text.open(), Loader=loader)
    except yaml.YAMLError as error:
        raise _not_yaml(source.path, error) from None
    except RecursionError:
        raise InputError(
            "the YAML nests too deeply", location=Location(source.path)
        ) from None
    if root is None:
        return YamlMapping((), Location(source.path))
    return _Reader(source.path).read(root)


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
    """Turns composed nodes into nodes with places, within a budget."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._left = MAXIMUM_NODES
        self._open: set[int] = set()

    def read(self, node: yaml.Node) -> YamlNode:
        location = self._place(node)
        self._left -= 1
        if self._left < 0 or id(node) in self._open:
            raise InputError(
                "anchors repeat without an end",
                hint="write the values out, or use `extends`",
                location=location,
            )
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, location)
        self._open.add(id(node))
        result = self._collection(node, location)
        self._open.discard(id(node))
        return result

    def _collection(self, node: yaml.Node, location: Location) -> YamlNode:
        if not node.tag.startswith(_CORE_TAG):
            raise _refused_tag(node.tag, location)
        if isinstance(node, yaml.SequenceNode):
            return YamlSequence(tuple(self.read(n) for n in node.value), location)
        entries: dict[str, YamlEntry] = {}
        for key_node, value_node in node.value:
            entry = self._entry(key_node, value_node)
            if entry.key in entries:
                raise InputError(
                    f"the key {entry.key!r} stands twice",
                    hint=f"first at line {entries[entry.key].location.line}; keep one",
                    location=entry.location,
                )
            entries[entry.key] = entry
        return YamlMapping(tuple(entries.values()), location)

    def _entry(self, key_node: yaml.Node, value_node: yaml.Node) -> YamlEntry:
        key = self.read(key_node)
        is_plain = isinstance(key_node, yaml.ScalarNode) and not key_node.style
        if not isinstance(key, YamlScalar):
            raise InputError("a key must be a text", location=key.location)
        if key.text == "<<" and is_plain:
            raise InputError(
                "merge keys (<<) are not YAML 1.2",
                hint="use `extends`, or write the values out",
                location=key.location,
            )
        return YamlEntry(key.text, key.location, self.read(value_node))

    def _scalar(self, node: yaml.ScalarNode, location: Location) -> YamlScalar:
        if not node.tag.startswith(_CORE_TAG):
            raise _refused_tag(node.tag, location)
        text = node.value
        value = text if node.style else _resolve(text)
        return YamlScalar(value, text, location)

    def _place(self, node: yaml.Node) -> Location:
        mark = node.start_mark
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


def _refused_tag(tag: str, location: Location) -> InputError:
    return InputError(
        f"the tag {tag} is not allowed", hint="write a plain value", location=location
    )


def _not_yaml(path: str, error: yaml.YAMLError) -> InputError:
    mark = getattr(error, "problem_mark", None)
    location = Location(path, mark.line + 1, mark.column + 1) if mark else None
    reason = getattr(error, "problem", None) or getattr(error, "reason", "") or "?"
    return InputError(
        f"this is not YAML: {reason}", location=location or Location(path)
    )
