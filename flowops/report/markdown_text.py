"""Write text that somebody else chose so that Markdown leaves it alone.

GitHub links what looks like a name or an issue after it has read the Markdown, so
an entity does not stop that; a space without width does. In text from outside,
``visible`` has already written such a space as an escape.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flowops.report.visible import LONGEST, SENTENCE, clipped, sentence, visible

if TYPE_CHECKING:
    from collections.abc import Iterable

_ENTITIES = str.maketrans({c: f"&#{ord(c)};" for c in "&<>\"'|`\\*_[]~$"})
_WIDTHLESS = "\u200b"
_MENTION = re.compile(r"@(?=\w)")
_LINKED = re.compile(r"(#|GH-|://|www\.)(?=\S)")
_COMMAND = re.compile(r"##(?=\[)")
_COMMENT = re.compile(r"<(?=!--)")
_TICKS = re.compile(r"`{3,}")


def code(text: str, most: int = LONGEST) -> str:
    """Write text as code, inside a table or a line; empty text stays empty."""
    return f"<code>{_escaped(clipped(text, most))}</code>" if text else ""


def prose(text: str, most: int = SENTENCE) -> str:
    """Write text as part of a sentence: no link, no mention, no markup."""
    return _escaped(_LINKED.sub(rf"\1{_WIDTHLESS}", sentence(text, most)))


def _escaped(text: str) -> str:
    return _unmentioned(text).translate(_ENTITIES)


def _unmentioned(text: str) -> str:
    """Break what would be a mention, or a command in a log the page is printed to."""
    return _COMMAND.sub(f"#{_WIDTHLESS}#", _MENTION.sub(f"@{_WIDTHLESS}", text))


def fenced(lines: Iterable[str], language: str = "diff") -> str:
    """Write lines between fences that are longer than any inside."""
    shown = [_COMMENT.sub(f"<{_WIDTHLESS}", _unmentioned(visible(x))) for x in lines]
    runs = [len(run) for line in shown for run in _TICKS.findall(line)]
    fence = "`" * max(3, *(run + 1 for run in runs), 3)
    return "\n".join([f"{fence}{language}", *shown, fence]) + "\n"


def row(*cells: str) -> str:
    """Write a row of a table."""
    return f"| {' | '.join(cells)} |\n"


def table(head: Iterable[str], rows: Iterable[str]) -> str:
    """Write a table, with the empty line that has to stand before it."""
    heads = list(head)
    return f"\n{row(*heads)}{row(*('---' for _ in heads))}{''.join(rows)}"
