"""Commands about the file of one flow."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flowops.cli.commands.options import Format, FormatOption


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
