"""The commands, in the order in which help lists them."""

from __future__ import annotations

from typing import Annotated

import typer

from flowops import __version__
from flowops.cli.commands import environment, flow, local, project, target
from flowops.cli.commands.talk_options import with_talk

app = typer.Typer(
    name="flowops",
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


COMMANDS = (
    project.init,
    project.check,
    environment.plan,
    environment.render,
    target.promote,
    target.rollback,
    environment.drift,
    environment.pull,
    environment.inventory,
    flow.convert,
    flow.redact,
    flow.show,
    flow.arrange,
    local.sandbox,
    project.explain,
    project.schema,
    local.demo,
)
for command in COMMANDS:
    app.command()(with_talk(command))
