"""Write what a command found: to stdout in one format, to files in any others."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from flowops import __version__
from flowops.cli.commands.options import ReportFormat
from flowops.cli.talking import detail
from flowops.cli.workspace import write_out
from flowops.documents.files import write_whole
from flowops.errors import UsageError
from flowops.git import revision
from flowops.report.formats import check_as, drift_as, plan_as
from flowops.report.model import ReportOptions, RuleText
from flowops.report.visible import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from flowops.cli.commands.options import DriftFormat
    from flowops.git import Revision
    from flowops.plan.making import Plan
    from flowops.report.model import CheckReport, DriftReport


# The formats in which somebody else looks up places in the repository.
_PLACED = {ReportFormat.SARIF, ReportFormat.ANNOTATIONS}
# The formats with pictures in them.
_DRAWN = {ReportFormat.MARKDOWN, ReportFormat.COMMENT, ReportFormat.HTML}


@dataclass(frozen=True, slots=True)
class Output:
    """How a plan is written: to stdout, and to the files of ``FORMAT=PATH``."""

    format: ReportFormat = ReportFormat.TEXT
    files: tuple[str, ...] = ()


def show_plan(
    plan: Plan, stands: Revision | None, output: ReportFormat, files: Sequence[str]
) -> None:
    """Write a plan; raises ``UsageError`` before anything is written."""
    from flowops.plan.reporting import report_plan

    wanted = report_files(files)
    forms = {output, *(form for form, _ in wanted)}
    report = report_plan(plan, stands, with_graphs=bool(forms & _DRAWN))
    below = stands.below if stands else ""

    def written(name: str, options: ReportOptions) -> str:
        return plan_as(name, report, replace(options, below=below))

    _show(written, output, wanted)


def show_check(
    report: CheckReport, root: Path, output: ReportFormat, files: Sequence[str]
) -> None:
    """Write a check; raises ``UsageError`` before anything is written."""
    wanted = report_files(files)
    forms = {output, *(form for form, _ in wanted)}
    found = revision(root) if forms & _PLACED else None
    below = found.below if found else ""

    def written(name: str, options: ReportOptions) -> str:
        return check_as(name, report, replace(options, below=below))

    _show(written, output, wanted)


def show_drift(report: DriftReport, output: DriftFormat, files: Sequence[str]) -> None:
    """Write a drift check; raises ``UsageError`` before anything is written."""
    wanted = report_files(files)
    shown = ReportFormat(output)
    _show(lambda name, options: drift_as(name, report, options), shown, wanted)


def report_files(words: Sequence[str]) -> list[tuple[ReportFormat, Path]]:
    """Read each ``FORMAT=PATH``; raises ``UsageError`` for any other words."""
    found: list[tuple[ReportFormat, Path]] = []
    for word in words:
        name, sign, path = word.partition("=")
        if name not in [*ReportFormat] or not sign or not path:
            raise UsageError(
                f"--report {word}: this is no FORMAT=PATH",
                hint=f"formats are {', '.join(ReportFormat)}",
            )
        found.append((ReportFormat(name), Path(path)))
    return found


def _show(
    write: Callable[[str, ReportOptions], str],
    output: ReportFormat,
    files: Sequence[tuple[ReportFormat, Path]],
) -> None:
    rules = rule_texts() if _needs_rules(output, files) else {}
    plain = ReportOptions(__version__, rules)
    if where := job_summary(os.environ):
        plain = replace(plain, whole=where)
    colour = wants_colour(os.environ, is_terminal=sys.stdout.isatty())
    shown = write(output, replace(plain, colour=colour))
    written = [(path, write(form, plain)) for form, path in files]
    write_out(shown)
    for path, text in written:
        write_whole(path, text.encode())
        detail(visible(f"Wrote a report to {path}"))


def _needs_rules(
    output: ReportFormat, files: Sequence[tuple[ReportFormat, Path]]
) -> bool:
    return ReportFormat.SARIF in (output, *(form for form, _ in files))


def rule_texts() -> dict[str, RuleText]:
    """Return what there is to say of each rule, by name."""
    from flowops.explain.rules import known_rules

    return {
        rule.name: RuleText(rule.name, rule.title, rule.text, rule.hint)
        for rule in known_rules()
    }


def job_summary(variables: Mapping[str, str]) -> str:
    """Say where a job of GitHub Actions keeps the whole report; nothing elsewhere."""
    names = ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID")
    server, repository, run = (variables.get(name, "") for name in names)
    if not (server and repository and run):
        return ""
    return f"[the summary of the job]({server}/{repository}/actions/runs/{run})"


def wants_colour(variables: Mapping[str, str], *, is_terminal: bool) -> bool:
    """Tell whether to write colours: NO_COLOR, then FORCE_COLOR, then the terminal.

    Sources: no-color.org and force-color.org, where an empty value counts as unset.
    """
    if variables.get("NO_COLOR"):
        return False
    if variables.get("FORCE_COLOR"):
        return variables["FORCE_COLOR"] != "0"
    return is_terminal and variables.get("TERM") != "dumb"
