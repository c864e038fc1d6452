"""Amazon Resource Names of what a flow can refer to.

Source: the resource types of Amazon Connect, AWS Lambda, Amazon Lex and Amazon Q
in Connect in the Service Authorization Reference.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

INSTANCE = re.compile(
    r"arn:aws[a-z-]*:connect:(?P<region>[a-z0-9-]+):(?P<account>[0-9]{12})"
    r":instance/(?P<id>[0-9a-zA-Z-]+)"
)
_ARN = re.compile(
    r"arn:aws[a-z-]*:(?P<service>[a-z0-9-]+):(?P<region>[^:]*):(?P<account>[^:]*)"
    r":(?P<resource>[^\s\"',;|]+)"
)
_IN_TEXT = re.compile(r"(?<![A-Za-z0-9])arn:(?:aws|\$\{)[^\s\"',;|<>]*")
_AFTER_AN_ARN = ".:!?)]'"

ASSISTANT = "assistant"
KNOWLEDGE_BASE = "knowledge-base"
MESSAGE_TEMPLATE = "message-template"
LAMBDA_FUNCTION = "lambda-function"
LEX_BOT_ALIAS = "lex-bot-alias"
QUEUE = "queue"
USER = "user"
VIEW = "view"
OTHER = "resource"
PHONE_NUMBER = "phone-number"

KIND_OF_RESOURCE_TYPE: Mapping[str, str] = {
    "contact-flow": "contact-flow",
    "data-table": "data-table",
    "email-address": "email-address",
    "flow-module": "flow-module",
    "operating-hours": "hours-of-operation",
    "prompt": "prompt",
    "queue": QUEUE,
    "routing-profile": "routing-profile",
    "security-profile": "security-profile",
    "task-template": "task-template",
    "transfer-destination": "quick-connect",
    "view": VIEW,
    "agent": USER,
    "agent-group": "hierarchy-group",
    "agent-state": "agent-status",
}
"""The kind of each resource type that stands below an instance in its ARN."""

_RESOURCES: tuple[tuple[str, str, re.Pattern[str]], ...] = (
    (
        "connect",
        "",
        re.compile(
            r"instance/[^/:]+/(?P<type>[a-z-]+)/(?P<id>(?:agent/)?[^:/]+)(?P<suffix>:.+)?"
        ),
    ),
    ("connect", PHONE_NUMBER, re.compile(r"phone-number/(?P<id>[^:/]+)")),
    (
        "lambda",
        LAMBDA_FUNCTION,
        re.compile(r"function:(?P<id>[^:]+)(?P<suffix>:.+)?"),
    ),
    ("lex", LEX_BOT_ALIAS, re.compile(r"bot-alias/(?P<id>[^:/]+/[^:/]+)")),
    ("wisdom", ASSISTANT, re.compile(r"assistant/(?P<id>[^:/]+)")),
    ("wisdom", KNOWLEDGE_BASE, re.compile(r"knowledge-base/(?P<id>[^:/]+)")),
    (
        "wisdom",
        MESSAGE_TEMPLATE,
        re.compile(r"message-template/(?P<id>[^:/]+/[^:/]+)(?P<suffix>:.+)?"),
    ),
    (
        "wisdom",
        "ai-agent",
        re.compile(r"ai-agent/(?P<id>[^:/]+/[^:/]+)(?P<suffix>:.+)?"),
    ),
)
_MANAGED_VIEW = re.compile(r"view/(?P<id>[\w-]+)(?P<suffix>:[\w$-]+)?")
_MANAGED_ACCOUNT = "aws"
_WORDS: tuple[tuple[re.Pattern[str], str], ...] = (
    *((re.compile(f"/{word}/"), kind) for word, kind in KIND_OF_RESOURCE_TYPE.items()),
    (re.compile(r":phone-number/"), PHONE_NUMBER),
    (re.compile(r":lambda\b"), LAMBDA_FUNCTION),
    (re.compile(r":lex\b"), LEX_BOT_ALIAS),
    (re.compile(r"[:/]assistant/"), ASSISTANT),
    (re.compile(r"[:/]knowledge-base/"), KNOWLEDGE_BASE),
    (re.compile(r"[:/]message-template/"), MESSAGE_TEMPLATE),
)


@dataclass(frozen=True, slots=True)
class ParsedArn:
    """What an ARN says: the kind, the ARN without its qualifier, id, qualifier.

    ``regional`` is set for what AWS keeps in every Region: the ARN with
    ``{partition}`` and ``{region}`` where those of its instance stand.
    """

    kind: str
    key: str
    id: str
    suffix: str
    regional: str = ""


def parse_arn(text: str) -> ParsedArn | None:
    """Read a whole text as an ARN, of the kind ``resource`` when it is no other."""
    whole = _ARN.fullmatch(text)
    if not whole:
        return None
    service, resource = whole["service"], whole["resource"]
    if whole["account"] == _MANAGED_ACCOUNT and service == "connect":
        return _managed(text, resource)
    for owner, kind, pattern in _RESOURCES:
        if owner == service and (match := pattern.fullmatch(resource)):
            found = match.groupdict()
            suffix = found.get("suffix") or ""
            key = text.removesuffix(suffix)
            return ParsedArn(kind or _below_instance(found), key, match["id"], suffix)
    return ParsedArn(OTHER, text, resource, "")


def _below_instance(found: Mapping[str, str]) -> str:
    """Return the kind of a resource of an instance; only queues have a long id."""
    kind = KIND_OF_RESOURCE_TYPE.get(found["type"], OTHER)
    return OTHER if "/" in found["id"] and kind != QUEUE else kind


def _managed(text: str, resource: str) -> ParsedArn:
    """Read what AWS keeps itself: it has the same name in every Region."""
    match = _MANAGED_VIEW.fullmatch(resource)
    if not match:
        return ParsedArn(OTHER, text, resource, "")
    suffix = match["suffix"] or ""
    regional = f"arn:{{partition}}:connect:{{region}}:{_MANAGED_ACCOUNT}:{resource}"
    return ParsedArn(VIEW, text.removesuffix(suffix), match["id"], suffix, regional)


def is_managed(arn: str) -> bool:
    """Tell whether an ARN is of what AWS keeps itself, such as its views."""
    match = _ARN.fullmatch(arn)
    return bool(match and match["account"] == _MANAGED_ACCOUNT)


def find_arns(text: str) -> Iterator[tuple[int, int]]:
    """Give start and end of what reads like an ARN inside a longer text."""
    for match in _IN_TEXT.finditer(text):
        arn = match[0].rstrip(_AFTER_AN_ARN)
        yield match.start(), match.start() + len(arn)


def guess_kind(text: str) -> str:
    """Return the kind that a text with placeholders says by its words."""
    return next((kind for word, kind in _WORDS if word.search(text)), OTHER)
