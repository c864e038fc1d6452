"""Plans and findings as plain text for a terminal or a log."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, TypeAlias

from flowops.model import Severity
from flowops.report.details import (
    SIGNS,
    UNANSWERED,
    WORDS,
    answered_words,
    block_words,
    details_of,
    edge_lines,
    losses,
    summary_line,
    told_fields,
    told_references,
    value_pair,
)
from flowops.report.visible import (
    PATH,
    changed_lines,
    clipped,
    log_line,
    plural,
    sentence,
    visible,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from flowops.model import Finding
    from flowops.report.model import (
        BlockReport,
        ChangeReport,
        CheckReport,
        FieldReport,
        PlanReport,
        ReferenceReport,
        StatementReport,
    )

    Line: TypeAlias = tuple[str, str]

__all__ = [
    "check_text",
    "count_text",
    "findings_text",
    "plan_text",
    "summary_line",
    "visible",
]

_SGR = {"+": "32", "-": "31", "~": "33", "!": "1;31", "#": "1", "?": "33"}
"""Colours by the sign a line has (ECMA-48, section 8.3.117); # is a heading."""

_MOST_DETAILS = 200
_MOST_LINES = 40


def findings_text(findings: Sequence[Finding], *, colour: bool = False) -> str:
    """Write findings one a line, as compilers do, with what to do below."""
    return _text((line for f in findings for line in _finding(f)), colour=colour)


def count_text(flows: int, findings: Sequence[Finding]) -> str:
    """Write the last line of a check."""
    errors = sum(f.severity is Severity.ERROR for f in findings)
    warnings = sum(f.severity is Severity.WARNING for f in findings)
    return (
        f"Checked {plural(flows, 'flow')}: "
        f"{plural(errors, 'error')}, {plural(warnings, 'warning')}.\n"
    )


def check_text(report: CheckReport, *, colour: bool = False) -> str:
    """Write what a check found, and the sum."""
    findings = findings_text(report.findings, colour=colour)
    return findings + count_text(len(report.flows), report.findings)


def plan_text(report: PlanReport, *, colour: bool = False) -> str:
    """Write a plan: where to, each change, each finding, and the sum."""
    return _text(_plan(report), colour=colour)


def _text(lines: Iterable[Line], *, colour: bool) -> str:
    """Put lines together; signs and words say all that colours say."""
    return "".join(
        f"\x1b[{_SGR[style]}m{log_line(line)}\x1b[0m\n"
        if colour and style in _SGR
        else f"{log_line(line)}\n"
        for style, line in lines
    )


def _plan(report: PlanReport) -> Iterator[Line]:
    yield "#", f"Environment {clipped(report.environment)}"
    for system, words in sorted(report.compared_with.items()):
        target = report.targets.get(system, "")
        place = f" {clipped(target)}" if target else ""
        yield "", f"  {system}: compared with {clipped(words)}{place}"
    for change in report.changes:
        if change.action != "no-op":
            yield "", ""
            yield from _change(change)
    if report.unmanaged:
        yield "", ""
    for address in report.unmanaged:
        yield (
            "",
            f"  no longer managed: {clipped(address)}  (--allow deletes removes it)",
        )
    if report.findings:
        yield "", ""
    for finding in report.findings:
        yield from _finding(finding)
    yield "", ""
    if lost := losses(report):
        yield "!", f"! {lost}"
    yield "#", summary_line(report)
    if not report.errored:
        yield "", f"Digest: {report.digest}"


def _change(change: ChangeReport) -> Iterator[Line]:
    sign = SIGNS[change.action]
    yield sign, f"{sign} {clipped(change.address)}  {WORDS[change.action]}"
    if change.path:
        yield "", f"    from {clipped(change.path, PATH)}"
    if change.previous_address:
        old = clipped(change.previous_address)
        yield "", f"    does what {old} did, which will be deleted"
    details = _details(change)
    yield from islice(details, _MOST_DETAILS)
    if left := sum(1 for _ in details):
        yield "", f"    … and {plural(left, 'more line')}; --format json has them all"


def _details(change: ChangeReport) -> Iterator[Line]:
    if change.action == "create":
        yield "", f"    {plural(len(change.blocks), 'block')}"
    else:
        yield from _differences(change)
    for reference in told_references(change):
        yield _reference(reference)
    if answered := answered_words(change):
        yield "", f"    {answered}"


def _differences(change: ChangeReport) -> Iterator[Line]:
    for field in change.attributes:
        yield from _field(field, "    ")
    for block in change.blocks:
        yield from _block(block)
    for sign, words in edge_lines(change):
        yield sign, f"    {sign} edge {clipped(words)}"
    for sign, words in details_of(change):
        yield sign, f"    {words}"


def _block(block: BlockReport) -> Iterator[Line]:
    sign = SIGNS[block.action]
    yield sign, f"    {sign} block {clipped(block_words(block))}"
    for field in told_fields(block):
        yield from _field(field, "        ")


def _field(field: FieldReport, indent: str) -> Iterator[Line]:
    path = clipped(field.path)
    origin = f"   ({clipped(field.origin)})" if field.origin else ""
    if field.before is None:
        yield "+", f"{indent}+ {path}: {_value(field.after)}{origin}"
    elif field.after is None:
        yield "-", f"{indent}- {path}: {_value(field.before)}{origin}"
    elif field.statements:
        yield "~", f"{indent}~ {path}:{origin}"
        for statement in field.statements:
            yield from _statement(statement, indent + "    ")
    elif "\n" in field.before or "\n" in field.after:
        yield "~", f"{indent}~ {path}:{origin}"
        yield from _lines(field.before, field.after, indent + "    ")
    else:
        before, after = value_pair(field)
        yield "~", f"{indent}~ {path}: {before} -> {after}{origin}"


def _statement(statement: StatementReport, indent: str) -> Iterator[Line]:
    sign = SIGNS[statement.action]
    if statement.is_told:
        yield sign, f"{indent}{sign} {clipped(statement.name)}: the options above"
        return
    yield sign, f"{indent}{sign} {clipped(statement.name)}"
    before, after = statement.before or "", statement.after or ""
    yield from _lines(before, after, indent + "    ")


def _lines(before: str, after: str, indent: str) -> Iterator[Line]:
    """Write two texts of many lines as the lines that differ."""
    for line in changed_lines(before, after, _MOST_LINES):
        yield line[:1], f"{indent}{line}"


def _reference(reference: ReferenceReport) -> Line:
    name = f" '{clipped(reference.name)}'" if reference.name else ""
    kind, block = clipped(reference.kind), clipped(reference.block)
    bad = reference.state in UNANSWERED
    words = f"{reference.state}: {kind}{name} in {block}"
    return "!" if bad else "", f"    {words}  ({clipped(reference.evidence, 500)})"


_STYLES = {Severity.ERROR: "!", Severity.WARNING: "?"}


def _finding(finding: Finding) -> Iterator[Line]:
    place = f"{finding.location}: " if finding.location else ""
    message = sentence(finding.message)
    words = f"{finding.severity}: {message} [{clipped(finding.rule)}]"
    yield _STYLES.get(finding.severity, ""), f"{clipped(place, PATH)}{words}"
    if finding.hint:
        yield "", f"    {sentence(finding.hint)}"


def _value(value: str | None) -> str:
    return f'"{clipped(value or "")}"'
