"""The lines of ``config.yaml``, as ``dump_yaml`` writes them and much faster.

What is printable ASCII, as all that the product writes is, gets the form that the
library would choose; anything else goes through the library, at the depth where it
stands. The forms are those of ``Emitter`` in PyYAML: ``analyze_scalar``,
``write_plain`` and ``write_single_quoted``.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from flowops.documents.yaml_edit import dump_yaml, is_read_as_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_DEPTH, _WIDTH = 6, 80  # where an option stands, and where its value is folded
_LINE_END = f"\n{' ' * (_DEPTH + 2)}"
_LONGEST_KEY = 100
_PRINTABLE = re.compile(r"[ -~\n]*")
_BESIDE_LINE_END = re.compile(r" \n|\n ")
# What makes a text in block style something else: at its start, or anywhere.
_INDICATOR = re.compile(r"""[#,\[\]{}&*!|>'"%@`]|[?:-](?:\s|\Z)|---|\.\.\.""")
_INDICATOR_INSIDE = re.compile(r":(?:\s|\Z)|\s#")
_RUN = re.compile(r" +|\n+|[^ \n]+")


def write_config(nodes: Mapping[str, Mapping[str, Mapping[str, str]]]) -> str:
    """Write what ``dump_yaml`` writes of ``{"config": nodes}``."""
    tables = [table for node in nodes.values() for table in node.items()]
    is_full = nodes and all(nodes.values()) and all(options for _, options in tables)
    keys = {name: _key(name) for name in (*nodes, *(name for name, _ in tables))}
    if not is_full or not all(keys.values()):
        return dump_yaml({"config": nodes})
    lines = ["config:\n"]
    for node, below in nodes.items():
        lines.append(f"  {keys[node]}:\n")
        for table, options in below.items():
            lines.append(f"    {keys[table]}:\n")
            lines += _lines(options)
    return "".join(lines)


@lru_cache(maxsize=4096)
def _key(name: str) -> str:
    """Write a name before a colon; nothing where that takes more than one line."""
    if not 0 < len(name) <= _LONGEST_KEY or "\n" in name:
        return ""
    if _PRINTABLE.fullmatch(name) and _is_plain(name):
        return name
    return dump_yaml({name: "x"}).removesuffix(": x\n")


def _lines(options: Mapping[str, str]) -> Iterator[str]:
    """Give the lines of a table."""
    for name, value in options.items():
        key = _key(name)
        written = _value(value, _DEPTH + len(f"{key}:")) if key else None
        if written is None:
            yield dump_yaml({"a": {"b": {"c": {name: value}}}}).split("\n", 3)[3]
        else:
            yield f"      {key}: {written}\n"


def _value(text: str, column: int) -> str | None:
    """Write a value after so many columns, unless it takes the library to do so."""
    if not _PRINTABLE.fullmatch(text) or _BESIDE_LINE_END.search(text):
        return None
    if _is_plain(text):
        return _folded(text, column + 1)
    escaped = text.replace("'", "''")
    return f"'{_folded(escaped, column + 2)}'"


def _is_plain(text: str) -> bool:
    """Tell whether a text needs no quotes."""
    return bool(text) and not (
        "\n" in text
        or " " in (text[0], text[-1])
        or _INDICATOR.match(text)
        or _INDICATOR_INSIDE.search(text)
        or not is_read_as_text(text)
    )


def _folded(text: str, column: int) -> str:
    """Write a text in lines that end with the first word beyond column 80.

    A line end is written twice, so that it is not taken for such a place.
    """
    if "\n" not in text and column + len(text) <= _WIDTH:
        return text
    written: list[str] = []
    for match in _RUN.finditer(text):
        run = match.group()
        if run[0] == "\n":
            written.append(f"{run}{_LINE_END}")
            column = len(_LINE_END) - 1
        elif run == " " and column > _WIDTH and 0 < match.start() < len(text) - 1:
            written.append(_LINE_END)
            column = len(_LINE_END) - 1
        else:
            written.append(run)
            column += len(run)
    return "".join(written)
