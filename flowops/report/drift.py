"""A drift check as text, JSON and Markdown: what was changed past the project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.model import Severity
from flowops.report.json_document import document_text, finding_json
from flowops.report.markdown import finding_line
from flowops.report.markdown_text import code, prose, row, table
from flowops.report.model import FORMAT_VERSION
from flowops.report.paging import COMMENT_LIMIT, Record, paged
from flowops.report.text import findings_text
from flowops.report.visible import plural, visible

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from flowops.report.model import DriftReport, StandingReport


def drift_text(report: DriftReport) -> str:
    """Write how each flow stands; drifted ones are marked."""
    last = _last(report, visible)
    lines = [f"Environment {visible(report.environment)}, {last}", ""]
    for flow in report.flows:
        sign = "!" if flow.drifted else " "
        lines.append(f"{sign} {visible(flow.address)}: {', '.join(flow.standings)}")
    if report.findings:
        lines += ["", *findings_text(report.findings).splitlines()]
    lines += ["", _sum(report)]
    lines += [visible(_next(report))] if report.drifted else []
    return "".join(f"{line}\n" for line in lines)


def drift_json(report: DriftReport, version: str) -> str:
    """Write the document of a drift check."""
    return document_text(
        {
            "format_version": FORMAT_VERSION,
            "flowops_version": version,
            "environment": report.environment,
            "last_run": report.last or None,
            "flows": [
                {
                    "address": flow.address,
                    "standings": list(flow.standings),
                    "drifted": flow.drifted,
                }
                for flow in report.flows
            ],
            "drifted": report.drifted > 0,
            "findings": [finding_json(finding) for finding in report.findings],
        }
    )


def drift_markdown(
    report: DriftReport, *, whole: str, limit: int = COMMENT_LIMIT
) -> str:
    """Write a drift check so that it fits an issue: what drifted, then the rest."""
    last = _last(report, code)
    head = (
        f"### FlowOps drift of {code(report.environment)}\n\n"
        f"**{_sum(report)}** {last[0].upper()}{last[1:]}.\n"
    )
    if report.drifted:
        head += f"\n{prose(_next(report))}\n"
    parts = {
        "#### Changed past the project": [f for f in report.flows if f.drifted],
        "#### Other flows" if report.drifted else "#### Flows": [
            f for f in report.flows if not f.drifted
        ],
    }
    records = [
        Record("finding", "#### Findings", finding_line(found))
        for found in report.findings
    ]
    records += [
        Record("flow", heading, _rows(flows))
        for heading, flows in parts.items()
        if flows
    ]
    return paged(lambda _: head, records, whole, limit=limit)[0]


def _rows(flows: Sequence[StandingReport]) -> str:
    rows = (row(code(f.address), ", ".join(f.standings)) for f in flows)
    return table(("flow", "how it stands"), rows)


def _last(report: DriftReport, shown: Callable[[str], str]) -> str:
    if not report.last:
        return "no record of a promote"
    return f"last promoted by run {shown(report.last)}"


def _next(report: DriftReport) -> str:
    """Say what to do; only flows of Amazon Connect can be pulled."""
    if not any(f.drifted and f.address.startswith("connect/") for f in report.flows):
        return "The next promote writes over what drifted."
    return (
        f"Take over what is right with flowops pull {report.environment} FLOW; "
        "the next promote writes over the rest."
    )


def _sum(report: DriftReport) -> str:
    count = report.drifted
    drifted = f"{plural(count, 'flow')} drifted" if count else "No drift"
    errors = sum(f.severity is Severity.ERROR for f in report.findings)
    if not errors:
        return f"{drifted}."
    return f"{drifted} as far as it can be told: {plural(errors, 'error')}."
