"""Amazon Connect: flows, flow modules and views, moved between instances."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from flowops.documents.json_text import JsonValue, locate_all
from flowops.errors import InputError
from flowops.model import Address, Location
from flowops.systems.connect.description import describe_rendered, describe_state
from flowops.systems.connect.flow_types import FLOW_MODULE, api_type
from flowops.systems.connect.language import ContactFlow, read_contact_flow
from flowops.systems.connect.legacy.language import LegacyFlow, read_legacy_flow
from flowops.systems.connect.legacy.references import find_legacy_references
from flowops.systems.connect.references import find_references
from flowops.systems.connect.rendering import new_values, render_contact_flow
from flowops.systems.connect.review import (
    legacy_error,
    review_bound,
    review_flow,
    review_names,
)
from flowops.systems.connect.substitutions import check_placeholders
from flowops.systems.connect.view_review import (
    review_bound_view,
    review_shown,
    review_view,
)
from flowops.systems.connect.view_states import find_view_references, render_view
from flowops.systems.connect.views import (
    BODY,
    HEAD,
    TEMPLATE,
    View,
    holds_view,
    read_view,
)
from flowops.systems.connect.wrappers import (
    Unwrapped,
    is_bare,
    is_legacy,
    is_wrapped,
    unwrap,
)
from flowops.systems.protocol import Flow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowops.documents.source import SourceText
    from flowops.model import Finding, Graph, StateVerdict
    from flowops.systems.protocol import (
        BoundFlow,
        Bundle,
        FlowState,
        Target,
        TargetSettings,
    )

name = "connect"
target_kinds = ("amazon-connect", "sandbox")


def recognises(root: JsonValue) -> bool:
    """Tell whether a document is a flow, a module or a view, or holds one."""
    return is_bare(root) or is_wrapped(root) or holds_view(root)


def read(source: SourceText, root: JsonValue) -> Flow:
    """Read a flow, a module or a view; the file's name serves when it says none.

    Raises ``InputError`` with the place of what is wrong.
    """
    fallback = PurePosixPath(source.path).stem
    if holds_view(root):
        return _read_view(source, root, fallback)
    unwrapped = unwrap(source, root)
    body = _read_body(unwrapped, fallback)
    address = Address(name, body.kind, body.name)
    locate = partial(locate_all, body.source)
    if isinstance(body, LegacyFlow):
        found = find_legacy_references(body, locate)
    else:
        found = find_references(body, locate)
    check_placeholders(
        body.source, unwrapped.root, found.references, unwrapped.placeholders
    )
    findings = review_flow(body, found)
    return Flow(
        address=address,
        source=source,
        type=body.type,
        description=body.description or "",
        references=found.references,
        findings=tuple(replace(f, address=address) for f in findings),
        body=body,
    )


def _read_view(source: SourceText, root: JsonValue, fallback: str) -> Flow:
    if is_wrapped(root):
        raise InputError(
            "the template holds a flow and a view",
            hint="FlowOps reads one a file: keep the content of each in its own",
            location=source.place(0),
        )
    view = read_view(source, root, fallback)
    if not {HEAD, BODY} & view.template.keys():
        raise InputError(
            "Template is not that of a view: it has neither Head nor Body",
            hint="FlowOps does not run functions of CloudFormation such as Fn::Sub",
            location=view.place((TEMPLATE,)),
        )
    address = Address(name, view.kind, view.name)
    return Flow(
        address=address,
        source=source,
        description=view.description or "",
        references=find_view_references(view, partial(locate_all, view.source)),
        findings=tuple(replace(f, address=address) for f in review_view(view)),
        body=view,
    )


def _read_body(unwrapped: Unwrapped, fallback: str) -> ContactFlow | LegacyFlow:
    """Read the flow's own document; what the wrapper says counts more."""
    source, root = unwrapped.source, unwrapped.root
    if is_legacy(root):
        legacy = read_legacy_flow(source, root, fallback)
        return replace(legacy, name=unwrapped.name or legacy.name)
    flow = read_contact_flow(source, root, fallback)
    kind = unwrapped.kind or flow.kind
    flow_type = api_type(unwrapped.type) or flow.type
    return replace(
        flow,
        kind=kind,
        name=unwrapped.name or flow.name,
        type="" if kind == FLOW_MODULE else flow_type,
        stated_type="" if kind == FLOW_MODULE else unwrapped.type or flow.stated_type,
        description=flow.description
        if unwrapped.description is None
        else unwrapped.description,
        tags=unwrapped.tags,
    )


def recognises_file(path: str, data: bytes) -> bool:
    """Say no: a flow is always JSON."""
    del path, data
    return False


def read_file(path: str, data: bytes) -> Flow:
    """Raise ``InputError``: a flow is always JSON."""
    del data
    raise InputError("a flow of Amazon Connect is JSON", location=Location(path))


def review(bound: BoundFlow) -> tuple[Finding, ...]:
    """Say what is wrong with a flow's type, or that it is a legacy export."""
    if isinstance(bound.flow.body, View):
        return review_bound_view(bound, bound.flow.body)
    return review_bound(bound)


def review_together(flows: Sequence[Flow]) -> tuple[Finding, ...]:
    """Say which names are easily mistaken, and which views do not fit their flows."""
    return (*review_names(flows), *review_shown(flows))


def render(bound: BoundFlow) -> Bundle:
    """Make the content of a flow or a view for one instance.

    Raises ``InputError`` for a legacy export, which no instance takes.
    """
    if isinstance(bound.flow.body, View):
        return render_view(bound, bound.flow.body)
    if isinstance(bound.flow.body, LegacyFlow):
        found = legacy_error(bound.flow)
        raise InputError(found.message, hint=found.hint, location=found.location)
    return render_contact_flow(bound, _body(bound.flow))


def describe(state: FlowState) -> Graph:
    """Read the content of a state by meaning.

    Raises ``InputError`` when the content is neither a flow nor a view.
    """
    return describe_state(state)


def describe_bundle(bound: BoundFlow, bundle: Bundle) -> Graph:
    """Read a bundle by meaning; blocks that are as they were are not read anew."""
    flow = bound.flow.body
    if isinstance(flow, ContactFlow):
        return describe_rendered(bundle.state(), flow, new_values(bound, flow))
    return describe(bundle.state())


def state_safety(before: Graph, after: Graph) -> StateVerdict | None:
    """Say nothing: an instance runs no job that gathers state."""
    del before, after
    return None


def open_target(settings: TargetSettings) -> Target:
    """Return the instance an environment describes; nothing is called yet."""
    from flowops.systems.connect.opening import open_instance

    return open_instance(settings)


def _body(flow: Flow) -> ContactFlow:
    if isinstance(flow.body, ContactFlow):
        return flow.body
    message = f"{flow.address} was not read by this system"
    raise TypeError(message)
