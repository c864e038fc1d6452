"""What a plan says of its findings: each thing that is wrong is said once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.model import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flowops.model import Address, Location


def said_once(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings in order, without what an error of the same rule says there."""
    found = list(dict.fromkeys(findings))
    errors = {_where(f) for f in found if f.severity is Severity.ERROR and f.location}
    kept = [
        finding
        for finding in found
        if finding.severity is Severity.ERROR or _where(finding) not in errors
    ]
    return tuple(sorted(kept, key=Finding.sort_key))


def _where(finding: Finding) -> tuple[str, Location | None, Address | None]:
    return finding.rule, finding.location, finding.address
