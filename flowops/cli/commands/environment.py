"""Commands that look at one environment; no target is written to."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flowops.cli.commands.options import (
    HERE,
    AllowOption,
    DriftFormat,
    DriftFormatOption,
    Environment,
    Flows,
    Format,
    FormatOption,
    ProjectOption,
    ReplaceOption,
    ReportFormat,
    ReportFormatOption,
    ReportsOption,
    StrictOption,
)


def plan(
    environment: Environment,
    flows: Flows = None,
    project: ProjectOption = HERE,
    base: Annotated[
        str,
        typer.Option(
            "--base",
            help="Compare with the render of this Git ref; asks no target.",
            envvar="FLOWOPS_BASE",
        ),
    ] = "",
    recorded: Annotated[
        bool,
        typer.Option(
            "--recorded",
            help="Compare with the record of the last promote; asks no target.",
        ),
    ] = False,
    detailed_exitcode: Annotated[
        bool,
        typer.Option("--detailed-exitcode", help="Exit 2 when there are changes."),
    ] = False,
    strict: StrictOption = False,
    save: Annotated[
        Path | None, typer.Option("--save", help="Write the plan as JSON here.")
    ] = None,
    replace: ReplaceOption = None,
    allow: AllowOption = None,
    output: ReportFormatOption = ReportFormat.TEXT,
    reports: ReportsOption = None,
) -> int:
    """Show what a promote would change. Writes nothing to a target."""
    from flowops.cli.reading import plan_command
    from flowops.cli.situation import allowed_guards

    return plan_command(
        project,
        environment,
        flows or [],
        base=base,
        recorded=recorded,
        detailed_exitcode=detailed_exitcode,
        strict=strict,
        deletes="deletes" in allowed_guards(allow or ()),
        replaced=replace or (),
        save=save,
        output=output,
        reports=reports or (),
    )


def render(
    environment: Environment,
    flows: Flows = None,
    out: Annotated[
        Path, typer.Option("--out", help="The folder to write to.", show_default=False)
    ] = ...,  # type: ignore[assignment]
    project: ProjectOption = HERE,
    with_secrets: Annotated[
        bool,
        typer.Option(
            "--with-secrets", help="Open secrets in files only you can read (0600)."
        ),
    ] = False,
    dialect: Annotated[
        str,
        typer.Option(
            "--dialect", help="Write the SQL of stream flows in this dialect instead."
        ),
    ] = "",
    way: Annotated[
        str,
        typer.Option(
            "--for",
            help="Make the manifests of stream flows for ibm, apache, confluent.",
        ),
    ] = "",
    output: FormatOption = Format.TEXT,
) -> int:
    """Write the files an environment needs into a folder. Asks no target."""
    from flowops.cli.reading import render_command

    return render_command(
        project,
        environment,
        flows or [],
        out=out,
        with_secrets=with_secrets,
        dialect=dialect,
        way=way,
        output=output,
    )


def drift(
    environment: Environment,
    flows: Flows = None,
    project: ProjectOption = HERE,
    detailed_exitcode: Annotated[
        bool, typer.Option("--detailed-exitcode", help="Exit 2 when there is drift.")
    ] = False,
    output: DriftFormatOption = DriftFormat.TEXT,
    reports: ReportsOption = None,
) -> int:
    """Say which flows were changed on the target past this project."""
    from flowops.cli.drifting import drift_command

    return drift_command(
        project,
        environment,
        flows or [],
        detailed_exitcode=detailed_exitcode,
        output=output,
        reports=reports or (),
    )


def inventory(
    environment: Environment,
    project: ProjectOption = HERE,
    out: Annotated[
        Path | None, typer.Option("--out", help="Another file to write.")
    ] = None,
    output: FormatOption = Format.TEXT,
) -> int:
    """Write what the targets hold to environments/NAME.inventory.json."""
    from flowops.cli.pulling import inventory_command

    return inventory_command(project, environment, out=out, output=output)


def pull(
    environment: Environment,
    flows: Flows = None,
    project: ProjectOption = HERE,
    out: Annotated[
        Path | None, typer.Option("--out", help="The folder of new files.")
    ] = None,
    output: FormatOption = Format.TEXT,
) -> int:
    """Write the flows of an instance into the project; new ones to flows/connect."""
    from flowops.cli.pulling import pull_command

    return pull_command(project, environment, flows or [], out=out, output=output)
