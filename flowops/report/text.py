"""Plans and findings as plain text for a terminal or a log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from flowops.model import Finding
    from flowops.report.model import (
        BlockReport,
        ChangeReport,
        FieldReport,
        PlanReport,
        ReferenceReport,
    )

_SIGNS = {
    "create": "+",
    "update": "~",
    "layout": "~",
    "blocked": "!",
    "delete": "-",
    "add": "+",
    "remove": "-",
    "change": "~",
}
_WORDS = {
    "create": "will be created",
    "update": "will be updated",
    "layout": "layout only, no change of behaviour",
    "blocked": "cannot be promoted",
    "delete": "will be deleted",
}
_LONGEST = 200


def visible(text: str) -> str:
    """Return text in which control characters are written as escapes."""
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape").decode("ascii")
        for c in text
    )


def findings_text(findings: Sequence[Finding]) -> str:
    """Write findings one a line, as compilers do, with what to do below."""
    return "".join(f"{line}\n" for finding in findings for line in _finding(finding))


def count_text(flows: int, findings: Sequence[Finding]) -> str:
    """Write the last line of a check."""
    errors = sum(f.severity is Severity.ERROR for f in findings)
    warnings = sum(f.severity is Severity.WARNING for f in findings)
    return (
        f"Checked {_plural(flows, 'flow')}: "
        f"{_plural(errors, 'error')}, {_plural(warnings, 'warning')}.\n"
    )


def plan_text(report: PlanReport) -> str:
    """Write a plan: where to, each change, each finding, and the sum."""
    return "".join(f"{line}\n" for line in _plan(report))


def drift_text(
    environment: str, last: str, rows: Sequence[tuple[str, Sequence[str], bool]]
) -> str:
    """Write how each flow stands; drifted ones are marked."""
    promoted = f"last promoted by run {last}" if last else "no record of a promote"
    lines = [f"Environment {visible(environment)}, {promoted}", ""]
    for address, standings, drifted in rows:
        sign = "!" if drifted else " "
        lines.append(f"{sign} {visible(address)}: {', '.join(standings)}")
    count = sum(drifted for _, _, drifted in rows)
    lines += ["", f"{_plural(count, 'flow')} drifted." if count else "No drift."]
    return "".join(f"{line}\n" for line in lines)


def _plan(report: PlanReport) -> Iterator[str]:
    yield f"Environment {visible(report.environment)}"
    for system, words in sorted(report.compared_with.items()):
        target = report.targets.get(system, "")
        yield f"  {system}: compared with {words}" + (f" {target}" if target else "")
    for change in report.changes:
        if change.action != "no-op":
            yield ""
            yield from _change(change)
    for address in report.unmanaged:
        yield f"  no longer managed: {visible(address)}  (--allow deletes removes it)"
    if report.findings:
        yield ""
    for finding in report.findings:
        yield from _finding(finding)
    yield ""
    yield summary_line(report)
    if not report.errored:
        yield f"Digest: {report.digest}"


def summary_line(report: PlanReport) -> str:
    """Write the sum of a plan in words that stay the same."""
    count = report.summary
    if not any(count.values()):
        return "No changes."
    words = (
        f"Plan: {count['create']} to create, {count['update']} to update, "
        f"{count['delete']} to delete, {count['move']} to move."
    )
    if count["layout"]:
        words += f" {_plural(count['layout'], 'flow')} with layout only."
    if count["blocked"]:
        words += f" {_plural(count['blocked'], 'flow')} cannot be promoted."
    return words


def _change(change: ChangeReport) -> Iterator[str]:
    sign = _SIGNS[change.action]
    yield f"{sign} {visible(change.address)}  {_WORDS[change.action]}"
    if change.path:
        yield f"    from {visible(change.path)}"
    if change.action == "create":
        yield f"    {_plural(len(change.blocks), 'block')}"
    else:
        yield from _details(change)
    if change.action in ("create", "blocked"):
        for reference in change.references:
            if reference.state != "unchecked":
                yield from _reference(reference)


def _details(change: ChangeReport) -> Iterator[str]:
    for field in change.attributes:
        yield from _field(field, "    ")
    for block in change.blocks:
        yield from _block(block)
    for edge in change.edges_removed:
        yield f"    - edge {visible(edge)}"
    for edge in change.edges_added:
        yield f"    + edge {visible(edge)}"
    if change.sealed:
        yield "    ~ a sensitive value differs"
    if change.layout:
        yield f"    {_plural(change.layout, 'value')} of the layout"
    if change.state_safety:
        yield f"    state: {change.state_safety} ({visible(change.state_reason)})"


def _block(block: BlockReport) -> Iterator[str]:
    label = f" {visible(block.label)}" if block.label else ""
    kind = visible(block.type)
    yield f"    {_SIGNS[block.action]} block{label} {visible(block.block)} ({kind})"
    if block.action == "change":
        for field in block.fields:
            yield from _field(field, "        ")


def _field(field: FieldReport, indent: str) -> Iterator[str]:
    path = visible(field.path)
    origin = f"   ({visible(field.origin)})" if field.origin else ""
    if field.before is None:
        yield f"{indent}+ {path}: {_value(field.after)}{origin}"
    elif field.after is None:
        yield f"{indent}- {path}: {_value(field.before)}{origin}"
    elif "\n" in field.before + field.after:
        yield f"{indent}~ {path}:{origin}"
        yield from _lines(field.before, field.after, indent + "    ")
    else:
        before, after = _both(field)
        yield f"{indent}~ {path}: {before} -> {after}{origin}"


def _both(field: FieldReport) -> tuple[str, str]:
    """Write two values; resources by name, unless both have the same one."""
    if field.before_name and field.after_name != field.before_name:
        after = visible(field.after_name) or _value(field.after)
        return visible(field.before_name), after
    if field.after_name and not field.before_name:
        return _value(field.before), visible(field.after_name)
    return _value(field.before), _value(field.after)


def _lines(before: str, after: str, indent: str) -> Iterator[str]:
    """Write two texts of many lines as the lines that differ."""
    from difflib import ndiff

    for line in ndiff(before.splitlines(), after.splitlines()):
        if line[:1] in "+-":
            yield f"{indent}{visible(line)}"


def _reference(reference: ReferenceReport) -> Iterator[str]:
    name = f" {visible(reference.name)!r}" if reference.name else ""
    yield (
        f"    {reference.state}: {reference.kind}{name} in {visible(reference.block)}"
        f"  ({visible(reference.evidence)})"
    )


def _finding(finding: Finding) -> Iterator[str]:
    place = f"{finding.location}: " if finding.location else ""
    words = f"{finding.severity}: {finding.message} [{finding.rule}]"
    yield visible(f"{place}{words}")
    if finding.hint:
        yield visible(f"    {finding.hint}")


def _value(value: str | None) -> str:
    text = visible(value or "")
    if len(text) > _LONGEST:
        text = f"{text[:_LONGEST]}… ({len(text)} characters)"
    return f'"{text}"'


def _plural(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
