"""Commands that need nothing but this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flowops.cli.commands.options import Format, FormatOption


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


def demo(
    keep: Annotated[
        Path | None,
        typer.Option("--keep", help="Leave the demo's project in this new folder."),
    ] = None,
) -> int:
    """Show the whole job on a sandbox: plan, failure, fix, promote, no changes."""
    from flowops.demo import run_demo

    return run_demo(keep)
