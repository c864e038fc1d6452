"""Commands that write to the targets of an environment."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flowops.cli.commands.options import (
    HERE,
    AllowOption,
    Environment,
    Flows,
    Format,
    FormatOption,
    PolicyRefOption,
    ProjectOption,
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
    allow: AllowOption = None,
    policy_ref: PolicyRefOption = "",
    output: FormatOption = Format.TEXT,
) -> int:
    """Plan again and write the changes to the targets."""
    from flowops.cli.writing import Consent, promote_command

    consent = Consent(yes, expect_digest, reviewed, tuple(allow or ()), policy_ref)
    return promote_command(project, environment, flows or [], consent, output)


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
    output: FormatOption = Format.TEXT,
) -> int:
    """Put the state of an earlier run back, through the same guards."""
    from flowops.cli.writing import Consent, rollback_command

    consent = Consent(yes, expect_digest, None, tuple(allow or ()), policy_ref)
    return rollback_command(project, environment, to, consent, output)
