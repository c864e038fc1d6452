"""The verb ``rollback``: put a recorded state back, as a plan like any other."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING

from flowops.errors import InputError
from flowops.model import Finding, Severity
from flowops.plan.digests import graph_digest
from flowops.plan.making import (
    Destination,
    PlannedChange,
    PlannedRemoval,
    assemble,
    describe,
    planned_change,
)
from flowops.plan.matching import is_as_left, without_passing
from flowops.secrets import REDACTION
from flowops.systems.protocol import FAILURE, KEPT, PUBLISHED, Bundle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from flowops.model import Address
    from flowops.plan.making import Plan
    from flowops.records import Record
    from flowops.secrets import Text
    from flowops.systems.protocol import FlowState, Target

# SQL says in a comment what a redaction looks like; that is none.
_COMMENT = re.compile(r"^--.*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Where to go back to: the run, and each flow as it was then.

    ``commits`` name what a state was rendered from, where a record says so.
    ``lacking`` says of a state why its secrets are not known, and what to do.
    """

    run: str
    states: Mapping[Address, FlowState | None]
    commits: Mapping[Address, str] = field(default_factory=dict)
    lacking: Mapping[Address, tuple[str, str]] = field(default_factory=dict)


def wanted_states(records: Sequence[Record], to: str) -> Wanted:
    """Return every flow that later runs touched, as it was before them.

    With ``to``, a flow is wanted as that run or one before it left it. Without, the
    last run is undone: a flow is wanted as that run found it, edits by hand
    included. Raises ``InputError`` when there is no record, or none of that name.
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
    left = {f.address: f for record in records[:later] for f in record.flows}
    states: dict[Address, FlowState | None] = {}
    commits: dict[Address, str] = {}
    for flow in (f for record in records[later:] for f in record.flows):
        if flow.address in states:
            continue
        known = left.get(flow.address)
        if known and (to or is_as_left(known.after, flow.before)):
            states[flow.address] = known.after
            commits[flow.address] = known.commit
        else:
            states[flow.address] = flow.before
    return Wanted(to or _name_before(names), states, commits)


def found_states(
    run: str, states: Mapping[Address, FlowState | None], records: Sequence[Record]
) -> Wanted:
    """Return what a run found, with the commits that runs before it rendered."""
    left = {flow.address: flow for record in records for flow in record.flows}
    commits = {
        address: left[address].commit
        for address, state in states.items()
        if address in left and is_as_left(left[address].after, state)
    }
    return Wanted(run, states, commits)


def _name_before(names: Sequence[str]) -> str:
    return names[-2] if len(names) > 1 else "(before the first run)"


def with_secrets(
    wanted: Wanted,
    targets: Mapping[str, Target],
    rendered_at: Callable[[str], Mapping[Address, FlowState]],
) -> Wanted:
    """Take the secrets of redacted states from the commits they were rendered from.

    ``rendered_at`` renders the project as it was at a commit, and raises
    ``InputError`` when that is not to be had. A text is taken only where what can be
    seen of it is what the record has.
    """
    renders: dict[str, Mapping[Address, FlowState]] = {}
    states = dict(wanted.states)
    lacking: dict[Address, tuple[str, str]] = {}
    for address, state in wanted.states.items():
        target = targets.get(address.system)
        if state is None or not (target and target.opens_secrets):
            continue
        if not _redacted(state):
            continue
        commit = wanted.commits.get(address, "")
        try:
            if commit and commit not in renders:
                renders[commit] = rendered_at(commit)
        except InputError as error:
            lacking[address] = (error.message, error.hint)
            continue
        found = _unsealed(state, renders.get(commit, {}).get(address))
        if found is None:
            lacking[address] = _why_lacking(commit)
        else:
            states[address] = found
    return replace(wanted, states=states, lacking=lacking)


def _why_lacking(commit: str) -> tuple[str, str]:
    if not commit:
        words = "no commit is known that it was rendered from"
        return words, "promote a commit that has the flow as you want it"
    words = f"commit {commit[:7]} no longer renders it"
    return words, "promote that commit instead"


def _unsealed(state: FlowState, rendered: FlowState | None) -> FlowState | None:
    """Return a state with the texts of a render where they hold secrets.

    A redaction that the render has as plain text is what the flow says.
    """
    files: dict[str, Text] = {}
    for name, text in state.files.items():
        other = rendered.files.get(name) if rendered else None
        if _is_redacted(text):
            if other is None or str(other) != str(text):
                return None
            files[name] = other
        else:
            files[name] = text
    return replace(state, files=files)


def _redacted(state: FlowState | None) -> dict[str, str]:
    files = state.files if state else {}
    return {n: str(text) for n, text in files.items() if _is_redacted(text)}


def _is_redacted(text: Text) -> bool:
    """Tell whether a text lacks a secret; one that still has it is sealed."""
    return isinstance(text, str) and bool(REDACTION.search(_COMMENT.sub("", text)))


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
                findings += _redactions(address, wanted.lacking.get(address))
                findings += _failures(address, now)
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
    attributes = without_passing(state.attributes)
    bundle = Bundle(address, primary, state.files, attributes)
    return planned_change("", None, bundle, now)


def _failures(address: Address, now: FlowState | None) -> Iterator[Finding]:
    """Warn of a flow whose job has ended, and say what the way back does with it."""
    if now is None or FAILURE not in now.attributes:
        return
    kept = now.attributes.get(KEPT, "")
    yield Finding(
        "flow/job-failed",
        Severity.WARNING,
        f"the job of {address} does not run: {now.attributes[FAILURE]}",
        address=address,
        hint=f"the way back starts from the state it left, {kept}"
        if kept
        else "no checkpoint or savepoint of it is left: --allow state-dropping starts "
        "the flow without its state",
    )


def _redactions(address: Address, lacking: tuple[str, str] | None) -> Iterator[Finding]:
    """Say that a state cannot be put back: a secret is missing in its record."""
    if lacking is not None:
        words, hint = lacking
        yield Finding(
            "rollback/redacted",
            Severity.ERROR,
            f"the record of {address} has a redacted value, and {words}",
            address=address,
            hint=hint,
        )
