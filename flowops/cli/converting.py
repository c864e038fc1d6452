"""The command that turns a legacy export into the current language: ``convert``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.cli.commands.options import Format
from flowops.cli.talking import talk
from flowops.cli.workspace import write_out
from flowops.documents.canonical import pretty_json
from flowops.documents.files import read_bytes, write_new
from flowops.documents.json_text import parse_json
from flowops.documents.source import decode
from flowops.errors import OK, InputError
from flowops.model import Location
from flowops.report.text import visible

if TYPE_CHECKING:
    from pathlib import Path

    from flowops.documents.json_text import JsonValue
    from flowops.systems.connect.legacy.conversion import Conversion, Doubt
    from flowops.systems.connect.legacy.language import LegacyFlow


def convert_command(path: Path, *, out: Path, output: Format) -> int:
    """Convert one file; what a person should look at is printed with its place."""
    from flowops.systems.connect.legacy.conversion import convert_flow

    converted = convert_flow(read_legacy_file(path))
    write_new(out, converted.content.encode())
    if output is Format.JSON:
        write_out(pretty_json(_document(converted, out)))
    else:
        write_out("".join(f"{_line(doubt)}\n" for doubt in converted.doubts))
    count = len(converted.doubts)
    look = f"; {count} {'note' if count == 1 else 'notes'} to look at" if count else ""
    talk(visible(f"Converted {converted.blocks} blocks into {out}{look}."))
    return OK


def read_legacy_file(path: Path) -> LegacyFlow:
    """Read a file as a legacy export; raises ``InputError`` when it is none."""
    from flowops.systems.connect.legacy.language import read_legacy_flow
    from flowops.systems.connect.wrappers import is_legacy

    source = decode(str(path), read_bytes(path, str(path)))
    root = parse_json(source)
    if not is_legacy(root):
        raise InputError(
            "this is no legacy export of Amazon Connect",
            hint="a legacy export has the keys modules and start",
            location=Location(str(path)),
        )
    return read_legacy_flow(source, root, path.stem)


def _line(doubt: Doubt) -> str:
    words = f"block {doubt.block} ({doubt.type}): {doubt.words}"
    return visible(f"{doubt.location}: note: {words}")


def _document(converted: Conversion, out: Path) -> JsonValue:
    notes: list[JsonValue] = [
        {
            "block": doubt.block,
            "type": doubt.type,
            "reason": doubt.words,
            "path": doubt.location.path,
            "line": doubt.location.line,
            "column": doubt.location.column,
        }
        for doubt in converted.doubts
    ]
    return {"file": out.as_posix(), "blocks": converted.blocks, "notes": notes}
