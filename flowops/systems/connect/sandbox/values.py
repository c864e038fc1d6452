"""The values that go through the sandbox: as JSON, and as handlers see them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NoReturn, TypeAlias

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
Value: TypeAlias = (
    "bool | int | float | str | datetime | Sequence[Value] | Mapping[str, Value]"
)


def parse_json(text: str) -> Json:
    """Parse JSON that repeats no key, holds no NaN and no half of a surrogate pair.

    Raises ``ValueError`` that says what is wrong.
    """
    try:
        value: Json = json.loads(
            text, object_pairs_hook=_object, parse_constant=_constant
        )
    except RecursionError:
        raise ValueError("it is nested too deep") from None
    except json.JSONDecodeError as error:
        raise ValueError(
            f"{error.msg} at line {error.lineno}, column {error.colno}"
        ) from None
    if not is_encodable(text) or ("\\u" in text and not is_encodable(dump_json(value))):
        raise ValueError("it holds half of a surrogate pair")
    return value


def dump_json(value: Json) -> str:
    """Write JSON with every character as itself."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def is_encodable(text: str) -> bool:
    """Say whether a text can be written as UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    result = dict(pairs)
    if len(result) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key {twice!r} stands twice in one object")
    return result


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
