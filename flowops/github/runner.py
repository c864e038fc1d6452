"""What a runner gives a job, and the files a job gives back.

Source: "Workflow commands" and "Variables" of the GitHub Actions documentation.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SUMMARY_LIMIT = 1024 * 1024
_OUTPUT_LIMIT = 8192


@dataclass(frozen=True, slots=True)
class Runner:
    """The variables of a job; each is absent where there is no runner."""

    output: Path | None
    summary: Path | None
    event: Path | None
    temporary: Path | None
    repository: str
    api: str
    run_url: str
    is_there: bool


class Heard(StringIO):
    """What a command says, kept and passed on to stdout.

    A runner reads stdout and stderr apart, so that a line of one may come before or
    after a workflow command on the other. On one stream all are in order.
    """

    def write(self, text: str) -> int:
        """Keep a text and pass it on."""
        sys.stdout.write(text)
        return super().write(text)

    def flush(self) -> None:
        """Pass on what is held back."""
        sys.stdout.flush()

    def last(self, most: int) -> list[str]:
        """Return the last lines that were said."""
        return self.getvalue().splitlines()[-most:]


def read_runner(variables: Mapping[str, str]) -> Runner:
    """Read what the runner says of this job."""
    repository = variables.get("GITHUB_REPOSITORY", "")
    server = variables.get("GITHUB_SERVER_URL", "")
    run = variables.get("GITHUB_RUN_ID", "")
    return Runner(
        output=_path(variables, "GITHUB_OUTPUT"),
        summary=_path(variables, "GITHUB_STEP_SUMMARY"),
        event=_path(variables, "GITHUB_EVENT_PATH"),
        temporary=_path(variables, "RUNNER_TEMP"),
        repository=repository,
        api=variables.get("GITHUB_API_URL", "").rstrip("/"),
        run_url=f"{server}/{repository}/actions/runs/{run}" if run else "",
        is_there=variables.get("GITHUB_ACTIONS") == "true",
    )


def _path(variables: Mapping[str, str], name: str) -> Path | None:
    value = variables.get(name, "")
    return Path(value) if value else None


def escape_data(text: str) -> str:
    """Escape the message of a workflow command."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def notice(text: str) -> str:
    """Write a notice as a workflow command."""
    return f"::notice title=FlowOps::{escape_data(text)}"


def error(text: str) -> str:
    """Write an error as a workflow command."""
    return f"::error title=FlowOps::{escape_data(text)}"


def mask(value: str) -> list[str]:
    """Write the commands that hide a value from the log: one for each line.

    A runner hides exact text only, so the forms in which a value travels are hidden
    as well: escaped in JSON, and in base64.
    """
    from base64 import b64encode
    from json import dumps

    lines = [line for line in value.splitlines() if len(line.strip()) > 1]
    forms = dict.fromkeys(lines)
    if lines:
        escaped = dumps(value)[1:-1]
        forms |= dict.fromkeys((escaped, b64encode(value.encode()).decode("ascii")))
    return [f"::add-mask::{escape_data(form)}" for form in forms]


def output_text(values: Mapping[str, str], token: Callable[[], str]) -> str:
    """Write outputs; ``token`` gives a text that nobody can foresee.

    A value of many lines, or one that holds the delimiter, cannot end early and set
    another output. Long values are cut: an output is for a word, a file for a text.
    """
    written = []
    for name, value in values.items():
        delimiter = f"flowops_{token()}"
        shown = value[:_OUTPUT_LIMIT].replace(delimiter, "")
        written.append(f"{name}<<{delimiter}\n{shown}\n{delimiter}\n")
    return "".join(written)


def append(path: Path | None, text: str) -> None:
    """Add text to a file of the runner; without a runner there is none."""
    if path is not None and text:
        with path.open("a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
