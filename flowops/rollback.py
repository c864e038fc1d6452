"""The verb ``rollback``: put a recorded state back, as a plan like any other."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from flowops.errors import InputError
from flowops.model import Finding, Severity
from flowops.plan.making import (
    Destination,
    PlannedChange,
    PlannedRemoval,
    assemble,
    describe,
    graph_digest,
    planned_change,
)
from flowops.secrets import REDACTION
from flowops.systems.protocol import PUBLISHED, Bundle

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from flowops.model import Address
    from flowops.plan.making import Plan
    from flowops.records import Record
    from flowops.systems.protocol import FlowState, Target

# SQL says in a comment what a redaction looks like; that is none.
_COMMENT = re.compile(r"^--.*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Where to go back to: the run, and each flow as it was then."""

    run: str
    states: Mapping[Address, FlowState | None]


def wanted_states(records: Sequence[Record], to: str) -> Wanted:
    """Return every flow that later runs touched, as it was when ``to`` had ended.

    Without ``to``, it is the run before the last. Raises ``InputError`` when there
    is no record, or none of that name.
    """
    if not records:
        raise InputError(
            "there is no record of a promote to this environment",
            hint="records lie in .flowops/records; fetch them from where you keep them",
        )
    names = [record.run for record in records]
    if to and to not in names:
        near = get_close_matches(to, names, n=1)
        hint = f"did you mean {near[0]}?" if near else f"the last is {names[-1]}"
        raise InputError(f"there is no record of a run {to!r}", hint=hint)
    later = names.index(to) + 1 if to else len(names) - 1
    states: dict[Address, FlowState | None] = {}
    for record in records[later:]:
        for flow in record.flows:
            states.setdefault(flow.address, flow.before)
    return Wanted(to or _name_before(names), states)


def _name_before(names: Sequence[str]) -> str:
    return names[-2] if len(names) > 1 else "(before the first run)"


def plan_rollback(
    environment: str, wanted: Wanted, targets: Mapping[str, Target]
) -> Plan:
    """Plan the way back: what to write, and what the runs in between created.

    Raises ``TargetError`` when a target cannot be asked, or ``InputError`` when
    the environment has no target for a recorded flow.
    """
    changes: list[PlannedChange] = []
    removals: list[PlannedRemoval] = []
    findings: list[Finding] = []
    for system in sorted({address.system for address in wanted.states}):
        target = _target(system, targets)
        target.verify()
        target.inventory(())
        states = {a: s for a, s in wanted.states.items() if a.system == system}
        live = target.read({a: _status(s) for a, s in states.items()})
        for address, state in sorted(states.items(), key=lambda item: item[0]):
            now = live.get(address)
            if state is not None:
                changes.append(_change(address, state, now))
                if target.opens_secrets:
                    findings += _redactions(address, state)
            elif now is not None:
                digest = graph_digest(describe(now))
                removals.append(PlannedRemoval(address, now, digest))
    words = dict.fromkeys(targets, f"live, to go back to {wanted.run}")
    identities = tuple(target.identity for target in targets.values())
    where = Destination(environment, words, identities)
    return assemble(where, changes, removals, findings)


def _target(system: str, targets: Mapping[str, Target]) -> Target:
    if system in targets:
        return targets[system]
    raise InputError(f"the environment has no target for {system}")


def _status(state: FlowState | None) -> str:
    return state.attributes.get("status", PUBLISHED) if state else PUBLISHED


def _change(address: Address, state: FlowState, now: FlowState | None) -> PlannedChange:
    primary = next(iter(state.files))
    bundle = Bundle(address, primary, state.files, state.attributes)
    return planned_change("", None, bundle, now)


def _redactions(address: Address, state: FlowState) -> Iterator[Finding]:
    """Say that a state cannot be put back: a secret is missing in its record."""
    texts = (_COMMENT.sub("", str(text)) for text in state.files.values())
    if any(REDACTION.search(text) for text in texts):
        yield Finding(
            "rollback/redacted",
            Severity.ERROR,
            f"the record of {address} has a redacted value",
            address=address,
            hint="promote the commit that the record names instead",
        )
