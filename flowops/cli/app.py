"""The commands, their options and their help."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from flowops import __version__

app = typer.Typer(
    name="flowops",
    help="GitOps for flows of IBM Event Processing and Amazon Connect.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


class Format(StrEnum):
    """How data is written to stdout."""

    TEXT = "text"
    JSON = "json"


Environment = Annotated[
    str, typer.Argument(help="The environment, a file in environments/.")
]
Flows = Annotated[
    list[str] | None,
    typer.Argument(help="Flows by name, address, file or pattern; all when absent."),
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
AllowOption = Annotated[
    list[str] | None,
    typer.Option("--allow", help="A guard to set aside, by name; may be repeated."),
]
PolicyRefOption = Annotated[
    str,
    typer.Option(
        "--policy-ref",
        help="The Git ref whose guards hold; the remote's default branch if absent.",
        envvar="FLOWOPS_POLICY_REF",
    ),
]
HERE = Path()


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"flowops {__version__}")
        raise typer.Exit


@app.callback()
def flowops(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """GitOps for flows of IBM Event Processing and Amazon Connect."""
    del version


@app.command()
def init(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="A folder that holds exports.")
    ] = HERE,
) -> int:
    """Make a project from the exports in a folder. Overwrites nothing."""
    from flowops.cli.starting import init_command

    return init_command(folder)


@app.command()
def check(
    flows: Flows = None,
    project: ProjectOption = HERE,
    strict: Annotated[
        bool, typer.Option("--strict", help="Let warnings fail the check too.")
    ] = False,
    output: FormatOption = Format.TEXT,
) -> int:
    """Read every flow and environment; report what is wrong. Asks no target."""
    from flowops.cli.reading import check_command

    return check_command(project, flows or [], strict=strict, output=output)


@app.command()
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
    save: Annotated[
        Path | None, typer.Option("--save", help="Write the plan as JSON here.")
    ] = None,
    allow: AllowOption = None,
    output: FormatOption = Format.TEXT,
) -> int:
    """Show what a promote would change. Writes nothing to a target."""
    from flowops.cli.reading import plan_command

    return plan_command(
        project,
        environment,
        flows or [],
        base=base,
        recorded=recorded,
        detailed_exitcode=detailed_exitcode,
        deletes="deletes" in (allow or ()),
        save=save,
        output=output,
    )


@app.command()
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
        output=output,
    )


@app.command()
def promote(
    environment: Environment,
    flows: Flows = None,
    project: ProjectOption = HERE,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Agree to the plan without a question.")
    ] = False,
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


@app.command()
def rollback(
    environment: Environment,
    to: Annotated[
        str,
        typer.Option("--to", help="The run to go back to; the one before the last."),
    ] = "",
    project: ProjectOption = HERE,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Agree to the plan without a question.")
    ] = False,
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


@app.command()
def drift(
    environment: Environment,
    flows: Flows = None,
    project: ProjectOption = HERE,
    detailed_exitcode: Annotated[
        bool, typer.Option("--detailed-exitcode", help="Exit 2 when there is drift.")
    ] = False,
    output: FormatOption = Format.TEXT,
) -> int:
    """Say which flows were changed on the target past this project."""
    from flowops.cli.drifting import drift_command

    return drift_command(
        project,
        environment,
        flows or [],
        detailed_exitcode=detailed_exitcode,
        output=output,
    )


@app.command()
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


@app.command()
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


@app.command()
def convert(
    flow: Annotated[Path, typer.Argument(help="A legacy Amazon Connect export.")],
    out: Annotated[
        Path, typer.Option("--out", help="The file to write.", show_default=False)
    ] = ...,  # type: ignore[assignment]
    output: FormatOption = Format.TEXT,
) -> int:
    """Turn a legacy Amazon Connect export into the current flow language."""
    from flowops.cli.converting import convert_command

    return convert_command(flow, out=out, output=output)


@app.command()
def redact(
    flow: Annotated[Path, typer.Argument(help="The file of a flow.")],
    out: Annotated[
        Path | None, typer.Option("--out", help="Write the redacted file here.")
    ] = None,
    write: Annotated[
        bool, typer.Option("--write", help="Write over the file itself.")
    ] = False,
    output: FormatOption = Format.TEXT,
) -> int:
    """Replace the secrets in a flow's file by placeholders, and nothing else."""
    from flowops.cli.redacting import redact_command

    return redact_command(flow, out=out, write=write, output=output)


@app.command()
def sandbox(
    inventory: Annotated[
        Path, typer.Argument(help="A YAML file that says what the instance holds.")
    ],
    port: Annotated[int, typer.Option("--port", help="0 takes any free port.")] = 0,
    state: Annotated[
        Path | None,
        typer.Option("--state", help="Keep the instance in this file between runs."),
    ] = None,
    output: FormatOption = Format.TEXT,
) -> int:
    """Run an Amazon Connect instance on this machine, until Ctrl-C."""
    from flowops.cli.sandboxing import sandbox_command

    return sandbox_command(inventory, port=port, state=state, output=output)


@app.command()
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


@app.command()
def schema(
    name: Annotated[
        str,
        typer.Argument(help="flowops, environment, inventory, plan or record."),
    ],
) -> int:
    """Print the JSON Schema of a file, for an editor or a program."""
    from flowops.cli.schemas import schema_command

    return schema_command(name)


@app.command()
def demo(
    keep: Annotated[
        Path | None,
        typer.Option("--keep", help="Leave the demo's project in this new folder."),
    ] = None,
) -> int:
    """Show the whole job on a sandbox: plan, failure, fix, promote, no changes."""
    from flowops.demo import run_demo

    return run_demo(keep)
