"""IBM Event Processing: stream flows, exported as JSON and run by Flink."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.systems.event_processing.targets import KINDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowops.documents.json_text import JsonValue
    from flowops.documents.source import SourceText
    from flowops.model import Finding, Graph, StateVerdict
    from flowops.systems.protocol import (
        BoundFlow,
        Bundle,
        Flow,
        FlowState,
        Target,
        TargetSettings,
    )

name = "event_processing"
target_kinds = KINDS
_STARTS = (b"PK\x03\x04", b"PK\x05\x06")


def recognises(root: JsonValue) -> bool:
    """Tell whether a document is an export of a flow."""
    if not isinstance(root, dict) or "contextState" not in root:
        return False
    return "flowDetails" in root or "pipelineState" in root


def read(source: SourceText, root: JsonValue) -> Flow:
    """Read an export; raises ``InputError`` with the place of what is wrong."""
    from flowops.systems.event_processing.reading.reader import read_flow

    return read_flow(source, root)


def recognises_file(path: str, data: bytes) -> bool:
    """Tell whether a file is an export as a zip or as SQL."""
    return path.lower().endswith((".zip", ".sql")) or data.startswith(_STARTS)


def read_file(path: str, data: bytes) -> Flow:
    """Read an export as a zip or as SQL; raises ``InputError`` with the place."""
    from flowops.systems.event_processing.reading.exports import read_export

    return read_export(path, data)


def review(bound: BoundFlow) -> tuple[Finding, ...]:
    """Say which settings of an environment the product would not accept."""
    from flowops.systems.event_processing.job_failure import failure_findings
    from flowops.systems.event_processing.settings.review import review_flow

    return (*failure_findings(bound), *review_flow(bound))


def review_together(flows: Sequence[Flow]) -> tuple[Finding, ...]:
    """Say nothing: stream flows do not refer to each other."""
    del flows
    return ()


def render(bound: BoundFlow) -> Bundle:
    """Make the SQL, the configuration and the redacted export of a flow."""
    from flowops.systems.event_processing.output.rendering import render_flow

    return render_flow(bound)


def describe(state: FlowState) -> Graph:
    """Read the files of a flow by meaning, without their secrets.

    A job that failed on the target is told of. Raises ``InputError`` for a file that
    cannot be read.
    """
    from flowops.systems.event_processing.job_failure import with_failure
    from flowops.systems.event_processing.output.description import describe_state

    return with_failure(describe_state(state), state.attributes)


def describe_bundle(bound: BoundFlow, bundle: Bundle) -> Graph:
    """Read the files of a bundle by meaning; what is known of them is not read anew."""
    from flowops.systems.event_processing.job_failure import started_again
    from flowops.systems.event_processing.output.description import describe_rendered
    from flowops.systems.event_processing.pipeline import Pipeline

    body, state = bound.flow.body, bundle.state()
    if isinstance(body, Pipeline):
        return started_again(describe_rendered(state, body.learnt), bound.live)
    return started_again(describe(state), bound.live)


def state_safety(before: Graph, after: Graph) -> StateVerdict | None:
    """Say what becomes of the state of a running job when a flow changes."""
    from flowops.systems.event_processing.job_state import state_safety as judge

    return judge(before, after)


def open_target(settings: TargetSettings) -> Target:
    """Return the target an environment describes; nothing is called yet.

    Raises ``InputError`` for a kind or a value that cannot be used.
    """
    from dataclasses import replace

    from flowops.systems.event_processing.settings.product_version import (
        KEY,
        check_version,
    )
    from flowops.systems.event_processing.targets import open_target as open_kind

    check_version(settings.values, settings.location)
    values = {key: text for key, text in settings.values.items() if key != KEY}
    return open_kind(replace(settings, values=values))
