"""Plans and findings as Markdown, for a job summary and a comment on GitHub."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from flowops.model import Severity
from flowops.report.details import (
    LOSING,
    SIGNS,
    WORDS,
    answered_words,
    block_words,
    details_of,
    edge_lines,
    losses,
    summary_line,
    told_fields,
    told_references,
)
from flowops.report.diagrams import diagram
from flowops.report.markdown_text import code, fenced, prose, row, table
from flowops.report.paging import (
    COMMENT_LIMIT,
    SUMMARY_LIMIT,
    Record,
    bounded,
    paged,
)
from flowops.report.visible import changed_lines, clipped, plural

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

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

_ORDER = ("blocked", "delete", "update", "replace", "create", "layout")
_SEVERITIES = (Severity.ERROR, Severity.WARNING, Severity.INFO)
_COLUMNS = ("", "block", "property", "before", "after", "set by")
_MOST_LINES = 30
_FLOWS = "#### Flows"
# Between two pages; text from outside never holds it, since ``<`` is escaped.
PAGE = "<!-- flowops:page -->\n"


def plan_markdown(report: PlanReport, *, whole: str, limit: int = SUMMARY_LIMIT) -> str:
    """Write a plan for a job summary: sums first, errors, then every flow.

    ``whole`` says where the whole report is, and ``limit`` is a number of bytes.
    """
    return comment_pages(report, whole=whole, limit=limit)[0]


def comment_pages(
    report: PlanReport, *, whole: str, limit: int = COMMENT_LIMIT, most: int = 1
) -> tuple[str, ...]:
    """Write a plan as at most so many comments; the last says what is missing.

    Raises ``ValueError`` for a limit that the sums alone do not fit into.
    """
    head = partial(_plan_head, report)
    return paged(head, _records(report, limit // 4), whole, limit=limit, most=most)


def check_markdown(
    report: CheckReport, *, whole: str, limit: int = SUMMARY_LIMIT
) -> str:
    """Write what a check found, the worst first."""
    counts = [
        plural(sum(f.severity is severity for f in report.findings), str(severity))
        for severity in (Severity.ERROR, Severity.WARNING)
    ]
    flows = plural(len(report.flows), "flow")
    head = f"### FlowOps checked {flows}: {', '.join(counts)}\n"
    records = [r for s in _SEVERITIES for r in _findings(report.findings, s)]
    return paged(lambda _: head, records, whole, limit=limit)[0]


def _plan_head(report: PlanReport, page: int) -> str:
    title = f"### FlowOps plan for {code(report.environment)}"
    if page > 1:
        return f"{title}, page {page}\n\n{summary_line(report)}\n"
    errors = sum(f.severity is Severity.ERROR for f in report.findings)
    pieces = [f"{title}\n\n**{summary_line(report)}**\n"]
    if report.errored:
        words = f"{plural(errors, 'error')}: this plan cannot be promoted."
        pieces.append(f"\n> [!CAUTION]\n> {words}\n")
    if lost := losses(report):
        pieces.append(f"\n> [!WARNING]\n> {lost}\n")
    pieces.append("\n")
    for system, words in sorted(report.compared_with.items()):
        place = report.targets.get(system, "")
        pieces.append(
            f"- {code(system)} compared with {prose(words, 200)} {code(place)}\n"
        )
    if commit := str(report.source.get("commit", "")):
        more = ", with changes that are not committed" if report.source["dirty"] else ""
        pieces.append(f"- from commit {code(commit)}{more}\n")
    if not report.errored:
        pieces.append(f"- digest {code(report.digest)}\n")
    return "".join(pieces)


def _records(report: PlanReport, limit: int) -> list[Record]:
    changes = [c for c in report.changes if c.action in _ORDER]
    changes.sort(key=lambda change: _ORDER.index(change.action))
    alone = len(changes) == 1
    return [
        *_findings(report.findings, Severity.ERROR),
        *(
            Record("flow", _FLOWS, _flow(change, limit, is_open=alone))
            for change in changes
        ),
        *(
            Record("flow that is no longer managed", "#### No longer managed", line)
            for line in map(_unmanaged, report.unmanaged)
        ),
        *_findings(report.findings, Severity.WARNING),
        *_findings(report.findings, Severity.INFO),
    ]


def _unmanaged(address: str) -> str:
    words = "no longer in the project; stays on the target until `--allow deletes`"
    return f"- {code(address)}: {words}\n"


_HEADINGS = {
    Severity.ERROR: "#### Errors",
    Severity.WARNING: "#### Warnings",
    Severity.INFO: "#### For your information",
}


def _findings(findings: Sequence[Finding], severity: Severity) -> Iterator[Record]:
    for finding in findings:
        if finding.severity is severity:
            yield Record(str(severity), _HEADINGS[severity], finding_line(finding))


def finding_line(finding: Finding) -> str:
    """Write a finding as an item of a list."""
    place = f"{code(str(finding.location), 500)}: " if finding.location else ""
    hint = f"<br>→ {prose(finding.hint)}" if finding.hint else ""
    return f"- {place}{prose(finding.message)} ({code(finding.rule)}){hint}\n"


def _flow(change: ChangeReport, limit: int, *, is_open: bool) -> str:
    """Write one flow to be unfolded, in at most about so many bytes."""
    sign, words = SIGNS[change.action], WORDS[change.action]
    tag = "<details open>" if is_open or change.action == "blocked" else "<details>"
    title = f"{code(sign)} {code(change.address)} {words}{_measure(change)}"
    kept, left = bounded(_parts(change, limit // 2), limit)
    more = f"\n… and {plural(left, 'more difference')} in this flow\n" if left else ""
    return f"\n{tag}<summary>{title}</summary>\n{''.join(kept)}{more}\n</details>\n"


def _measure(change: ChangeReport) -> str:
    """Say how much of a flow differs."""
    edges = len(change.edges_added) + len(change.edges_removed)
    counts = [
        plural(count, word)
        for count, word in (
            (len(change.attributes) * (change.action != "create"), "attribute"),
            (len(change.blocks), "block"),
            (edges, "connection"),
        )
        if count
    ]
    if change.state_safety == LOSING:
        counts.append("<b>a running job loses state</b>")
    return f": {', '.join(counts)}" if counts else ""


def _parts(change: ChangeReport, drawing: int) -> Iterator[str]:
    """Give what there is to say, and a diagram of at most so many bytes."""
    if change.path:
        yield f"\nfrom {code(change.path, 500)}\n"
    if change.previous_address:
        old = code(change.previous_address)
        yield f"\ndoes what {old} did, which will be deleted\n"
    if change.action != "create":
        for _, words in details_of(change):
            yield f"\n{prose(words.removeprefix('~ '))}\n"
        yield from _rows(change)
        for block in change.blocks:
            yield from _scripts(block)
        yield from _edges(change)
    yield from _references(told_references(change))
    if answered := answered_words(change):
        yield f"\n{answered}\n"
    if picture := diagram(change, drawing):
        yield picture


def _edges(change: ChangeReport) -> Iterator[str]:
    edges = [f"{sign} {clipped(words)}" for sign, words in edge_lines(change)]
    for start in range(0, len(edges), _MOST_LINES):
        yield _fence(edges[start : start + _MOST_LINES])


def _fence(lines: Sequence[str]) -> str:
    return f"\n{fenced(lines)}"


def _rows(change: ChangeReport) -> Iterator[str]:
    rows = [_row("", field) for field in change.attributes]
    for block in change.blocks:
        name = code(block_words(block))
        if block.action != "change":
            word = "<i>new block</i>" if block.action == "add" else "<i>removed</i>"
            rows.append(row(code(SIGNS[block.action]), name, word, "", "", ""))
        rows += (_row(name, field) for field in told_fields(block))
    if rows:
        yield table(_COLUMNS, [rows[0]])
        yield from rows[1:]


def _row(block: str, field: FieldReport) -> str:
    sign = "+" if field.before is None else "-" if field.after is None else "~"
    before, after = _values(field)
    path, origin = code(field.path), code(field.origin)
    return row(code(sign), block, path, before, after, origin)


def _values(field: FieldReport) -> tuple[str, str]:
    """Write two values; what is told line by line is only named here."""
    if _lines_of(field):
        told = field.statements and all(s.is_told for s in field.statements)
        return "", "the options above" if told else "see below"
    before, after = field.before_name, field.after_name
    if before and before == after:
        before = after = ""
    return (
        code(before or field.before or "") or _nothing(field.before),
        code(after or field.after or "") or _nothing(field.after),
    )


def _nothing(value: str | None) -> str:
    return "" if value is None else "<i>empty</i>"


def _lines_of(field: FieldReport) -> bool:
    if field.before is None or field.after is None:
        return False
    return bool(field.statements) or "\n" in field.before or "\n" in field.after


def _scripts(block: BlockReport) -> Iterator[str]:
    """Write the values of many lines below the table they belong to."""
    for field in block.fields if block.action == "change" else ():
        if field.statements:
            for statement in field.statements:
                if not statement.is_told:
                    yield _statement(block, statement)
        elif _lines_of(field):
            lines = changed_lines(field.before or "", field.after or "", _MOST_LINES)
            title = f"{code(field.path)} of {code(block_words(block))}"
            yield f"\n{title}\n{_fence([*lines])}"


def _statement(block: BlockReport, statement: StatementReport) -> str:
    before, after = statement.before or "", statement.after or ""
    title = f"{code(SIGNS[statement.action])} {code(statement.name)}"
    lines = [*changed_lines(before, after, _MOST_LINES)]
    return f"\n{title} of {code(block.label or block.block)}\n{_fence(lines)}"


def _references(references: Sequence[ReferenceReport]) -> Iterator[str]:
    rows = [
        row(
            prose(r.state),
            code(r.kind),
            code(r.name),
            code(r.block),
            prose(r.evidence, 300),
        )
        for r in references
    ]
    if rows:
        yield table(("answer", "kind", "name", "block", "evidence"), [rows[0]])
        yield from rows[1:]
