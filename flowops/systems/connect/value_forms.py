"""How a value names a resource: by ARN, by id, by name, or only at run time.

Source of the JSONPath forms: "Contact attributes" in the Amazon Connect
administrator guide. The placeholders are those of tools that keep flows as
templates: ``${Name}``, ``{{ name }}``, ``%%NAME%%``, ``<<name>>`` and the like.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from flowops.model import ReferenceForm
from flowops.systems.connect.arns import ParsedArn, parse_arn

_ID = re.compile(
    r"(?P<key>[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})(?P<suffix>:.+)?"
)
_ID_LENGTH = 36
_PLACEHOLDER = re.compile(
    r"%\w+%|<[\w .-]+>|__\w+__|(?:ENTER|SELECT|REPLACE)[ _][\w ]+"
    r"|.*(?:\$\{.*\}|\{\{.*\}\}|%%.+%%|<<.*>>|##.+##).*"
    r"|arn:.*(?:\$\{|\{\{|<<|%%|##|__[A-Z]|<[\w.-]+>).*",
    re.DOTALL,
)
_ADDRESSES = ("arn:", "s3:")


@dataclass(frozen=True, slots=True)
class ValueForm:
    """The form of a value, its identifying part, its qualifier, and its ARN."""

    form: ReferenceForm
    key: str = ""
    suffix: str = ""
    arn: ParsedArn | None = None


def is_dynamic(value: str) -> bool:
    """Tell whether a value is, or holds, a JSONPath that a contact fills in."""
    return value.startswith(("$.", "$[")) or (
        value.startswith(_ADDRESSES) and ("$." in value or "$[" in value)
    )


def is_placeholder(value: str) -> bool:
    """Tell whether another tool has yet to fill a value in."""
    return _PLACEHOLDER.fullmatch(value) is not None


def is_bare_id(value: str) -> bool:
    """Tell whether a text is a UUID and nothing else."""
    return len(value) == _ID_LENGTH and _ID.fullmatch(value) is not None


def form_of(value: str) -> ValueForm:
    """Tell how a parameter that refers to a resource is written."""
    if not value.strip():
        return ValueForm(ReferenceForm.EMPTY)
    if is_placeholder(value):
        return ValueForm(ReferenceForm.PLACEHOLDER)
    if is_dynamic(value):
        return ValueForm(ReferenceForm.DYNAMIC)
    if arn := parse_arn(value):
        return ValueForm(ReferenceForm.ARN, arn.key, arn.suffix, arn)
    if match := _ID.fullmatch(value):
        return ValueForm(ReferenceForm.ID, match["key"], match["suffix"] or "")
    return ValueForm(ReferenceForm.NAME, value)
