"""Plans and findings as JSON, with a format version.

Version 1.0: a program may rely on every key; new keys may come within 1.x, and
a reader ignores those it does not know. A breaking change raises the first
number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.documents.canonical import pretty_json
from flowops.report.model import FORMAT_VERSION
from flowops.report.visible import log_json
from flowops.secrets import REDACTION

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowops.documents.json_text import JsonValue
    from flowops.model import Finding
    from flowops.report.model import (
        ChangeReport,
        FieldReport,
        PlanReport,
        ReferenceReport,
    )


def plan_json(report: PlanReport, version: str) -> str:
    """Write a plan document."""
    return document_text(
        {
            "format_version": FORMAT_VERSION,
            "flowops_version": version,
            "environment": report.environment,
            "source": report.source,
            "compared_with": report.compared_with,
            "targets": report.targets,
            "unmanaged": list(report.unmanaged),
            "changes": [_change(change) for change in report.changes],
            "findings": [finding_json(finding) for finding in report.findings],
            "summary": report.summary,
            "complete": True,
            "errored": report.errored,
            "applicable": not report.errored,
            "digest": report.digest,
        }
    )


def findings_json(flows: int, findings: Sequence[Finding], version: str) -> str:
    """Write the document of a check."""
    return document_text(
        {
            "format_version": FORMAT_VERSION,
            "flowops_version": version,
            "flows": flows,
            "findings": [finding_json(finding) for finding in findings],
        }
    )


def document_text(content: dict[str, JsonValue]) -> str:
    """Write a document so that no line of it is a command of a runner's log."""
    return log_json(pretty_json(content))


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
    blocks = tuple(change.blocks)
    return {
        "address": change.address,
        "system": change.address.partition("/")[0],
        "path": change.path,
        "actions": [change.action],
        "previous_address": change.previous_address or None,
        "before_digest": change.before_digest or None,
        "after_digest": change.after_digest or None,
        "blocks": [
            {
                "block": b.block,
                "previous_block": b.previous or None,
                "type": b.type,
                "label": b.label,
                "action": b.action,
            }
            for b in blocks
        ],
        "fields": [
            *(_field(field, None) for field in change.attributes),
            *(_field(f, block.block) for block in blocks for f in block.fields),
        ],
        "edges": {
            "added": [edge.by_id for edge in change.edges_added],
            "removed": [edge.by_id for edge in change.edges_removed],
        },
        "layout_values": change.layout,
        "moved_blocks": list(change.moved),
        "renamed_blocks": change.renamed,
        "sensitive_values_differ": change.sealed,
        "state_safety": _state(change),
        "references": [_reference(reference) for reference in change.references],
    }


def _reference(found: ReferenceReport) -> dict[str, JsonValue]:
    return {
        "block": found.block,
        "path": found.path,
        "kind": found.kind,
        "name": found.name,
        "state": found.state,
        "value": found.value,
        "evidence": found.evidence,
    }


def _state(change: ChangeReport) -> JsonValue:
    if not change.state_safety:
        return None
    return {"verdict": change.state_safety, "reason": change.state_reason}


def _field(field: FieldReport, block: str | None) -> dict[str, JsonValue]:
    added, removed = field.before is None, field.after is None
    return {
        "block": block,
        "path": field.path,
        "op": "add" if added else "remove" if removed else "replace",
        "before": field.before,
        "after": field.after,
        "before_name": field.before_name or None,
        "after_name": field.after_name or None,
        "sensitive": _is_redacted(field.before) or _is_redacted(field.after),
        "origin": field.origin or None,
        "statements": _statements(field) if field.statements else [],
    }


def _statements(field: FieldReport) -> list[JsonValue]:
    return [
        {"name": s.name, "action": s.action, "before": s.before, "after": s.after}
        for s in field.statements
    ]


def _is_redacted(value: str | None) -> bool:
    return bool(value and "<" in value and REDACTION.search(value))
