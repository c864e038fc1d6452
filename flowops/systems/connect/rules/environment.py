"""Whether a flow can become what an environment wants of it.

A type cannot be changed once a flow exists: the API has no operation for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.model import Severity
from flowops.systems.connect.flow_types import API_TYPES, FLOW_MODULE, api_type
from flowops.systems.connect.language import ContactFlow
from flowops.systems.connect.rules.rule import Note, Rule
from flowops.systems.protocol import SAVED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowops.systems.protocol import BoundFlow

_TYPE = ("Metadata", "type")
_SOURCE = "CreateContactFlow in the Amazon Connect API reference"


def _unknown(bound: BoundFlow) -> Iterator[Note]:
    word = bound.type or (_stated(bound) if bound.live is None else "")
    if _has_type(bound) and word and not api_type(word):
        words = f"the type {word!r} does not exist"
        hint = f"types are {', '.join(sorted(API_TYPES))}"
        yield Note(_TYPE, words, hint, bound.places.get("type"))


def _missing(bound: BoundFlow) -> Iterator[Note]:
    is_said = bound.type or _stated(bound)
    if _has_type(bound) and not is_said and bound.live is None:
        hint = f"write `flows: {{{bound.flow.address.name!r}: {{type: …}}}}`"
        yield Note((), "the file does not say of which type the flow is", hint)


def _differs(bound: BoundFlow) -> Iterator[Note]:
    live, wanted = (bound.live or {}).get("type", ""), api_type(bound.type)
    if _has_type(bound) and wanted and live and wanted != live:
        words = f"the flow is {wanted}, the one of this name there is {live}"
        hint = "a type cannot be changed: rename one of the two"
        yield Note(_TYPE, words, hint, bound.places.get("type"))


def _new_draft(bound: BoundFlow) -> Iterator[Note]:
    if not _has_type(bound) and bound.status == SAVED and bound.live is None:
        yield Note(
            (),
            "a new module cannot be a draft: Amazon Connect publishes it with its "
            "creation",
            "take `status: saved` away for this promote, or create the module by hand "
            "before it",
            bound.places.get("status"),
        )


def _stated(bound: BoundFlow) -> str:
    """Return the type that the file says and that does not exist, if it says one."""
    body = bound.flow.body
    word = body.stated_type if isinstance(body, ContactFlow) else ""
    return "" if api_type(word) else word


def _has_type(bound: BoundFlow) -> bool:
    return bound.flow.address.kind != FLOW_MODULE


UNKNOWN_TYPE = Rule(
    "connect/unknown-type",
    Severity.ERROR,
    "The type of a flow does not exist",
    f"Types are {', '.join(f'`{word}`' for word in sorted(API_TYPES))}, or the words "
    "of the console's exports.",
    _SOURCE,
    find_bound=_unknown,
)
TYPE_MISSING = Rule(
    "connect/type-missing",
    Severity.ERROR,
    "A new flow has no type",
    "A flow cannot be created without a type. Exports of the console say it; for "
    "other files the environment has to.",
    _SOURCE,
    find_bound=_missing,
)
TYPE_DIFFERS = Rule(
    "connect/type-differs",
    Severity.ERROR,
    "A flow of this name has another type",
    "The type of a flow cannot be changed: the API has no operation for it.",
    "UpdateContactFlowMetadata in the Amazon Connect API reference",
    find_bound=_differs,
)
NEW_DRAFT = Rule(
    "connect/module-draft",
    Severity.ERROR,
    "A new module cannot be a draft",
    "The operation that creates a module takes no status and publishes what it is "
    "given. A module that exists can have a draft beside what is live.",
    "CreateContactFlowModule in the Amazon Connect API reference",
    find_bound=_new_draft,
)
