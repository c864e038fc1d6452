"""Names that the service does not take, or that people take for one another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.model import Severity
from flowops.systems.connect.flow_types import CONTACT_FLOW, FLOW_MODULE, api_type
from flowops.systems.connect.limits import LIMITS
from flowops.systems.connect.rules.rule import Note, Rule, Subject

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from flowops.systems.protocol import Flow


_SHOWN = 40


def _alike(flows: Sequence[Flow]) -> Iterator[tuple[Flow, Note]]:
    first: dict[tuple[str, str], Flow] = {}
    for flow in flows:
        kind, name = flow.address.kind, flow.address.name
        other = first.setdefault((kind, name.casefold()), flow)
        if other is not flow:
            words = f"the name {name!r} differs only in case from "
            words += f"{other.address.name!r} in {other.source.path}"
            yield flow, Note(("Metadata", "name"), words, "rename one of the two")


def _refused(subject: Subject) -> Iterator[Note]:
    if not (flow := subject.flow):
        return
    limits = LIMITS[flow.kind]
    if why := limits["Name"].refusal(flow.name):
        words = f"the name {_short(flow.name)} {why}"
        yield Note(("Metadata", "name"), words, "rename it in the file")
    description = None if flow.kind == FLOW_MODULE else flow.description
    if description and (why := limits["Description"].refusal(description)):
        words = f"the description {_short(description)} {why}"
        yield Note(("Metadata", "description"), words, "change it in the file")


def _short(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")


def _no_type(subject: Subject) -> Iterator[Note]:
    stated = subject.flow.stated_type if subject.flow else ""
    if stated and not api_type(stated):
        types = ", ".join(sorted(LIMITS[CONTACT_FLOW]["Type"].words))
        words = f"the type {stated!r} does not exist"
        yield Note(("Metadata", "type"), words, f"types are {types}")


NAME_REFUSED = Rule(
    "connect/name-refused",
    Severity.ERROR,
    "The service does not take a name or a description",
    "The name of a module has at most 127 characters, and one that is no space. A "
    "promote would fail when it creates it.",
    "CreateContactFlow and CreateContactFlowModule in the model of the API in botocore",
    _refused,
)
TYPE_WORD = Rule(
    "connect/type-word",
    Severity.WARNING,
    "The file says a type that does not exist",
    "A new flow cannot be created with it, unless the environment says another. A flow "
    "that is there keeps its type.",
    "CreateContactFlow in the model of the API in botocore",
    _no_type,
)
NAMES_ALIKE = Rule(
    "connect/names-alike",
    Severity.WARNING,
    "Two flows have names that differ only in case",
    "They are two flows to FlowOps. To a person who looks for one in the console they "
    "are easily one.",
    "flows of one project",
    find_together=_alike,
)
