"""Commands about a project as a whole; only ``init`` writes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flowops.cli.commands.options import (
    HERE,
    Flows,
    Format,
    FormatOption,
    ProjectOption,
    ReportFormat,
    ReportFormatOption,
    ReportsOption,
    StrictOption,
)


def init(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="A folder that holds exports.")
    ] = HERE,
) -> int:
    """Make a project from the exports in a folder. Overwrites nothing."""
    from flowops.cli.starting import init_command

    return init_command(folder)


def check(
    flows: Flows = None,
    project: ProjectOption = HERE,
    strict: StrictOption = False,
    output: ReportFormatOption = ReportFormat.TEXT,
    reports: ReportsOption = None,
) -> int:
    """Read every flow and environment; report what is wrong. Asks no target."""
    from flowops.cli.reading import check_command

    return check_command(
        project, flows or [], strict=strict, output=output, reports=reports or ()
    )


def explain(
    word: Annotated[
        str | None,
        typer.Argument(
            help="A rule or guard; with --env the keys of a value, with / between.",
            metavar="RULE|VALUE-PATH",
        ),
    ] = None,
    environment: Annotated[
        str | None, typer.Option("--env", help="The environment to look into.")
    ] = None,
    listed: Annotated[
        bool, typer.Option("--list", help="List every rule and guard.")
    ] = False,
    project: ProjectOption = HERE,
    output: FormatOption = Format.TEXT,
) -> int:
    """Say where a value of an environment comes from, or what a rule is for."""
    from flowops.cli.explaining import explain_command

    return explain_command(
        project, word, environment=environment, listed=listed, output=output
    )


def schema(
    name: Annotated[
        str,
        typer.Argument(help="flowops, environment, inventory, plan or record."),
    ],
) -> int:
    """Print the JSON Schema of a file, for an editor or a program."""
    from flowops.cli.schemas import schema_command

    return schema_command(name)
