"""The smallest parts of Flink SQL: names, texts, tokens, statements."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from flowops.secrets import Secret, Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAXIMUM_NAME = 256
OPENING = frozenset("([")
CLOSING = frozenset(")]")
_TOKEN = re.compile(
    r"""
    (?P<space>[\s\ufeff]+)
  | (?P<comment>--[^\n\r]*|/\*.*?\*/)
  | (?P<text>'[^']*(?:''[^']*)*+')
  | (?P<name>`(?:[^`\n\r]|``)++`)
  | (?P<broken>/\*.*|['`])
  | (?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)
  | (?P<word>[^\W\d][\w$]*)
  | (?P<sign><=|>=|<>|!=|\|\||=>|.)
    """,
    re.VERBOSE | re.DOTALL,
)
# What stands before a semicolon: a text, a name or a comment may hide some.
_STATEMENT = re.compile(
    r"""
    (?: [^;'`/-]++ | '[^']*(?:''[^']*)*+' | `(?:[^`\n\r]|``)++`
      | --[^\n\r]*+ | /\*.*?\*/ | /\*.*+ | [^;]
    )*+
    """,
    re.VERBOSE | re.DOTALL,
)
_NOTHING = re.compile(r"(?:[\s\ufeff]++|--[^\n\r]*+|/\*.*?\*/)*+", re.DOTALL)
_SKIPPED = frozenset(("space", "comment"))


class Token(NamedTuple):
    """A piece of SQL: its kind, its text and where it starts."""

    kind: str
    text: str
    start: int

    @property
    def upper(self) -> str:
        """Return the text in capitals, as keywords are compared."""
        return self.text.upper()


def quote_name(name: str) -> str:
    """Write an identifier; a backtick in it is doubled."""
    return f"`{name.replace('`', '``')}`"


def unquote_name(text: str) -> str:
    """Read an identifier as it was before ``quote_name``."""
    return text[1:-1].replace("``", "`") if text.startswith("`") else text


def can_be_name(name: str) -> bool:
    """Tell whether Flink's grammar has a way to write this identifier."""
    return bool(name) and len(name) <= MAXIMUM_NAME and not {"\n", "\r"} & set(name)


def quote_text(text: Text) -> Text:
    """Write a string literal; a single quote in it is doubled."""
    if isinstance(text, Secret):
        return Secret(lambda: _quoted(text.open()), _quoted(str(text)))
    return _quoted(text)


def _quoted(text: str) -> str:
    return f"'{text.replace(chr(39), chr(39) * 2)}'"


def scan(sql: str) -> Iterator[Token]:
    """Give every token of a text, comments and spaces included."""
    for match in _TOKEN.finditer(sql):
        yield Token(match.lastgroup or "", match.group(), match.start())


def code(sql: str) -> list[Token]:
    """Return the tokens that mean something."""
    return [*code_between(sql, 0, len(sql))]


def code_between(sql: str, start: int, end: int) -> Iterator[Token]:
    """Give the tokens that mean something of a part of a text, one by one."""
    for match in _TOKEN.finditer(sql, start, end):
        kind = match.lastgroup or ""
        if kind not in _SKIPPED:
            yield Token(kind, match.group(), match.start())


def split_tokens(sql: str) -> Iterator[tuple[list[Token], int]]:
    """Give the tokens of each statement and where it ends.

    Semicolons in texts and in comments do not count.
    """
    return split_code(code(sql), len(sql))


def split_code(tokens: Iterable[Token], end: int) -> Iterator[tuple[list[Token], int]]:
    """Do what ``split_tokens`` does with the tokens of a text, and where it ends."""
    statement: list[Token] = []
    for token in tokens:
        if token.text != ";":
            statement.append(token)
        elif statement:
            yield statement, token.start
            statement = []
    if statement:
        yield statement, end


def statement_spans(sql: str) -> Iterator[tuple[int, int]]:
    """Give where each statement starts and ends, as ``split_tokens`` has it."""
    end = -1
    while end < len(sql):
        start = _end(_NOTHING, sql, end + 1)
        end = _end(_STATEMENT, sql, start)
        if start < end:
            yield start, end


def _end(pattern: re.Pattern[str], sql: str, index: int) -> int:
    match = pattern.match(sql, index)
    return match.end() if match else index


def split_statements(sql: str) -> list[str]:
    """Cut a script at its semicolons, without the comments before a statement."""
    return [sql[start:end].rstrip() for start, end in statement_spans(sql)]


def is_one_expression(sql: str) -> bool:
    """Tell whether a text is a single expression that closes what it opens."""
    depth = 0
    for token in scan(sql):
        depth += (token.text in OPENING) - (token.text in CLOSING)
        if token.kind == "broken" or token.text == ";" or depth < 0:
            return False
    return depth == 0 and bool(code(sql))


def ends_in_comment(sql: str) -> bool:
    """Tell whether what follows a text on its line would be part of a comment."""
    if "--" not in sql[sql.rfind("\n") + 1 :]:
        return False
    last = Token("", "", 0)
    for token in scan(sql):
        last = token
    return last.text.startswith("--")
