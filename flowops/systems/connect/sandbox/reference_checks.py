"""What publishing asks of a reference: that it names something of this instance.

Every string under an action's parameters is searched for ARNs; the parameters that
are known to name a resource may also hold a plain id, and may not be empty. A value
with JSONPath in it is decided at run time and is left alone.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from uuid import UUID

from flowops.systems.connect.sandbox.flow_language import (
    MANAGED_VIEWS,
    REFERENCE_KINDS,
)
from flowops.systems.connect.sandbox.instance import (
    AGENT,
    CONTACT_FLOW,
    FLOW_MODULE,
    KIND_WORDS,
    LAMBDA,
    LEX_BOT,
    PHONE_NUMBER,
    QUEUE,
    VIEW,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowops.systems.connect.sandbox.context import Context
    from flowops.systems.connect.sandbox.values import Json

_ARN = re.compile(r"arn:aws[a-z-]*:(?:connect|lambda|lex):[^\s\"<>,;|]*")
_TRAILING = ".:!?)]}'"
_ARN_PARTS = 6
_MALFORMED = "Malformed ARN"
_MISSING = "Resource not found"
_FUNCTION = re.compile(r"(function:[^:]+)(:.+)?")
_VERSIONED_KINDS = frozenset({CONTACT_FLOW, FLOW_MODULE, VIEW})


def check_references(context: Context, parameters: Json, path: str) -> Iterator[str]:
    """Say what is wrong with the references in an action's parameters."""
    for pattern, place, value in _leaves(parameters):
        at = f"{path}{place}"
        kind = _kind_of(pattern)
        if kind:
            yield from _check_parameter(context, kind, value, at)
        elif isinstance(value, str):
            for match in _ARN.finditer(value):
                arn = match[0].rstrip(_TRAILING)
                yield from _check_arn(context, "", arn, at)


def _leaves(value: Json) -> Iterator[tuple[str, str, Json]]:
    """Give every scalar, and every reference, with its path.

    The path comes twice: with ``[]`` for any item of a list, and with the index.
    """
    stack: list[tuple[str, str, Json]] = [("", "", value)]
    while stack:
        pattern, place, item = stack.pop()
        children: list[tuple[str, str, Json]] = []
        if _kind_of(pattern) or not isinstance(item, dict | list):
            yield pattern, place, item
        elif isinstance(item, dict):
            start = f"{pattern}." if pattern else ""
            for key, child in item.items():
                children.append((f"{start}{key}", f"{place}.{key}", child))
        else:
            for index, child in enumerate(item):
                children.append((f"{pattern}[]", f"{place}[{index}]", child))
        stack.extend(reversed(children))


def _kind_of(pattern: str) -> str:
    parent = pattern.rpartition(".")[0]
    return REFERENCE_KINDS.get(pattern) or REFERENCE_KINDS.get(f"{parent}.*", "")


def _is_dynamic(text: str) -> bool:
    return "$." in text or "$[" in text


def _check_parameter(
    context: Context, kind: str, value: Json, path: str
) -> Iterator[str]:
    word = KIND_WORDS[kind]
    if not isinstance(value, str):
        yield f"Invalid Action property value. Path: {path}"
    elif not value:
        yield f"Unresolved reference to a {word}: it is empty. Path: {path}"
    elif value.startswith("arn:"):
        yield from _check_arn(context, kind, value, path)
    elif value.startswith(("$.", "$[")):
        return
    elif kind in (LAMBDA, LEX_BOT):
        yield f"Not a supported id format. Path: {path}, Value: {value}"
    elif kind == VIEW and value in MANAGED_VIEWS:
        return
    else:
        yield from _check_id(context, kind, value, path)


def _check_id(context: Context, kind: str, value: str, path: str) -> Iterator[str]:
    bare, colon, alias = value.partition(":")
    if not _is_uuid(bare) or (colon and (kind not in _VERSIONED_KINDS or not alias)):
        yield f"Failed to convert id. Path: {path}, Value: {value}"
    elif not context.store.find(kind, bare):
        yield f"{_MISSING}. Path: {path}, Value: {value}"


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False


def _check_arn(context: Context, kind: str, arn: str, path: str) -> Iterator[str]:
    if _is_dynamic(arn):
        return
    parts = arn.split(":", _ARN_PARTS - 1)
    if len(parts) != _ARN_PARTS:
        yield f"{_MALFORMED}. Path: {path}, Value: {arn}"
        return
    service = parts[2]
    if service == "connect":
        named, problem = _check_connect_arn(context, parts)
    elif service == "lambda":
        named, problem = LAMBDA, _check_lambda_arn(context, arn, parts[5])
    elif service == "lex" and (kind == LEX_BOT or parts[5].startswith("bot-alias/")):
        named, problem = LEX_BOT, _association_problem(context, LEX_BOT, arn)
    else:
        named, problem = "", ""
    if kind and named != kind:
        yield f"Not the ARN of a {KIND_WORDS[kind]}. Path: {path}, Value: {arn}"
    elif problem:
        yield f"{problem}. Path: {path}, Value: {arn}"


def _check_lambda_arn(context: Context, arn: str, resource: str) -> str:
    match = _FUNCTION.fullmatch(resource)
    if match is None:
        return _MALFORMED
    return _association_problem(context, LAMBDA, arn.removesuffix(match[2] or ""))


def _association_problem(context: Context, kind: str, arn: str) -> str:
    if context.store.find(kind, arn):
        return ""
    return f"{KIND_WORDS[kind]} is not associated with the instance"


def _check_connect_arn(context: Context, parts: list[str]) -> tuple[str, str]:
    """Give the kind that a Connect ARN names, and what is wrong with it."""
    _, partition, _, region, account, resource = parts
    instance = context.instance
    managed = account == "aws" and resource.startswith(f"{VIEW}/")
    if managed:
        account = instance.account
    if (partition, region, account) != (
        instance.partition,
        instance.region,
        instance.account,
    ):
        return _named_kind(resource), "ARN of another Region or account"
    if managed:
        name = resource.removeprefix(f"{VIEW}/").partition(":")[0]
        return VIEW, "" if name in MANAGED_VIEWS else "No such managed view"
    if resource.startswith(f"{PHONE_NUMBER}/"):
        return PHONE_NUMBER, _existence_problem(context, PHONE_NUMBER, resource)
    if resource == f"instance/{instance.id}":
        return "", ""
    prefix = f"instance/{instance.id}/"
    if not resource.startswith(prefix):
        return _named_kind(resource), "ARN of another instance"
    kind = _named_kind(resource)
    return kind, _existence_problem(context, kind, resource.removeprefix(prefix))


def _named_kind(resource: str) -> str:
    """Give the kind of ``instance/ID/KIND/…``; an agent queue is the agent's."""
    tail = resource.split("/")[2:] if resource.startswith("instance/") else []
    if tail[:2] == [QUEUE, AGENT]:
        return AGENT
    return tail[0] if tail else resource.partition("/")[0]


def _existence_problem(context: Context, kind: str, tail: str) -> str:
    name = tail.removeprefix(f"{QUEUE}/") if kind == AGENT else tail
    bare, colon, alias = name.removeprefix(f"{kind}/").partition(":")
    if colon and (kind not in _VERSIONED_KINDS or not alias):
        return _MALFORMED
    return "" if context.store.find(kind, bare) else _MISSING
