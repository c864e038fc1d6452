"""Whether what a reference was answered with is in use, in the version it names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.model import BindingState, Severity
from flowops.systems.connect.inventory import ARCHIVED
from flowops.systems.connect.rules.rule import Note, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowops.model import Binding, Resource
    from flowops.systems.protocol import BoundFlow

_ALWAYS = frozenset(["$LATEST", "$SAVED"])


def _archived(bound: BoundFlow) -> Iterator[Note]:
    for binding, resource in _answers(bound):
        if resource.state == ARCHIVED:
            reference = binding.reference
            yield Note(
                reference.path,
                f"block {reference.block}: {resource.kind} {resource.name!r} is "
                "archived there",
                "promote it too, make it active there, or map another one under "
                "`references`",
            )


def _unknown(bound: BoundFlow) -> Iterator[Note]:
    for binding, resource, qualifier in _qualified(bound):
        known = resource.qualifiers
        if known is not None and qualifier not in known:
            reference = binding.reference
            there = f"it has {', '.join(known)}" if known else "it has none"
            yield Note(
                reference.path,
                f"block {reference.block}: {resource.kind} {resource.name!r} has no "
                f"version or alias {qualifier!r} there: {there}",
                "create it there, or map the reference to the ARN of one that is there",
            )


def _unchecked(bound: BoundFlow) -> Iterator[Note]:
    for binding, resource, qualifier in _qualified(bound):
        if resource.qualifiers is None:
            reference = binding.reference
            yield Note(
                reference.path,
                f"block {reference.block}: whether {resource.kind} {resource.name!r} "
                f"has the version or alias {qualifier!r} cannot be checked",
                "see that it exists there",
            )


def _qualified(bound: BoundFlow) -> Iterator[tuple[Binding, Resource, str]]:
    """Give what is referred to by a version or an alias that not everything has."""
    for binding, resource in _answers(bound):
        qualifier = qualifier_of(binding.value, resource)
        if qualifier and qualifier not in _ALWAYS:
            yield binding, resource, qualifier


def qualifier_of(value: str, resource: Resource) -> str:
    """Return what stands behind the ARN or the id of a resource, or nothing."""
    for key in filter(None, (resource.arn, resource.id)):
        if value.startswith(f"{key}:"):
            return value.removeprefix(f"{key}:")
    return ""


def _answers(bound: BoundFlow) -> Iterator[tuple[Binding, Resource]]:
    for binding in bound.bindings:
        if binding.state is BindingState.RESOLVED and binding.resource:
            yield binding, binding.resource


ARCHIVED_REFERENCE = Rule(
    "connect/archived-reference",
    Severity.WARNING,
    "A flow refers to what is archived",
    "The console lists neither flows nor modules that are archived. A block takes its "
    "error branch when what it names is not valid; nothing promises that an archived "
    "flow is.",
    "Transfer to flow in the Amazon Connect administrator guide",
    find_bound=_archived,
)
UNKNOWN_QUALIFIER = Rule(
    "connect/unknown-qualifier",
    Severity.ERROR,
    "A reference names a version or an alias that does not exist",
    "The flow, the module or the view is there, and what stands behind its id is none "
    "of its versions and aliases. Each instance counts its own versions.",
    "ListContactFlowModuleVersions in the Amazon Connect API reference",
    find_bound=_unknown,
)
QUALIFIER_UNCHECKED = Rule(
    "connect/qualifier-unchecked",
    Severity.WARNING,
    "Whether a version or an alias exists cannot be checked",
    "Amazon Connect does not list those of a Lambda function. Those of flows, modules "
    "and views it lists to whoever may ask, and a snapshot has those that flows "
    "referred to when it was taken.",
    "ListLambdaFunctions in the Amazon Connect API reference",
    find_bound=_unchecked,
)
