"""Amazon Resource Names of what a flow can refer to.

Source: the resource types of Amazon Connect and AWS Lambda in the Service
Authorization Reference.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

ARN = re.compile(r"arn:aws[a-z-]*:[a-z0-9-]+:[^\s\"'<>,]*")
_CONNECT = re.compile(
    r"(?P<key>arn:(?P<partition>aws[a-z-]*):connect:(?P<region>[^:]*):(?P<account>[^:]*)"
    r":instance/(?P<instance>[^/]+)/(?P<type>[a-z-]+)/(?P<id>[^:]+))(?P<suffix>:.+)?"
)
_LAMBDA = re.compile(
    r"(?P<key>arn:aws[a-z-]*:lambda:[^:]*:[^:]*:function:(?P<id>[^:]+))(?P<suffix>:.+)?"
)
INSTANCE = re.compile(
    r"arn:aws[a-z-]*:connect:(?P<region>[a-z0-9-]+):(?P<account>[0-9]{12})"
    r":instance/(?P<id>[0-9a-zA-Z-]+)"
)

LAMBDA_FUNCTION = "lambda-function"
KIND_OF_RESOURCE_TYPE: Mapping[str, str] = {
    "queue": "queue",
    "prompt": "prompt",
    "contact-flow": "contact-flow",
    "flow-module": "flow-module",
    "operating-hours": "hours-of-operation",
}


@dataclass(frozen=True, slots=True)
class ParsedArn:
    """What an ARN says: the kind, the ARN without its qualifier, id, qualifier."""

    kind: str
    key: str
    id: str
    suffix: str


def parse_arn(text: str) -> ParsedArn | None:
    """Read a whole text as the ARN of a known kind, or return nothing."""
    if match := _LAMBDA.fullmatch(text):
        kind = LAMBDA_FUNCTION
    elif match := _CONNECT.fullmatch(text):
        kind = KIND_OF_RESOURCE_TYPE.get(match["type"], "")
    if not match or not kind or "/" in match["id"]:
        return None
    return ParsedArn(kind, match["key"], match["id"], match["suffix"] or "")
