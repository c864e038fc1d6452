"""Plans and findings as JSON, with a format version.

Version 1.0: a program may rely on every key; new keys may come within 1.x, and
a reader ignores those it does not know. A breaking change raises the first
number.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from flowops.documents.canonical import pretty_json
from flowops.report.model import FORMAT_VERSION

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowops.documents.json_text import JsonValue
    from flowops.model import Finding
    from flowops.report.model import ChangeReport, PlanReport


def plan_json(report: PlanReport, version: str) -> str:
    """Write a plan document."""
    return pretty_json(
        {
            "format_version": FORMAT_VERSION,
            "flowops_version": version,
            "environment": report.environment,
            "source": report.source,
            "compared_with": report.compared_with,
            "targets": report.targets,
            "changes": [_change(change) for change in report.changes],
            "findings": [finding_json(finding) for finding in report.findings],
            "summary": report.summary,
            "errored": report.errored,
            "applicable": not report.errored,
            "digest": report.digest,
        }
    )


def findings_json(flows: int, findings: Sequence[Finding], version: str) -> str:
    """Write the document of a check."""
    return pretty_json(
        {
            "format_version": FORMAT_VERSION,
            "flowops_version": version,
            "flows": flows,
            "findings": [finding_json(finding) for finding in findings],
        }
    )


def finding_json(finding: Finding) -> dict[str, JsonValue]:
    """Return a finding as JSON keys."""
    place = finding.location
    return {
        "rule": finding.rule,
        "severity": str(finding.severity),
        "message": finding.message,
        "hint": finding.hint,
        "address": str(finding.address) if finding.address else None,
        "path": place.path if place else None,
        "line": place.line if place else None,
        "column": place.column if place else None,
    }


def _change(change: ChangeReport) -> dict[str, JsonValue]:
    actions: list[JsonValue] = [change.action]
    return {
        "address": change.address,
        "path": change.path,
        "actions": actions,
        "previous_address": None,
        "before_digest": change.before_digest or None,
        "after_digest": change.after_digest or None,
        "attributes": [asdict(field) for field in change.attributes],
        "blocks": [asdict(block) for block in change.blocks],
        "edges": {
            "added": list(change.edges_added),
            "removed": list(change.edges_removed),
        },
        "layout_values": change.layout,
        "sensitive_values_differ": change.sealed,
        "references": [asdict(reference) for reference in change.references],
    }
