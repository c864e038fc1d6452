"""The commands, in the order in which help lists them."""

from __future__ import annotations

from typing import Annotated

import typer

from flowops import __version__
from flowops.cli.commands import environment, flow, local, project, target
from flowops.cli.commands.talk_options import with_talk
from flowops.cli.parameters import Command, Group

app = typer.Typer(
    name="flowops",
    cls=Group,
    help="GitOps for flows of IBM Event Processing and Amazon Connect.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


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


# Each command with a line that a person might type.
COMMANDS = (
    (project.init, "init exports"),
    (project.check, "check --strict"),
    (environment.plan, "plan production --base origin/main"),
    (environment.render, "render production --out build"),
    (target.promote, "promote production --plan plan.json"),
    (target.rollback, "rollback production"),
    (environment.drift, "drift production --detailed-exitcode"),
    (environment.pull, "pull staging 'Main IVR'"),
    (environment.inventory, "inventory production"),
    (flow.convert, "convert legacy.json --out flows/main-ivr.json"),
    (flow.redact, "redact flows/orders.json --write"),
    (flow.show, "show 'Main IVR' --diff origin/main"),
    (flow.arrange, "arrange flows/main-ivr.json --write"),
    (local.sandbox, "sandbox instance.yaml --port 8700"),
    (project.explain, "explain dirty-tree"),
    (project.schema, "schema environment"),
    (local.demo, "demo --keep example"),
)
for command, example in COMMANDS:
    told = f"Example: flowops {example}"
    app.command(cls=Command, epilog=told)(with_talk(command))
