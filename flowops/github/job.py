"""One run of the action, from its inputs to its outputs."""

from __future__ import annotations

import sys
from contextlib import redirect_stderr
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowops.documents.json_text import parse_json
from flowops.documents.source import decode
from flowops.errors import CHANGES, OK, USAGE, FlowOpsError, UsageError
from flowops.github.comment import Report, comment_on, pages
from flowops.github.inputs import command_line, comment_mode, given_inputs
from flowops.github.runner import (
    SUMMARY_LIMIT,
    Heard,
    Runner,
    append,
    error,
    mask,
    output_text,
    read_runner,
)
from flowops.github.sticky import marker
from flowops.report.markdown_text import fenced

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from flowops.documents.json_text import JsonValue

# Which reports a command writes for the action.
_REPORTS: Mapping[str, tuple[str, ...]] = {
    "check": ("json", "markdown", "annotations"),
    "plan": ("json", "markdown", "annotations", "comment"),
    "promote": ("json", "markdown", "annotations"),
    "rollback": ("json", "markdown", "annotations"),
    "drift": ("json", "markdown"),
}
# A plan says what would be; these say what was.
_DOING = ("promote", "rollback")
_MOST_SAID, _MOST_IN_ERROR = 500, 20
_NAMES = {
    "json": "plan.json",
    "markdown": "report.md",
    "annotations": "annotations.txt",
    "comment": "comment.md",
}


@dataclass(frozen=True, slots=True)
class Job:
    """What one run needs of the world.

    ``run`` runs a command line and gives its exit code; ``reason`` says why it ended
    so; ``token`` gives a text that nobody can foresee; ``sleep`` waits
    seconds; ``patience`` is how many seconds an answer of GitHub may take.
    """

    variables: Mapping[str, str]
    folder: Path
    run: Callable[[Sequence[str]], int]
    reason: Callable[[], str]
    secrets: Callable[[Mapping[str, str]], Sequence[str]]
    token: Callable[[], str]
    sleep: Callable[[float], None]
    patience: float = 10


def run_job(job: Job) -> int:
    """Run what the inputs ask for and report it; return the command's own code."""
    runner = read_runner(job.variables)
    given = given_inputs(job.variables)
    try:
        words = command_line(given)
        mode = comment_mode(given)
    except UsageError as error:
        return _refused(job, runner, error)
    reports = _report_paths(words[0], job.folder)
    ended = _run_quietly(job, runner, given, words, reports)
    _report(job, runner, reports, ended)
    if mode != "never" and "comment" in reports:
        start = marker(given["project"] or ".", given["environment"])
        page = pages(reports["comment"], runner)
        news = mode == "always" or _has_news(_document(reports["json"]))
        comment_on(job, runner, Report(start, page, news))
    return ended.code


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended, and what it said."""

    command: str
    code: int
    reason: str
    heard: Heard

    @property
    def failed(self) -> bool:
        """Tell whether there is something to mend."""
        return self.code not in (OK, CHANGES)


def _refused(job: Job, runner: Runner, refusal: UsageError) -> int:
    hint = f" ({refusal.hint})" if refusal.hint else ""
    _print(error(refusal.message + hint))
    values = {"exit-code": str(USAGE), "failure-reason": "usage"}
    append(runner.output, output_text(values, job.token))
    return USAGE


def _report_paths(command: str, folder: Path) -> dict[str, Path]:
    return {kind: folder / _NAMES[kind] for kind in _REPORTS.get(command, ())}


def _run_quietly(
    job: Job,
    runner: Runner,
    given: Mapping[str, str],
    words: Sequence[str],
    reports: Mapping[str, Path],
) -> Ended:
    """Run a command so that nothing it prints is taken for a workflow command."""
    for value in job.secrets(given) if runner.is_there else ():
        for line in mask(value):
            _print(line)
    for path in reports.values():
        path.unlink(missing_ok=True)
    options = [f"--report={kind}={path}" for kind, path in reports.items()]
    command, *rest = words
    heard, stop = Heard(), job.token()
    _print(f"::stop-commands::{stop}")
    try:
        with redirect_stderr(heard):
            code = job.run([command, *options, *rest])
    finally:
        _print(f"::{stop}::")
    return Ended(command, code, job.reason(), heard)


def _report(
    job: Job, runner: Runner, reports: Mapping[str, Path], ended: Ended
) -> None:
    annotations = _written(reports, "annotations").rstrip("\n")
    if annotations:
        _print(annotations)
    if ended.failed and "::error" not in annotations:
        said = "\n".join(ended.heard.last(_MOST_IN_ERROR))
        _print(error(said or f"{ended.command} failed: {ended.reason}"))
    append(runner.summary, summary_text(ended, _written(reports, "markdown")))
    values = {"exit-code": str(ended.code), "failure-reason": ended.reason}
    values |= plan_outputs(_document(reports.get("json")))
    values |= {
        name: str(reports[kind])
        for name, kind in (("plan-path", "json"), ("report-path", "markdown"))
        if kind in reports and reports[kind].is_file()
    }
    append(runner.output, output_text(values, job.token))


def summary_text(ended: Ended, report: str) -> str:
    """Write the summary: what was done or went wrong, then the report as it fits."""
    head = ""
    if ended.command in _DOING or (ended.failed and not report):
        how = ended.reason if ended.failed else "done"
        said = fenced(ended.heard.last(_MOST_SAID), "text")
        head = f"### FlowOps {ended.command}: {how}\n\n{said}\n"
    whole = head + report
    for text in (whole, report, head):
        if len(text.encode("utf-8", "backslashreplace")) <= SUMMARY_LIMIT:
            return text
    return ""


def _written(reports: Mapping[str, Path], kind: str) -> str:
    """Read a report; a command that cannot begin writes none."""
    path = reports.get(kind)
    return path.read_text("utf-8") if path and path.is_file() else ""


def _document(path: Path | None) -> Mapping[str, JsonValue]:
    """Read what the command wrote; it writes nothing when it cannot begin."""
    if path is None or not path.is_file():
        return {}
    try:
        root = parse_json(decode(path.name, path.read_bytes()))
    except FlowOpsError:
        return {}
    return root if isinstance(root, dict) else {}


def plan_outputs(document: Mapping[str, JsonValue]) -> dict[str, str]:
    """Return the outputs that a plan, a check or a drift check gives."""
    values: dict[str, str] = {}
    summary = document.get("summary")
    if isinstance(summary, dict):
        for word in ("create", "update", "delete", "move"):
            values[f"to-{word}"] = str(summary.get(word, 0))
        values["blocked"] = str(summary.get("blocked", 0))
        values["changes"] = _flag(any(summary.values()))
    if "drifted" in document:
        values["changes"] = _flag(document["drifted"])
    findings = document.get("findings")
    if isinstance(findings, list):
        for name, severity in (("errors", "error"), ("warnings", "warning")):
            values[name] = str(_count(findings, severity))
    digest = document.get("digest")
    return values | ({"digest": digest} if isinstance(digest, str) else {})


def _has_news(document: Mapping[str, JsonValue]) -> bool:
    """Tell whether a plan has anything to say, or could not be made.

    Notes alone are nothing; a flow that is gone from the project is something.
    """
    summary = document.get("summary")
    if not isinstance(summary, dict):
        return True
    counts = plan_outputs(document)
    wrong = [counts.get(name, "0") for name in ("errors", "warnings")]
    is_gone = bool(document.get("unmanaged"))
    return is_gone or any(summary.values()) or wrong != ["0", "0"]


def _flag(value: object) -> str:
    return "true" if value else "false"


def _count(findings: Sequence[JsonValue], severity: str) -> int:
    return sum(isinstance(f, dict) and f.get("severity") == severity for f in findings)


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
