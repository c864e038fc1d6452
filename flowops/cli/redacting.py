"""The command that takes secrets out of a flow's file: ``redact``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.cli.commands.options import Format
from flowops.cli.talking import talk
from flowops.cli.workspace import write_out
from flowops.documents.canonical import pretty_json
from flowops.documents.files import read_bytes, write_new, write_whole
from flowops.documents.json_text import parse_json, replace_values
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
    from flowops.model import Pointer
    from flowops.systems.connect.legacy.language import LegacyFlow

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
    if found.hidden and write:
        write_whole(path.resolve(), found.data, path.stat().st_mode & 0o777)
    elif found.hidden and out:
        write_new(out, found.data)
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
    """Hide what looks like secrets in a view or in a flow of either language.

    Raises ``InputError`` when there are some in a flow inside another document.
    """
    from flowops.systems.connect.language import ContactFlow
    from flowops.systems.connect.legacy.language import LegacyFlow
    from flowops.systems.connect.rendering import seal
    from flowops.systems.connect.view_states import redact_view
    from flowops.systems.connect.views import View

    source = decode(path, data)
    text = source.text.open()
    flow = connect.read(source, parse_json(source)).body
    if isinstance(flow, ContactFlow):
        shown = str(seal(flow.source.text.open(), flow))
        if flow.source is not source:
            if shown != flow.source.text.open():
                raise InputError(
                    "the flow inside this document holds what looks like secrets",
                    hint="keep its content as a file of its own, and redact that",
                    location=Location(path),
                )
            return RedactedFile(data, ())
    elif isinstance(flow, LegacyFlow):
        shown = replace_values(text, _legacy_secrets(flow))
    elif isinstance(flow, View):
        shown = redact_view(flow)
    else:
        return RedactedFile(data, ())
    words = "parameters that look like secrets"
    hidden = (Hidden(Location(path), words),) if shown != text else ()
    return RedactedFile(shown.encode() if hidden else data, hidden)


def _legacy_secrets(flow: LegacyFlow) -> dict[Pointer, JsonValue]:
    """Return what takes the place of each secret of a legacy export."""
    from flowops.systems.connect.graph import shown_value

    return {
        ("modules", module.index, "parameters", p.index, "value"): shown
        for module in flow.modules
        for p in module.parameters
        if not p.namespace and (shown := shown_value(p.key or p.name, p.text)) != p.text
    }


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
