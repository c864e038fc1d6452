"""The command that prints a JSON Schema: ``schema``."""

from __future__ import annotations

from flowops.cli.workspace import write_out
from flowops.errors import OK
from flowops.schema import schema_text


def schema_command(name: str) -> int:
    """Print a schema as it is shipped."""
    write_out(schema_text(name))
    return OK
