"""Put a report under a pull request; a failure is said once and changes nothing."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowops.errors import TargetError
from flowops.github.api import Comments, github_client
from flowops.github.events import pull_request_number
from flowops.github.runner import notice
from flowops.github.sticky import make_edits, marked, own_comments, plan_edits
from flowops.report.markdown import PAGE

if TYPE_CHECKING:
    from pathlib import Path

    from flowops.github.job import Job
    from flowops.github.runner import Runner

TOKEN = "FLOWOPS_GITHUB_TOKEN"


@dataclass(frozen=True, slots=True)
class Report:
    """What to put under a pull request.

    ``start`` is the marker; without ``news`` only a comment that is there changes.
    """

    start: str
    pages: tuple[str, ...]
    has_news: bool


def pages(path: Path, runner: Runner) -> tuple[str, ...]:
    """Read the pages of a report; when none was made, say where to look."""
    if path.is_file():
        return tuple(path.read_text("utf-8").split(PAGE))
    where = f"[the job]({runner.run_url})" if runner.run_url else "the job"
    return (f"**FlowOps** could not make a plan. What is wrong is in {where}.\n",)


def comment_on(job: Job, runner: Runner, report: Report) -> None:
    """Make the author's comments be the pages of the report."""
    number = pull_request_number(runner.event)
    token = job.variables.get(TOKEN, "")
    if number is None or not token or not runner.api:
        return
    try:
        client = github_client(token, job.sleep, job.patience)
        _write(Comments(client, runner.api, runner.repository, number), report)
    except TargetError as error:
        words = f"The report is not under the pull request: {error.message}."
        sys.stdout.write(f"{notice(f'{words} It is in the summary of the job.')}\n")


def _write(api: Comments, report: Report) -> None:
    existing = own_comments(api.listed(), api.author(), report.start)
    if existing or report.has_news:
        make_edits(plan_edits(existing, marked(report.pages, report.start)), api)
