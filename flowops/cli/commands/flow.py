"""Commands about the file of one flow."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flowops.cli.commands.options import (
    HERE,
    Format,
    FormatOption,
    Picture,
    ProjectOption,
)


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


def show(
    flow: Annotated[
        str, typer.Argument(help="The file of a flow, or a flow of the project.")
    ],
    diff: Annotated[
        str, typer.Option("--diff", help="Show what differs from this Git ref.")
    ] = "",
    out: Annotated[
        Path | None,
        typer.Option("--out", help="The file to write; a temporary one if absent."),
    ] = None,
    no_open: Annotated[
        bool, typer.Option("--no-open", help="Do not open the page in a browser.")
    ] = False,
    project: ProjectOption = HERE,
    output: Annotated[
        Picture, typer.Option("--format", help="How the picture is written.")
    ] = Picture.HTML,
) -> int:
    """Draw a flow, or how it differs from a Git ref, as one page."""
    from flowops.cli.picturing import show_command

    return show_command(
        project, flow, diff=diff, out=out, opens=not no_open, output=output
    )


def arrange(
    flows: Annotated[
        list[Path],
        typer.Argument(help="Files of Amazon Connect flows.", metavar="FLOW..."),
    ],
    out: Annotated[
        Path | None, typer.Option("--out", help="Write the arranged file here.")
    ] = None,
    write: Annotated[
        bool, typer.Option("--write", help="Write over the file itself.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Exit 1 when the file would change.")
    ] = False,
    picture: Annotated[
        Path | None,
        typer.Option("--picture", help="Write a page that shows before and after."),
    ] = None,
    output: FormatOption = Format.TEXT,
) -> int:
    """Lay the blocks of flows out readably. What they do stays as it is."""
    from flowops.cli.arranging import arrange_command

    return arrange_command(
        flows, out=out, write=write, check=check, picture=picture, output=output
    )
