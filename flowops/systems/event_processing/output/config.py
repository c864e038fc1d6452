"""Write ``config.yaml``: what an operator may change of a deployed flow.

Shape and order follow "Deploying jobs customized for production or test
environments": node, table, property; sensitive properties first, then the rest,
each part by name.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flowops.documents.yaml_edit import dump_yaml
from flowops.secrets import Secret, Text, open_text
from flowops.systems.event_processing.learnt import Config
from flowops.systems.event_processing.redaction.sensitive import has_placeholder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from flowops.systems.event_processing.pipeline import Pipeline
    from flowops.systems.protocol import Setting

_PLAIN = re.compile(r"[A-Za-z](?:[A-Za-z0-9_./:-]{0,98}[A-Za-z0-9_])?")
_LETTERS = r'[A-Za-z0-9_./:;="<>@$+-]'
_SENTENCE = re.compile(rf"[A-Za-z]{_LETTERS}*(?:(?<!:) {_LETTERS}+)+(?<!:)")
_LINE = r"(?=[^\n]{1,64}(?:\n|\Z))[A-Za-z0-9+/=-]+(?: [A-Za-z0-9+/=-]+)*"
_LINES = re.compile(rf"{_LINE}(?:\n{_LINE})*\n?")
_DEPTH, _WIDTH = 6, 80  # where an option stands, and where its value is folded
_NEXT_LINE = f"\n{' ' * (_DEPTH + 2)}"
_LINE_END, _QUOTED_LINE_END = "\n", f"\n{_NEXT_LINE}"
_QUOTED = {"": "''", "true": "'true'", "false": "'false'"}
_PLAIN_NAME = re.compile(r"(?=.{1,60}\Z)[A-Za-z]\w*(?:[ .-]\w+)*", re.ASCII)
_WORDS = frozenset(["y", "n", "yes", "no", "on", "off", "true", "false", "null"])


def make_config(pipeline: Pipeline, settings: Iterable[Setting]) -> Text:
    """Write the options of every node, in the order of the flow."""
    order = {node.name: index for index, node in enumerate(pipeline.nodes)}
    arranged = sorted(
        settings,
        key=lambda s: (
            *(order.get(s.node, len(order)), s.node, s.table),
            *(not is_sensitive(s.value), s.name),
        ),
    )
    nodes = _nodes(arranged, str)
    visible = write_config(nodes)
    text: Text = visible
    if any(isinstance(setting.value, Secret) for setting in arranged):
        text = Secret(lambda: write_config(_nodes(arranged, open_text)), visible)
    pipeline.learnt.config = Config(text, nodes)
    return text


def is_sensitive(value: Text) -> bool:
    """Tell whether a value is hidden, in whole or in part."""
    return isinstance(value, Secret) or has_placeholder(value)


def _nodes(
    settings: Iterable[Setting], shown: Callable[[Text], str]
) -> dict[str, dict[str, dict[str, str]]]:
    nodes: dict[str, dict[str, dict[str, str]]] = {}
    for setting in settings:
        table = nodes.setdefault(setting.node, {}).setdefault(setting.table, {})
        table[setting.name] = shown(setting.value)
    return nodes


def write_config(nodes: Mapping[str, Mapping[str, Mapping[str, str]]]) -> str:
    """Write what ``dump_yaml`` writes of ``{"config": nodes}``, much faster.

    What is plain in any YAML is put down as it is; other options go through
    ``dump_yaml`` at the depth where they stand, and so does all with a name that
    needs more than that.
    """
    tables = [table for node in nodes.values() for table in node.items()]
    names = [*nodes, *(name for name, _ in tables)]
    is_full = nodes and all(nodes.values()) and all(options for _, options in tables)
    if not is_full or not all(_is_plain(name, _PLAIN_NAME) for name in names):
        return dump_yaml({"config": nodes})
    lines = ["config:\n"]
    for node, below in nodes.items():
        lines.append(f"  {node}:\n")
        for table, options in below.items():
            lines.append(f"    {table}:\n")
            lines += _options(options)
    return "".join(lines)


def _options(options: Mapping[str, str]) -> Iterator[str]:
    """Give the lines of a table; what has no simple form goes through the library."""
    for name, value in options.items():
        written = _simple_form(name, value) if _is_plain(name, _PLAIN) else None
        if written is None:
            yield dump_yaml({"a": {"b": {"c": {name: value}}}}).split("\n", 3)[3]
        else:
            yield f"      {name}: {written}\n"


def _simple_form(name: str, value: str) -> str | None:
    """Write a value of an option as the library does, if that is easily told.

    Words are folded after column 80, and line ends of a quoted text are doubled.
    """
    if value in _QUOTED:
        return _QUOTED[value]
    if _is_plain(value, _PLAIN):
        return value
    column = _DEPTH + len(f"{name}: ")
    if _SENTENCE.fullmatch(value):
        return _folded(value.split(" "), column)
    first, line_end, _ = value.partition("\n")
    is_narrow = column + len(first) < _WIDTH
    if line_end and is_narrow and _LINES.fullmatch(value):
        return f"'{value.replace(_LINE_END, _QUOTED_LINE_END)}'"
    return None


def _folded(words: Iterable[str], column: int) -> str:
    """Write words in lines that end with the first one beyond column 80."""
    written: list[str] = []
    for word in words:
        if column > _WIDTH:
            written.append(_NEXT_LINE)
            column = len(_NEXT_LINE) - 1
        elif written:
            written.append(" ")
            column += 1
        written.append(word)
        column += len(word)
    return "".join(written)


def _is_plain(text: str, form: re.Pattern[str]) -> bool:
    """Tell whether a text needs no quotes in YAML 1.1 and 1.2, and fits on its line."""
    return form.fullmatch(text) is not None and text.casefold() not in _WORDS
