"""Values that should not be in a flow, or that nobody can follow."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flowops.model import Severity
from flowops.systems.connect.graph import shown_value
from flowops.systems.connect.references import Unpaired
from flowops.systems.connect.rules.rule import Note, Rule, Subject
from flowops.systems.connect.value_forms import is_bare_id

if TYPE_CHECKING:
    from collections.abc import Iterator

_MARKS = re.compile(r"\$\{[^{}]+\}|\{\{[^{}]+\}\}|%%\w+%%|<<[^<>]+>>")
_CASE_FIELDS = "CaseRequestFields"
_SIGNS = ("${", "{{", "%%", "<<")


def _placeholders(subject: Subject) -> Iterator[Note]:
    known = {reference.path for reference in subject.found.references}
    for action, pointer, text in subject.texts:
        if pointer in known or not any(sign in text for sign in _SIGNS):
            continue
        if mark := _MARKS.search(text):
            words = f"block {action.identifier}: {pointer[-1]} holds {mark[0]}"
            yield Note(pointer, f"{words}, a placeholder of another tool")


def _secrets(subject: Subject) -> Iterator[Note]:
    for action, pointer, text in subject.texts:
        if shown_value(str(pointer[-1]), text) != text:
            words = f"{pointer[-1]} holds what looks like a secret"
            yield Note(pointer, f"block {action.identifier}: {words}")


def _metadata_only(subject: Subject) -> Iterator[Note]:
    yield from _left(subject, Unpaired.METADATA, "stands only in the metadata")


def _bare_id(subject: Subject) -> Iterator[Note]:
    yield from _left(subject, Unpaired.BARE_ID, "looks like the id of a resource")


def _case_field(subject: Subject) -> Iterator[Note]:
    for action in subject.actions:
        fields = action.parameters.get(_CASE_FIELDS)
        for key in fields if isinstance(fields, dict) else ():
            if is_bare_id(key):
                yield Note(
                    ("Actions", action.index, "Parameters", _CASE_FIELDS, key),
                    f"block {action.identifier}: the field {key} of a case is named by "
                    "its id; it is left as it is",
                )


def _left(subject: Subject, why: Unpaired, words: str) -> Iterator[Note]:
    for left in subject.found.leftovers:
        if left.why is why:
            message = f"block {left.block}: {left.text} {words}; it is left as it is"
            yield Note(left.pointer, message)


PLACEHOLDER = Rule(
    "connect/placeholder",
    Severity.WARNING,
    "A text holds a placeholder of another tool",
    "A contact would hear or see it as it stands. Placeholders where a resource is "
    "named are answered by the environment, and are not meant here.",
    "flows kept as templates by other tools",
    _placeholders,
)
SECRET_IN_FILE = Rule(
    "connect/secret-in-file",
    Severity.WARNING,
    "A parameter holds what looks like a secret",
    "Its name says so and its value is fixed, or it is an address with a login in it. "
    "Everybody who reads the flow reads it: let a Lambda function fetch it instead.",
    "Best practices for security in the Amazon Connect administrator guide",
    _secrets,
)
METADATA_ONLY = Rule(
    "connect/metadata-only",
    Severity.INFO,
    "The designer remembers a resource that the flow does not use",
    "An ARN in the metadata of a block repeats no parameter of the flow. It has no "
    "effect on a contact, and stays as it is.",
    "exports of the console",
    _metadata_only,
)
BARE_ID = Rule(
    "connect/bare-id",
    Severity.INFO,
    "A free value looks like the id of a resource",
    "A UUID in an attribute may be the id of a flow or a queue of this instance. "
    "Nothing says of which, so it stays as it is: use an ARN, or fill it in at run "
    "time.",
    "exports of the console",
    _bare_id,
)
CASE_FIELD = Rule(
    "connect/case-field",
    Severity.WARNING,
    "A field of a case is named by its id",
    "A field that AWS does not define has a UUID, another one in each Cases domain, "
    "and `CaseRequestFields` has it as a key, which no overlay maps. In another domain "
    "the block takes its error branch: keep a flow for each domain.",
    "CreateCase in the Amazon Connect API reference",
    _case_field,
)
