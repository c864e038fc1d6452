"""Write YAML: whole files for machines, single values in files people keep."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import yaml

from flowops.documents.source import BYTE_ORDER_MARK, source_text
from flowops.documents.yaml_text import parse_yaml, plain
from flowops.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_WIDTH = 80
_BREAKS = re.compile("[\x85\u2028\u2029]")
_INDENTATION = 2
_STEP = re.compile(r"^[^\s#-][^\n]*:[ \t]*(?:#[^\n]*)?\n( +)[^\s#-]", re.MULTILINE)
_COLON = re.compile(r"\s*:")
_LINE_END = re.compile(r"\r?\n|\r")


class _Dumper(yaml.SafeDumper):
    """Quotes every text that YAML 1.1 or YAML 1.2 would read as a number."""


_Dumper.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z|0o[0-7]+\Z"),
    list("-+.0123456789"),
)


def _represent_text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    """Escape what is a line break in YAML 1.1 and a letter in YAML 1.2."""
    style = '"' if _BREAKS.search(text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _represent_text)


def dump_yaml(value: Mapping[str, object]) -> str:
    """Write a mapping in block style, keys in the order given, folded at 80."""
    return yaml.dump(
        value,
        Dumper=_Dumper,
        default_flow_style=False,
        sort_keys=False,
        allow_unicode=True,
        width=_WIDTH,
    )


def is_read_as_text(plain_text: str) -> bool:
    """Tell whether ``dump_yaml`` need not quote a text so that it stays one."""
    resolvers = _Dumper.yaml_implicit_resolvers
    tried = (*resolvers.get(plain_text[:1], ()), *resolvers.get(None, ()))
    return not any(form.match(plain_text) for _, form in tried)


def set_yaml_value(text: str, keys: Sequence[str], value: str) -> str:
    """Set one value in a YAML file a person keeps; every other byte stays.

    ``keys`` lead from the root; missing mappings on the way are made. Raises
    ``InputError`` when the text is not YAML, when a key on the way holds a value,
    and where the value cannot be set without touching another, as behind an alias.
    """
    refused = InputError(
        f"{'.'.join(keys)} cannot be set in this YAML", hint="set it by hand"
    )
    body = text.removeprefix(BYTE_ORDER_MARK)
    try:
        before = plain(parse_yaml(source_text("", body)))
        start, end, written = _edit(body, keys, value)
        edited = body[:start] + written + body[end:]
        after = plain(parse_yaml(source_text("", edited)))
    except (InputError, yaml.YAMLError, _UnusableError):
        raise refused from None
    if repr(after) != repr(_with(before, keys, value)):
        raise refused
    return text[: len(text) - len(body)] + edited


class _UnusableError(Exception):
    """There is no place for a value, or none that is only its own."""


_Edit = tuple[int, int, str]


def _edit(text: str, keys: Sequence[str], value: str) -> _Edit:
    """Return which characters to replace, from where to where, and by what."""
    # What has been read strictly before cannot nest so deeply as to end the process.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    root = yaml.compose(text, Loader=loader)
    if root is None or (_is_empty(root) and isinstance(root, yaml.ScalarNode)):
        return _appended(text, keys, value)
    place = _Place(root, 0, 0, in_flow=False)
    for number, key in enumerate(keys):
        if not isinstance(place.node, yaml.MappingNode):
            return _begun(text, place, keys[number:], value)
        found = _entry(place, key)
        if found is None:
            return _added(text, place, keys[number:], value)
        place = found
    return _replaced(text, place, value)


@dataclass(frozen=True, slots=True)
class _Place:
    """A node, where what comes before it ends, and the column of its key."""

    node: yaml.Node
    after: int
    column: int
    in_flow: bool


def _entry(place: _Place, key: str) -> _Place | None:
    """Return the value of a key; raises for one that stands elsewhere."""
    in_flow = place.in_flow or _is_flow(place.node)
    for name, node in place.node.value:
        if name.value == key:
            if node.start_mark.index < name.end_mark.index:
                raise _UnusableError  # an alias: the value is that of its anchor
            return _Place(node, name.end_mark.index, name.start_mark.column, in_flow)
    return None


def _replaced(text: str, place: _Place, value: str) -> _Edit:
    node = place.node
    if not isinstance(node, yaml.ScalarNode):
        raise _UnusableError
    start, end = node.start_mark.index, _end(text, node)
    if start == end:
        start = _colon(text, place)
        return start, start, f" {_scalar(value, None, in_flow=place.in_flow)}"
    held = text[start:end]
    is_block = node.style in ("|", ">")
    if held[0] in "&!" or (is_block and "#" in held.splitlines()[0]):
        raise _UnusableError
    style = None if is_block else node.style
    return start, end, _scalar(value, style, in_flow=place.in_flow)


def _begun(text: str, place: _Place, keys: Sequence[str], value: str) -> _Edit:
    """Make a mapping where a key has no value yet."""
    node = place.node
    if not (isinstance(node, yaml.ScalarNode) and _is_empty(node)):
        raise _UnusableError
    start, end = node.start_mark.index, _end(text, node)
    if start != end:
        return start, end, f"{{{_in_flow(keys, value)}}}"
    start = _colon(text, place)
    if place.in_flow:
        return start, start, f" {{{_in_flow(keys, value)}}}"
    line = _line_end(text, start)
    return line, line, _lines(text, keys, value, place.column + _step(text))


def _colon(text: str, place: _Place) -> int:
    """Return where a key ends that has nothing behind its colon."""
    found = _COLON.match(text, place.after)
    if found is None:
        raise _UnusableError
    return found.end()


def _added(text: str, place: _Place, keys: Sequence[str], value: str) -> _Edit:
    """Add an entry behind the last of a mapping."""
    node = place.node
    if _is_flow(node) or place.in_flow:
        entries = node.value
        start = _last(text, node) if entries else node.end_mark.index - 1
        comma = ", " if entries else ""
        return start, start, f"{comma}{_in_flow(keys, value)}"
    line = _line_end(text, _last(text, node))
    column = node.value[0][0].start_mark.column
    return line, line, _lines(text, keys, value, column)


def _appended(text: str, keys: Sequence[str], value: str) -> _Edit:
    """Write the first entry of a file that holds none."""
    ending = _ending(text)
    start = "" if not text or text.endswith("\n") else ending
    lines = _lines(text, keys, value, 0).removeprefix(ending)
    return len(text), len(text), f"{start}{lines}{ending}"


def _last(text: str, node: yaml.Node) -> int:
    """Return where the last value of a mapping ends."""
    name, value = node.value[-1]
    if value.start_mark.index < name.end_mark.index:
        raise _UnusableError  # an alias, whose own place is not known
    return _end(text, value)


def _end(text: str, node: yaml.Node) -> int:
    """Return where a node ends; what PyYAML says takes comments behind it in."""
    start, end = node.start_mark.index, node.end_mark.index
    if isinstance(node, yaml.ScalarNode):
        if node.style in ("|", ">"):
            return start + len(text[start:end].rstrip())
        return int(end)
    if _is_flow(node):
        return int(end)
    if isinstance(node, yaml.MappingNode):
        return _last(text, node)
    if node.value[-1].start_mark.index < start:
        raise _UnusableError
    return _end(text, node.value[-1])


def _is_empty(node: yaml.Node) -> bool:
    return node.tag == "tag:yaml.org,2002:null"


def _is_flow(node: yaml.Node) -> bool:
    return isinstance(node, yaml.CollectionNode) and bool(node.flow_style)


def _line_end(text: str, start: int) -> int:
    found = _LINE_END.search(text, start)
    return found.start() if found else len(text)


def _ending(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _step(text: str) -> int:
    """Return how far the file indents."""
    found = _STEP.search(text)
    return len(found[1]) if found else _INDENTATION


def _lines(text: str, keys: Sequence[str], value: str, column: int) -> str:
    """Write keys and a value in block style, each line after a line break."""
    step = _step(text)
    lines = [
        f"{' ' * (column + step * depth)}{_scalar(key, None, in_flow=False)}:"
        for depth, key in enumerate(keys)
    ]
    lines[-1] += f" {_scalar(value, None, in_flow=False)}"
    return "".join(f"{_ending(text)}{line}" for line in lines)


def _in_flow(keys: Sequence[str], value: str) -> str:
    first, *others = (_scalar(key, None, in_flow=True) for key in keys)
    opened = "".join(f": {{{key}" for key in others)
    written = _scalar(value, None, in_flow=True)
    return f"{first}{opened}: {written}{'}' * len(others)}"


def _scalar(value: str, style: str | None, *, in_flow: bool) -> str:
    """Write a text on one line, in a style if it can be written in it."""
    if not value.isprintable():
        style = '"'
    if in_flow or style:
        return _dumped([value], style, is_flow=True)[1:-1]
    return _dumped({"a": value}, None, is_flow=False).removeprefix("a: ")


def _dumped(value: object, style: str | None, *, is_flow: bool) -> str:
    written = yaml.dump(
        value,
        Dumper=_Dumper,
        default_flow_style=is_flow,
        default_style=style,
        allow_unicode=True,
        width=sys.maxsize,
    )
    return written.rstrip("\n")


def _with(root: object, keys: Sequence[str], value: str) -> object:
    """Return a value with one below it set, as it has to be read again."""
    if not keys:
        return value
    held = root if isinstance(root, dict) else {}
    return {**held, keys[0]: _with(held.get(keys[0]), keys[1:], value)}
