"""SQL in the form that Apache's example SQL runner can read.

That runner takes ``--`` and ``/*`` for a comment even inside a text, and reads line by
line, so it would cut every PEM certificate off. Flink reads the same text written as
``U&'…'`` with escapes. Source: SqlRunner.java of Apache's Flink Kubernetes Operator.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flowops.secrets import Secret
from flowops.systems.event_processing.sql.text import code

if TYPE_CHECKING:
    from flowops.secrets import Text

_CUT = re.compile(r"--|/\*|[\r\n]")
_ESCAPED = {"\\": "\\\\", "-": "\\002D", "*": "\\002A", "\n": "\\000A", "\r": "\\000D"}
_TO_ESCAPE = re.compile(r"[\\*\r\n-]")
_LITERAL = re.compile(r"\bU&('[^']*(?:''[^']*)*+')")
_ESCAPE = re.compile(r"\\(?:\\|([0-9A-F]{4}))")


def runner_sql(sql: Text) -> Text:
    """Write the texts of a script that the runner would cut with escapes."""
    if isinstance(sql, Secret):
        return Secret(lambda: _escaped(sql.open()), _escaped(str(sql)))
    return _escaped(sql)


def plain_sql(sql: str) -> str:
    """Read a script as it was before ``runner_sql``."""
    return _LITERAL.sub(lambda literal: _ESCAPE.sub(_unescaped, literal[1]), sql)


def _escaped(sql: str) -> str:
    pieces: list[str] = []
    position = 0
    for token in code(sql):
        if token.kind != "text" or not _CUT.search(token.text):
            continue
        text = _TO_ESCAPE.sub(lambda found: _ESCAPED[found[0]], token.text)
        pieces += [sql[position : token.start], "U&", text]
        position = token.start + len(token.text)
    return "".join([*pieces, sql[position:]])


def _unescaped(found: re.Match[str]) -> str:
    return chr(int(found[1], 16)) if found[1] else "\\"
