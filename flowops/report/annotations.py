"""Findings as commands that make a runner of GitHub Actions annotate lines.

Source: GitHub Docs, "Workflow commands for GitHub Actions": what has to be escaped,
and that a step shows ten annotations of a kind.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flowops.model import Severity
from flowops.report.visible import clipped, sentence

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from flowops.model import Finding

MOST = 10
_COMMANDS = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.INFO: "notice",
}
_MESSAGE = 2_000
# An annotation is plain text: of a Markdown link only the words are of use.
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")


def findings_annotations(findings: Sequence[Finding], whole: str) -> str:
    """Write at most ten commands of each severity, the worst first.

    The last of ten says how many more there are; ``whole`` is where all of them are.
    """
    where = _LINK.sub(r"\1", whole)
    return "".join(
        f"{line}\n"
        for severity in _COMMANDS
        for line in _of([f for f in findings if f.severity is severity], where)
    )


def _of(findings: Sequence[Finding], where: str) -> Iterator[str]:
    more = len(findings) - MOST
    for number, finding in enumerate(findings[:MOST], 1):
        note = f" (and {more} more; all of them: {where})" if more > 0 else ""
        yield _command(finding, note if number == MOST else "")


def _command(finding: Finding, note: str) -> str:
    values = {"title": f"FlowOps {finding.rule}"}
    if place := finding.location:
        values = {
            "file": place.path,
            "line": str(place.line),
            "col": str(place.column),
            **values,
        }
    words = ",".join(f"{key}={_property(value)}" for key, value in values.items())
    message = sentence(finding.message)
    hint = f"\n{sentence(finding.hint)}" if finding.hint else ""
    return f"::{_COMMANDS[finding.severity]} {words}::{_data(message + hint + note)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(clipped(text, _MESSAGE)).replace(":", "%3A").replace(",", "%2C")
