"""Plans and findings as JUnit XML: a test case for each flow, errors are failures.

What XML cannot hold, such as NUL, ``clipped`` has written as escapes.
There is no standard of the format. This is the part that GitLab, Jenkins and Azure
read alike: ``testsuites``, ``testsuite``, ``testcase``, ``failure``, ``system-out``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from flowops.model import Severity
from flowops.report.details import WORDS
from flowops.report.visible import PATH, clipped, plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from flowops.model import Finding
    from flowops.report.model import CheckReport, PlanReport

_SUITE = "FlowOps"
_MESSAGE = 2_000
_MOST = 100
_COMMAND = re.compile(r"^(\s*):(?=:)", re.MULTILINE)


def plan_junit(report: PlanReport) -> str:
    """Write a plan: a flow fails when an error stands against it."""
    said = {
        change.address: f"{change.action}: {WORDS.get(change.action, 'no change')}"
        for change in report.changes
    }
    files = {change.address: change.path for change in report.changes}
    name = f"{_SUITE} plan of {report.environment}"
    return _document(name, files, said, report.findings)


def check_junit(report: CheckReport) -> str:
    """Write what a check found: a flow fails when an error stands against it."""
    files = {flow.address: flow.path for flow in report.flows}
    return _document(f"{_SUITE} check", files, {}, report.findings)


def _document(
    suite: str,
    files: Mapping[str, str],
    said: Mapping[str, str],
    findings: Sequence[Finding],
) -> str:
    cases = _cases(files, findings)
    failed = sum(
        any(finding.severity is Severity.ERROR for finding in found)
        for found in cases.values()
    )
    counts = f'tests="{len(cases)}" failures="{failed}" errors="0"'
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f"<testsuites {counts}>",
        f"  <testsuite name={_attribute(suite)} {counts}>",
    ]
    for name, found in cases.items():
        lines += _case(name, files.get(name, ""), said.get(name, ""), found)
    lines += ["  </testsuite>", "</testsuites>"]
    return "".join(f"{line}\n" for line in lines)


def _cases(
    files: Mapping[str, str], findings: Iterable[Finding]
) -> dict[str, list[Finding]]:
    """Give each finding to its flow, or to the file it is in."""
    by_file = {path: address for address, path in files.items()}
    cases: dict[str, list[Finding]] = {address: [] for address in files}
    for finding in findings:
        path = finding.location.path if finding.location else ""
        address = str(finding.address) if finding.address else ""
        if address not in cases:
            address = by_file.get(path) or path or "project"
        cases.setdefault(address, []).append(finding)
    return cases


def _case(name: str, path: str, said: str, found: Sequence[Finding]) -> Iterator[str]:
    sort, short = _split(name)
    file = f" file={_attribute(path)}" if path else ""
    yield (
        f"    <testcase classname={_attribute(sort.replace('/', '.') or 'project')}"
        f" name={_attribute(short)}{file}>"
    )
    errors = [f for f in found if f.severity is Severity.ERROR]
    rest = [f for f in found if f.severity is not Severity.ERROR]
    for finding in errors[:_MOST]:
        message, words = _attribute(finding.message), _text(_words(finding))
        kind = _attribute(finding.rule)
        yield f"      <failure type={kind} message={message}>{words}</failure>"
    lines = [*([said] if said else []), *map(_words, rest[:_MOST])]
    if left := len(errors[_MOST:]) + len(rest[_MOST:]):
        lines.append(f"… and {plural(left, 'more finding')}")
    if lines:
        yield f"      <system-out>{_text(chr(10).join(lines))}</system-out>"
    yield "    </testcase>"


def _split(name: str) -> tuple[str, str]:
    """Part an address into system and kind, and name; a path into folder and file."""
    system, _, rest = name.partition("/")
    kind, slash, short = rest.partition("/")
    return (f"{system}/{kind}", short) if slash else (system, rest or name)


def _words(finding: Finding) -> str:
    place = f"{clipped(str(finding.location), PATH)}: " if finding.location else ""
    hint = f"\n    {clipped(finding.hint, _MESSAGE)}" if finding.hint else ""
    message = clipped(finding.message, _MESSAGE)
    return f"{place}{finding.severity}: {message} [{clipped(finding.rule)}]{hint}"


def _text(text: str) -> str:
    return _inert(escape(text))


def _attribute(text: str) -> str:
    return _inert(quoteattr(clipped(text, _MESSAGE)))


def _inert(written: str) -> str:
    """Take away what a runner of GitHub Actions would take for a command."""
    return _COMMAND.sub(r"\1&#58;", written.replace("##[", "##&#91;"))
