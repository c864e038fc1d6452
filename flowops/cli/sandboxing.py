"""The command that runs an instance on this machine: ``sandbox``."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from flowops.cli.commands.options import Format
from flowops.cli.talking import talk
from flowops.cli.workspace import write_out
from flowops.documents.canonical import pretty_json
from flowops.documents.files import read_bytes
from flowops.documents.source import decode
from flowops.documents.yaml_text import mapping_of, parse_yaml, plain
from flowops.errors import OK

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def read_inventory_file(path: Path) -> Mapping[str, object]:
    """Read what a sandbox holds from a YAML file; raises ``InputError``."""
    source = decode(str(path), read_bytes(path, str(path)))
    value = plain(mapping_of(parse_yaml(source), "a sandbox inventory"))
    return value if isinstance(value, dict) else {}


def sandbox_command(
    inventory: Path, *, port: int, state: Path | None, output: Format
) -> int:
    """Serve an instance in the foreground until it is interrupted."""
    from flowops.systems.connect.sandbox import Sandbox, SandboxInventory, SandboxServer

    content = SandboxInventory.parse(read_inventory_file(inventory))
    sandbox = Sandbox(content, state=state, clock=partial(datetime.now, UTC))
    try:
        server = SandboxServer(sandbox, port)
        place = {"url": server.url, "instance": sandbox.instance_arn}
        if output is Format.JSON:
            write_out(pretty_json(place))
        else:
            write_out(_target_lines(place))
        talk("Serving an Amazon Connect instance on this machine; Ctrl-C ends it.")
        server.serve_forever()
    finally:
        sandbox.close()
    return OK


def _target_lines(place: Mapping[str, str]) -> str:
    """Write the lines an environment needs to name this sandbox as its target."""
    return (
        "targets:\n  connect:\n    kind: sandbox\n"
        f"    url: {place['url']}\n    instance: {place['instance']}\n"
    )
