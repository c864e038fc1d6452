"""The command that takes secrets out of a flow's file: ``redact``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.cli.commands.options import Format
from flowops.cli.talking import talk
from flowops.cli.workspace import write_out
from flowops.documents.canonical import pretty_json
from flowops.documents.files import PUBLIC, read_bytes, write_whole
from flowops.documents.json_text import parse_json
from flowops.documents.source import decode
from flowops.errors import OK, InputError, UsageError
from flowops.model import Location
from flowops.report.text import visible
from flowops.systems import connect, event_processing
from flowops.systems.event_processing.redaction.exports import (
    Hidden,
    RedactedFile,
    redact_export,
    redact_json,
)

if TYPE_CHECKING:
    from pathlib import Path

    from flowops.documents.json_text import JsonValue

_JSON_STARTS = (b"{", b"[")
_MARKS = b"\xef\xbb\xbf \t\r\n"


def redact_command(path: Path, *, out: Path | None, write: bool, output: Format) -> int:
    """Redact one file; without a place to write to, say what would be hidden.

    Raises ``UsageError`` for two places, ``InputError`` for a file that is no flow.
    """
    if out and write:
        raise UsageError("--out and --write exclude each other", hint="give one")
    found = redact_file(str(path), read_bytes(path, str(path)))
    if output is Format.JSON:
        write_out(pretty_json(_document(path, found)))
    else:
        write_out("".join(f"{_line(hidden)}\n" for hidden in found.hidden))
    place = path.resolve() if write else out
    if found.hidden and place:
        mode = path.stat().st_mode & 0o777 if write else PUBLIC
        write_whole(place, found.data, mode)
    talk(visible(_summary(path, found, place)))
    return OK


def redact_file(path: str, data: bytes) -> RedactedFile:
    """Redact a file of either system; raises ``InputError`` when it is no flow."""
    is_json = data[:64].lstrip(_MARKS).startswith(_JSON_STARTS)
    if not is_json and event_processing.recognises_file(path, data):
        return redact_export(path, data)
    source = decode(path, data)
    root = parse_json(source)
    if event_processing.recognises(root):
        return redact_json(source)
    if connect.recognises(root):
        return _redact_contact_flow(path, data)
    raise InputError(
        "this is no flow that FlowOps knows",
        hint="name an export of Event Processing or of Amazon Connect",
        location=Location(path),
    )


def _redact_contact_flow(path: str, data: bytes) -> RedactedFile:
    """Hide parameters that look like secrets, in a flow that is its own document."""
    from flowops.systems.connect.language import ContactFlow
    from flowops.systems.connect.rendering import seal

    source = decode(path, data)
    flow = connect.read(source, parse_json(source)).body
    if not isinstance(flow, ContactFlow) or flow.source is not source:
        return RedactedFile(data, ())
    shown = str(seal(source.text.open(), flow)).encode()
    words = "parameters that look like secrets"
    hidden = (Hidden(Location(path), words),) if shown != data else ()
    return RedactedFile(shown, hidden)


def _line(hidden: Hidden) -> str:
    return visible(f"{hidden.location}: secret: {hidden.words}")


def _summary(path: Path, found: RedactedFile, place: Path | None) -> str:
    if not found.hidden:
        return f"Nothing in {path} looks like a secret; nothing was written."
    count = len(found.hidden)
    places = f"{count} {'place' if count == 1 else 'places'}"
    if place:
        return f"Redacted {places} into {place}. Change these secrets: they were seen."
    return f"{places} would be redacted; write with --write, or into a file with --out."


def _document(path: Path, found: RedactedFile) -> JsonValue:
    hidden: list[JsonValue] = [
        {
            "path": item.location.path,
            "line": item.location.line,
            "column": item.location.column,
            "what": item.words,
        }
        for item in found.hidden
    ]
    return {"file": path.as_posix(), "secrets": hidden}
