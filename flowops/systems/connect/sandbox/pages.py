"""Lists in pages, with tokens that only the sandbox can make.

A token names the last resource of its page, so a page never skips or repeats one
when others come and go in between. It is bound to its operation and filters.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from typing import TYPE_CHECKING

from flowops.systems.connect.sandbox.refusals import ViolationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from flowops.systems.connect.sandbox.context import Arguments, Context, Output
    from flowops.systems.connect.sandbox.model import Member
    from flowops.systems.connect.sandbox.values import Value

DEFAULT_PAGE = 100
_PAGING = (("MaxResults", "NextToken"), ("maxResults", "nextToken"))
_TOKEN = re.compile(r"[0-9a-f]{64}([0-9a-f]{1,15})")


def page(
    context: Context,
    arguments: Arguments,
    key: str,
    rows: Callable[[int], Iterable[tuple[int, Value]]],
) -> Output:
    """Give one page under ``key``, and a token for the next when there is more.

    ``rows`` gives what comes after a position, each with its own position. Raises
    ``ViolationError`` for a token that this list did not give.
    """
    members = context.model.shape(arguments.operation.input).members
    size_key, token_key = next(keys for keys in _PAGING if keys[0] in members)
    size = arguments.number(size_key, _default_size(context, members[size_key]))
    items: list[Value] = []
    last = _position(context, arguments, token_key)
    for position, item in rows(last):
        if len(items) == size:
            return {key: items, token_key: _token(context, arguments, last)}
        items.append(item)
        last = position
    return {key: items}


def _default_size(context: Context, member: Member) -> int:
    most = context.model.shape(member.shape).maximum
    return min(DEFAULT_PAGE, DEFAULT_PAGE if most is None else int(most))


def _position(context: Context, arguments: Arguments, key: str) -> int:
    if key not in arguments:
        return 0
    token = arguments.text(key)
    match = _TOKEN.fullmatch(token)
    position = int(match[1], 16) if match else 0
    if hmac.compare_digest(
        _token(context, arguments, position).encode(), token.encode()
    ):
        return position
    raise ViolationError(key, "was not given by this list")


def _token(context: Context, arguments: Arguments, position: int) -> str:
    paging = [key for keys in _PAGING for key in keys]
    filters = {k: v for k, v in arguments.values.items() if k not in paging}
    text = json.dumps(
        [arguments.operation.name, filters, position], sort_keys=True, default=str
    )
    key = context.instance.id.encode()
    seal = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    return f"{seal}{position:x}"
