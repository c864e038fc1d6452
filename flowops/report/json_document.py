"""Plans and findings as JSON, with a format version.

Version 1.0: a program may rely on every key; new keys may come within 1.x, and
a reader ignores those it does not know. A breaking change raises the first
number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.documents.canonical import indented_json, pretty_json
from flowops.documents.json_forms import (
    BOOLEANS,
    NULL,
    array,
    array_pieces,
    filled,
    object_form,
    object_pieces,
    string,
)
from flowops.report.model import FORMAT_VERSION
from flowops.report.visible import log_json
from flowops.secrets import REDACTION

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from flowops.documents.json_text import JsonValue
    from flowops.model import Finding
    from flowops.report.model import (
        BlockReport,
        ChangeReport,
        EdgeReport,
        FieldReport,
        PlanReport,
        ReferenceReport,
        StatementReport,
    )

# A plan is written as text at once: the numbers are the depths of its objects.
_CHANGE = object_form(
    2,
    "address",
    "system",
    "path",
    "actions",
    "previous_address",
    "before_digest",
    "after_digest",
    "blocks",
    "fields",
    "edges",
    "layout_values",
    "moved_blocks",
    "renamed_blocks",
    "sensitive_values_differ",
    "state_safety",
    "references",
)
_BLOCK = object_form(4, "block", "previous_block", "type", "label", "action")
_FIELD = object_form(
    4,
    "block",
    "path",
    "op",
    "before",
    "after",
    "before_name",
    "after_name",
    "sensitive",
    "origin",
    "statements",
)
_STATEMENT = object_form(6, "name", "action", "before", "after")
_EDGES = object_form(3, "added", "removed")
_STATE = object_form(3, "verdict", "reason")
_REFERENCE = object_form(
    4, "block", "path", "kind", "name", "state", "value", "evidence"
)


def plan_json(report: PlanReport, version: str) -> str:
    """Write a plan document."""
    members: dict[str, JsonValue] = {
        "format_version": FORMAT_VERSION,
        "flowops_version": version,
        "environment": report.environment,
        "source": dict(report.source),
        "compared_with": dict(report.compared_with),
        "targets": dict(report.targets),
        "unmanaged": list(report.unmanaged),
        "changes": None,
        "findings": [finding_json(finding) for finding in report.findings],
        "summary": dict(report.summary),
        "complete": True,
        "errored": report.errored,
        "applicable": not report.errored,
        "digest": report.digest,
    }
    texts: dict[str, Iterable[str]] = {
        name: (indented_json(value, 1),) for name, value in members.items()
    }
    texts["changes"] = array_pieces(1, map(_change, report.changes))
    return log_json("".join((*object_pieces(0, texts), "\n")))


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


def _change(change: ChangeReport) -> str:
    blocks = tuple(change.blocks)
    edges = _edges(change.edges_added), _edges(change.edges_removed)
    return _CHANGE % (
        string(change.address),
        string(change.address.partition("/")[0]),
        string(change.path),
        array(3, [string(change.action)]),
        filled(change.previous_address),
        filled(change.before_digest),
        filled(change.after_digest),
        array(3, map(_block, blocks)),
        array(3, _fields(change, blocks)),
        _EDGES % edges,
        change.layout,
        array(3, map(string, change.moved)),
        change.renamed,
        BOOLEANS[change.sealed],
        _state(change),
        array(3, map(_reference, change.references)),
    )


def _edges(edges: Sequence[EdgeReport]) -> str:
    return array(4, [string(edge.by_id) for edge in edges])


def _block(block: BlockReport) -> str:
    return _BLOCK % (
        string(block.block),
        filled(block.previous),
        string(block.type),
        string(block.label),
        string(block.action),
    )


def _fields(change: ChangeReport, blocks: Sequence[BlockReport]) -> Iterator[str]:
    for field in change.attributes:
        yield _field(field, NULL)
    for block in blocks:
        name = string(block.block)
        for field in block.fields:
            yield _field(field, name)


def _reference(found: ReferenceReport) -> str:
    return _REFERENCE % (
        string(found.block),
        string(found.path),
        string(found.kind),
        string(found.name),
        string(found.state),
        string(found.value),
        string(found.evidence),
    )


def _state(change: ChangeReport) -> str:
    if not change.state_safety:
        return NULL
    return _STATE % (string(change.state_safety), string(change.state_reason))


def _field(field: FieldReport, block: str) -> str:
    before, after = field.before, field.after
    is_redacted = _is_redacted(before) or _is_redacted(after)
    return _FIELD % (
        block,
        string(field.path),
        '"add"' if before is None else '"remove"' if after is None else '"replace"',
        string(before),
        string(after),
        filled(field.before_name),
        filled(field.after_name),
        BOOLEANS[is_redacted],
        filled(field.origin),
        array(5, map(_statement, field.statements)) if field.statements else "[]",
    )


def _statement(found: StatementReport) -> str:
    return _STATEMENT % (
        string(found.name),
        string(found.action),
        string(found.before),
        string(found.after),
    )


def _is_redacted(value: str | None) -> bool:
    return bool(value and "<" in value and REDACTION.search(value))
