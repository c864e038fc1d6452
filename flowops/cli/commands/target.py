"""Commands that write to the targets of an environment."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flowops.cli.commands.options import (
    HERE,
    AllowOption,
    DryRunOption,
    Environment,
    Flows,
    PolicyRefOption,
    ProjectOption,
    ReplaceOption,
    ReportFormat,
    ReportFormatOption,
    ReportsOption,
    YesOption,
)


def promote(
    environment: Environment,
    flows: Flows = None,
    project: ProjectOption = HERE,
    yes: YesOption = False,
    expect_digest: Annotated[
        str | None,
        typer.Option(
            "--expect-digest",
            help="The digest of the reviewed plan; any other plan is refused.",
            envvar="FLOWOPS_EXPECT_DIGEST",
        ),
    ] = None,
    reviewed: Annotated[
        Path | None,
        typer.Option("--plan", help="The plan that was reviewed, as a file."),
    ] = None,
    replace: ReplaceOption = None,
    allow: AllowOption = None,
    policy_ref: PolicyRefOption = "",
    dry_run: DryRunOption = False,
    output: ReportFormatOption = ReportFormat.TEXT,
    reports: ReportsOption = None,
) -> int:
    """Plan again and write the changes to the targets."""
    from flowops.cli.showing import Output
    from flowops.cli.situation import allowed_guards
    from flowops.cli.writing import Consent, promote_command

    allowed = allowed_guards(allow or ())
    consent = Consent(yes, expect_digest, reviewed, allowed, policy_ref, dry_run)
    shown = Output(output, tuple(reports or ()))
    return promote_command(
        *(project, environment, flows or [], consent, shown), replaced=replace or ()
    )


def rollback(
    environment: Environment,
    to: Annotated[
        str,
        typer.Option("--to", help="The run to go back to; the one before the last."),
    ] = "",
    project: ProjectOption = HERE,
    yes: YesOption = False,
    expect_digest: Annotated[
        str | None,
        typer.Option("--expect-digest", help="The digest of the reviewed way back."),
    ] = None,
    allow: AllowOption = None,
    policy_ref: PolicyRefOption = "",
    dry_run: DryRunOption = False,
    output: ReportFormatOption = ReportFormat.TEXT,
    reports: ReportsOption = None,
) -> int:
    """Put the state of an earlier run back, through the same guards."""
    from flowops.cli.rolling_back import rollback_command
    from flowops.cli.showing import Output
    from flowops.cli.situation import allowed_guards
    from flowops.cli.writing import Consent

    allowed = allowed_guards(allow or ())
    consent = Consent(
        *(yes, expect_digest, None, allowed, policy_ref, dry_run), takes_plan=False
    )
    shown = Output(output, tuple(reports or ()))
    return rollback_command(project, environment, to, consent, shown)
