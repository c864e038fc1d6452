"""Findings as SARIF 2.1.0, for the code scanning of GitHub and for editors.

Sources: OASIS "Static Analysis Results Interchange Format (SARIF) Version 2.1.0";
GitHub Docs, "SARIF support for code scanning", for the limits and the fingerprints.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING
from urllib.parse import quote

from flowops.documents.canonical import digest, pretty_json
from flowops.model import Severity
from flowops.report.model import RuleText
from flowops.report.visible import PATH, clipped, log_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from flowops.documents.json_text import JsonValue
    from flowops.model import Finding
    from flowops.report.model import ReportOptions

MOST_RESULTS = 5_000
"""GitHub shows the first 5,000 results of a run, and takes 25,000."""

FINGERPRINT = "flowopsFinding/v1"
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS: dict[Severity, str] = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.INFO: "note",
}
_PLACE = re.compile(r":\d+(?::\d+)?\b")
# "[words](place)" in a message is a link (SARIF, section 3.11.6).
_LINK = re.compile(r"\]\(")
_MESSAGE = 2_000


def findings_sarif(findings: Sequence[Finding], options: ReportOptions) -> str:
    """Write findings as one run, the worst first; rules as they are explained.

    Paths are relative to the project, columns count characters. A fingerprint stays
    when lines above a finding come or go.
    """
    shown = sorted(findings, key=_by_severity)[:MOST_RESULTS]
    rules = sorted({clipped(finding.rule) for finding in shown})
    return log_json(
        pretty_json(
            {
                "$schema": _SCHEMA,
                "version": "2.1.0",
                "runs": [
                    {
                        "tool": {"driver": _driver(rules, options)},
                        "columnKind": "unicodeCodePoints",
                        "originalUriBaseIds": {
                            "%SRCROOT%": {
                                "description": {"text": "The root of the project."}
                            }
                        },
                        "results": _results(shown, rules),
                        "properties": {"leftOut": len(findings) - len(shown)},
                    }
                ],
            }
        )
    )


def _by_severity(finding: Finding) -> int:
    return [*_LEVELS].index(finding.severity)


def _driver(rules: Iterable[str], options: ReportOptions) -> dict[str, JsonValue]:
    return {
        "name": "FlowOps",
        "semanticVersion": options.version,
        "rules": [_rule(options.rules.get(r, RuleText(r, r, ""))) for r in rules],
    }


def _rule(rule: RuleText) -> dict[str, JsonValue]:
    words = "\n\n".join(part for part in (rule.text, rule.hint) if part)
    link: dict[str, JsonValue] = {"helpUri": rule.uri} if rule.uri else {}
    return {
        "id": rule.name,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.text or rule.title},
        "help": {"text": words or rule.title},
        **link,
    }


def _results(findings: Iterable[Finding], rules: Sequence[str]) -> list[JsonValue]:
    numbers = {rule: index for index, rule in enumerate(rules)}
    seen: Counter[str] = Counter()
    results: list[JsonValue] = []
    for finding in findings:
        print_of = _fingerprint(finding)
        seen[print_of] += 1
        results.append(
            {
                "ruleId": clipped(finding.rule),
                "ruleIndex": numbers[clipped(finding.rule)],
                "level": _LEVELS[finding.severity],
                "message": {"text": _message(finding)},
                "locations": _locations(finding),
                "partialFingerprints": {FINGERPRINT: f"{print_of}:{seen[print_of]}"},
            }
        )
    return results


def _message(finding: Finding) -> str:
    hint = f" ({clipped(finding.hint, _MESSAGE)})" if finding.hint else ""
    return _LINK.sub(r"\\](", f"{clipped(finding.message, _MESSAGE)}{hint}")


def _fingerprint(finding: Finding) -> str:
    """Return a digest of what is wrong and where, without numbers of lines."""
    path = finding.location.path if finding.location else ""
    address = str(finding.address) if finding.address else ""
    words = _PLACE.sub("", finding.message)
    return digest([finding.rule, path, address, words]).removeprefix("sha256:")[:32]


def _locations(finding: Finding) -> list[JsonValue]:
    place = finding.location
    if place is None:
        return []
    physical: dict[str, JsonValue] = {
        "artifactLocation": {
            "uri": quote(place.path[:PATH], safe="/"),
            "uriBaseId": "%SRCROOT%",
        },
        "region": {"startLine": place.line, "startColumn": place.column},
    }
    location: dict[str, JsonValue] = {"physicalLocation": physical}
    if finding.address:
        name: JsonValue = {"fullyQualifiedName": clipped(str(finding.address), 500)}
        location["logicalLocations"] = [name]
    return [location]
