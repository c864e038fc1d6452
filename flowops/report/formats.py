"""The formats of reports by name; each is imported when it is asked for.

A format is a function from a report and its options to text, and a line below.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from flowops.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from flowops.model import Finding, Location
    from flowops.report.model import (
        CheckReport,
        DriftReport,
        PlanReport,
        ReportOptions,
    )

    PlanFormat: TypeAlias = Callable[[PlanReport, ReportOptions], str]
    FindingFormat: TypeAlias = Callable[[CheckReport, ReportOptions], str]
    DriftFormat: TypeAlias = Callable[[DriftReport, ReportOptions], str]

_Format = TypeVar("_Format")
# More comments than this nobody reads; the summary of the job has it all.
_MOST_PAGES = 3


def plan_as(name: str, report: PlanReport, options: ReportOptions) -> str:
    """Write a plan in a format; raises ``UsageError`` for one there is not."""
    return _known(PLAN_FORMATS, name, "a plan")(report, options)


def check_as(name: str, report: CheckReport, options: ReportOptions) -> str:
    """Write a check in a format; raises ``UsageError`` for one there is not."""
    return _known(FINDING_FORMATS, name, "a check")(report, options)


def drift_as(name: str, report: DriftReport, options: ReportOptions) -> str:
    """Write a drift check in a format; raises ``UsageError`` for one there is not."""
    return _known(DRIFT_FORMATS, name, "a drift check")(report, options)


def _known(formats: Mapping[str, _Format], name: str, what: str) -> _Format:
    if name not in formats:
        raise UsageError(
            f"{what} cannot be written as {name}",
            hint=f"it can be written as {', '.join(formats)}",
        )
    return formats[name]


def _placed(findings: Sequence[Finding], options: ReportOptions) -> list[Finding]:
    """Name files as the repository does, where the project is a folder of it."""
    if not options.below:
        return list(findings)
    return [
        replace(finding, location=_below(finding.location, options.below))
        for finding in findings
    ]


def _below(place: Location | None, folder: str) -> Location | None:
    return replace(place, path=f"{folder}/{place.path}") if place else None


def _plan_text(report: PlanReport, options: ReportOptions) -> str:
    from flowops.report.text import plan_text

    return plan_text(report, colour=options.colour)


def _plan_json(report: PlanReport, options: ReportOptions) -> str:
    from flowops.report.json_document import plan_json

    return plan_json(report, options.version)


def _plan_markdown(report: PlanReport, options: ReportOptions) -> str:
    from flowops.report.markdown import plan_markdown

    return plan_markdown(report, whole=options.whole)


def _plan_sarif(report: PlanReport, options: ReportOptions) -> str:
    from flowops.report.sarif import findings_sarif

    return findings_sarif(_placed(report.findings, options), options)


def _plan_junit(report: PlanReport, options: ReportOptions) -> str:
    del options
    from flowops.report.junit import plan_junit

    return plan_junit(report)


def _plan_annotations(report: PlanReport, options: ReportOptions) -> str:
    from flowops.report.annotations import findings_annotations

    return findings_annotations(_placed(report.findings, options), options.whole)


def _plan_comment(report: PlanReport, options: ReportOptions) -> str:
    from flowops.report.markdown import PAGE, comment_pages

    return PAGE.join(comment_pages(report, whole=options.whole, most=_MOST_PAGES))


def _plan_html(report: PlanReport, options: ReportOptions) -> str:
    from flowops.report.html import plan_html

    return plan_html(report, options.version)


def _check_text(report: CheckReport, options: ReportOptions) -> str:
    from flowops.report.text import check_text

    return check_text(report, colour=options.colour)


def _check_json(report: CheckReport, options: ReportOptions) -> str:
    from flowops.report.json_document import findings_json

    return findings_json(len(report.flows), report.findings, options.version)


def _check_markdown(report: CheckReport, options: ReportOptions) -> str:
    from flowops.report.markdown import check_markdown

    return check_markdown(report, whole=options.whole)


def _check_sarif(report: CheckReport, options: ReportOptions) -> str:
    from flowops.report.sarif import findings_sarif

    return findings_sarif(_placed(report.findings, options), options)


def _check_junit(report: CheckReport, options: ReportOptions) -> str:
    del options
    from flowops.report.junit import check_junit

    return check_junit(report)


def _check_annotations(report: CheckReport, options: ReportOptions) -> str:
    from flowops.report.annotations import findings_annotations

    return findings_annotations(_placed(report.findings, options), options.whole)


def _drift_text(report: DriftReport, options: ReportOptions) -> str:
    del options
    from flowops.report.drift import drift_text

    return drift_text(report)


def _drift_json(report: DriftReport, options: ReportOptions) -> str:
    from flowops.report.drift import drift_json

    return drift_json(report, options.version)


def _drift_markdown(report: DriftReport, options: ReportOptions) -> str:
    from flowops.report.drift import drift_markdown

    return drift_markdown(report, whole=options.whole)


PLAN_FORMATS: Mapping[str, PlanFormat] = {
    "text": _plan_text,
    "json": _plan_json,
    "markdown": _plan_markdown,
    "sarif": _plan_sarif,
    "junit": _plan_junit,
    "annotations": _plan_annotations,
    "comment": _plan_comment,
    "html": _plan_html,
}
FINDING_FORMATS: Mapping[str, FindingFormat] = {
    "text": _check_text,
    "json": _check_json,
    "markdown": _check_markdown,
    "sarif": _check_sarif,
    "junit": _check_junit,
    "annotations": _check_annotations,
}
DRIFT_FORMATS: Mapping[str, DriftFormat] = {
    "text": _drift_text,
    "json": _drift_json,
    "markdown": _drift_markdown,
}
