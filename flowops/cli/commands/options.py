"""Options that several commands share."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Format(StrEnum):
    """How data is written to stdout."""

    TEXT = "text"
    JSON = "json"


class Picture(StrEnum):
    """How a picture of a flow is written."""

    HTML = "html"
    SVG = "svg"
    MERMAID = "mermaid"


class DriftFormat(StrEnum):
    """How a drift check is written."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


class ReportFormat(StrEnum):
    """How a plan or a check is written."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"
    SARIF = "sarif"
    JUNIT = "junit"
    ANNOTATIONS = "annotations"
    COMMENT = "comment"
    HTML = "html"


def _environments(incomplete: str) -> list[str]:
    from flowops.cli.completing import environments

    return environments(incomplete)


def _flows(incomplete: str) -> list[str]:
    from flowops.cli.completing import flows

    return flows(incomplete)


Environment = Annotated[
    str,
    typer.Argument(
        help="The environment, a file in environments/.", autocompletion=_environments
    ),
]
Flows = Annotated[
    list[str] | None,
    typer.Argument(
        help="Flows by name, address, file or pattern; all when absent.",
        autocompletion=_flows,
    ),
]
ProjectOption = Annotated[
    Path,
    typer.Option(
        "--project",
        help="A folder of the project; flowops.yaml is looked for upward.",
        envvar="FLOWOPS_PROJECT",
    ),
]
FormatOption = Annotated[
    Format,
    typer.Option("--format", help="What stdout carries.", envvar="FLOWOPS_FORMAT"),
]
ReportFormatOption = Annotated[
    ReportFormat,
    typer.Option("--format", help="What stdout carries.", envvar="FLOWOPS_FORMAT"),
]
DriftFormatOption = Annotated[
    DriftFormat,
    typer.Option("--format", help="What stdout carries.", envvar="FLOWOPS_FORMAT"),
]
ReportsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--report",
        metavar="FORMAT=PATH",
        help="Write a report to a file too; may be repeated.",
    ),
]
AllowOption = Annotated[
    list[str] | None,
    typer.Option("--allow", help="A guard to set aside, by name; may be repeated."),
]
StrictOption = Annotated[
    bool, typer.Option("--strict", help="Fail when there are warnings, too.")
]
ReplaceOption = Annotated[
    list[str] | None,
    typer.Option(
        "--replace",
        metavar="ADDRESS",
        help="A flow to put to work again though nothing differs; may be repeated.",
        autocompletion=_flows,
    ),
]
PolicyRefOption = Annotated[
    str,
    typer.Option(
        "--policy-ref",
        help="The Git ref whose guards hold; the remote's default branch if absent.",
        envvar="FLOWOPS_POLICY_REF",
    ),
]
DryRunOption = Annotated[
    bool,
    typer.Option("--dry-run", "-n", help="Do everything but write to the targets."),
]
YesOption = Annotated[
    bool,
    typer.Option("--yes", "-y", help="Agree to the plan without a question."),
]
HERE = Path()
