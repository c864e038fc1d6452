"""The command that lays the blocks of flows out: ``arrange``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops import __version__
from flowops.arrange import arrange_file
from flowops.cli.commands.options import Format
from flowops.cli.talking import talk
from flowops.cli.workspace import write_out
from flowops.documents.canonical import pretty_json
from flowops.documents.files import read_bytes, write_new, write_whole
from flowops.errors import FAILED, OK, UsageError
from flowops.report.visible import plural, visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from flowops.arrange import Arranged
    from flowops.arrange.measure import Measure
    from flowops.documents.json_text import JsonValue


def arrange_command(
    paths: Sequence[Path],
    *,
    out: Path | None,
    write: bool,
    check: bool,
    picture: Path | None,
    output: Format,
) -> int:
    """Arrange files; without a place to write to, say what would move.

    Every file is arranged before the first one is written. Raises ``UsageError`` for
    flags that exclude each other.
    """
    _refuse_contradictions(paths, out=out, write=write, check=check, picture=picture)
    found = [arrange_file(str(path), read_bytes(path, str(path))) for path in paths]
    if output is Format.JSON:
        write_out(pretty_json({"files": [_document(arranged) for arranged in found]}))
    else:
        write_out("".join(f"{line}\n" for a in found for line in _lines(a)))
    for path, arranged in zip(paths, found, strict=True):
        if arranged.changes and write:
            mode = path.stat().st_mode & 0o777
            write_whole(path.resolve(), arranged.data, mode)
        elif arranged.changes and out:
            write_new(out, arranged.data)
        if picture:
            write_whole(picture, _page(arranged).encode())
            talk(visible(f"Before and after are in {picture}."))
    count = sum(arranged.changes for arranged in found)
    talk(visible(_summary(count, len(found), written=bool(write or out), check=check)))
    return FAILED if check and count else OK


def _refuse_contradictions(
    paths: Sequence[Path],
    *,
    out: Path | None,
    write: bool,
    check: bool,
    picture: Path | None,
) -> None:
    if sum((bool(out), write, check)) > 1:
        raise UsageError(
            "--out, --write and --check exclude each other", hint="give one"
        )
    if len(paths) > 1 and (out or picture):
        raise UsageError(
            "--out and --picture name one file, and there are several flows",
            hint="give one flow, or --write",
        )


def _lines(arranged: Arranged) -> Iterator[str]:
    path, count = visible(arranged.path), plural(arranged.blocks, "block")
    if not arranged.changes:
        yield f"{path}: {count}, arranged already"
        return
    yield f"{path}: {count}, {arranged.moved} of its places change"
    before, after = _numbers(arranged.before), _numbers(arranged.after)
    for words, number in before.items():
        yield f"    {words:<24}{number:>5} -> {after[words]}"


def _numbers(measure: Measure) -> dict[str, int]:
    return {
        "crossings": measure.crossings,
        "backward connections": measure.backward,
        "overlaps": measure.overlaps,
    }


def _summary(count: int, total: int, *, written: bool, check: bool) -> str:
    if not count:
        return "Nothing moves."
    flows = f"{count} of {plural(total, 'flow')}"
    if written:
        return f"Arranged {flows}; what they do is the same, by digest."
    if check:
        return f"{flows} would be arranged; do it with --write."
    return f"{flows} would be arranged; write with --write, or into a file with --out."


def _document(arranged: Arranged) -> JsonValue:
    return {
        "file": arranged.path,
        "changes": arranged.changes,
        "moved": arranged.moved,
        "before": {
            k.replace(" ", "_"): v for k, v in _numbers(arranged.before).items()
        },
        "after": {k.replace(" ", "_"): v for k, v in _numbers(arranged.after).items()},
    }


def _page(arranged: Arranged) -> str:
    from flowops.plan.reporting import report_difference
    from flowops.report.html import flow_html

    before, after = arranged.before_graph, arranged.after_graph
    report = report_difference(arranged.address, arranged.path, before, after)
    return flow_html(report, __version__)
