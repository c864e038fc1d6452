"""Say in words what a guard refuses or a rule reports, and why."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from flowops.errors import UsageError
from flowops.explain.findings import FINDINGS
from flowops.explain.refusals import REFUSALS
from flowops.guards import GUARDS, Override
from flowops.model import Severity
from flowops.systems.connect.rules.registry import RULES
from flowops.systems.connect.rules.view_registry import VIEW_RULES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowops.explain.findings import Words
    from flowops.guards import Guard
    from flowops.systems.connect.rules import rule as connect
    from flowops.systems.connect.rules.view_rule import ViewRule


@dataclass(frozen=True, slots=True)
class Rule:
    """Something FlowOps refuses or reports, in words; ``sort`` is guard or rule."""

    name: str
    sort: str
    title: str
    text: str
    hint: str


def explain_rule(word: str) -> Rule:
    """Return the rule or guard of this name; raises ``UsageError`` for another."""
    rules = {rule.name: rule for rule in known_rules()}
    if word not in rules:
        near = get_close_matches(word, rules, n=1)
        step = f"did you mean {near[0]!r}?" if near else "--list names all of them."
        raise UsageError(
            f"there is no rule or guard {word!r}",
            hint=f"{step} To explain a value, add --env NAME",
        )
    return rules[word]


def known_rules() -> tuple[Rule, ...]:
    """Return every guard and then every rule, each in order of their names."""
    connect_rules = [*map(_of_connect, RULES), *map(_of_connect, VIEW_RULES)]
    others = [Rule(name, "rule", *words) for name, words in FINDINGS.items()]
    refusals = [_of_refusal(name, words) for name, words in REFUSALS.items()]
    found = [*map(_of_guard, GUARDS), *refusals, *connect_rules, *others]
    return tuple(sorted(found, key=lambda rule: (rule.sort, rule.name)))


_OVERRIDES = {
    Override.NEVER: "It cannot be set aside.",
    Override.LOCALLY: "--allow {} sets it aside, except in CI.",
    Override.ALWAYS: "--allow {} sets it aside.",
}
_GUARD_WORDS: Mapping[str, tuple[str, str]] = {
    "policy-unknown": (
        "The guards that hold cannot be read",
        (
            "The thresholds of the guards are read from the base ref, so that a change "
            "cannot loosen the guards it has to pass. That ref is not here."
        ),
    ),
    "wrong-target": (
        "The plan is for another place",
        (
            "The reviewed plan names another environment or another target than the "
            "one this promote would write to; or a login leads to another target than "
            "the environment names; or a run was cut off that wrote to another one."
        ),
    ),
    "plan-changed": (
        "The plan is not the one that was reviewed",
        (
            "A promote plans again. Flows, overlays or names on the target have "
            "changed since the review, so the result would be one that nobody has seen."
        ),
    ),
    "target-drifted": (
        "The target is not as it was reviewed",
        (
            "The result would be the reviewed one, but somebody changed the flows on "
            "the target since then, and the promote would overwrite that."
        ),
    ),
    "not-reviewed": (
        "The environment is protected",
        "An environment with `protected: true` only takes a plan that was reviewed.",
    ),
    "not-approved": (
        "Nobody agreed",
        "Nobody answered yes on a terminal, and no flag says that the plan is agreed.",
    ),
    "dirty-tree": (
        "There are files that are not committed",
        "What is promoted has to be in Git, or nobody could say later what it was.",
    ),
    "not-on-protected-ref": (
        "The job runs on another ref",
        (
            "`protected-refs` in flowops.yaml names the branches from which a job may "
            "promote."
        ),
    ),
    "base-moved": (
        "The base has moved on",
        (
            "A protected environment is promoted with everything that is on the base; "
            "an older state would undo somebody else's change."
        ),
    ),
    "too-many-changes": (
        "Far more flows change than usual",
        (
            "More than `percent` of the flows on the target would be updated or "
            "deleted. That is more often a mistake in an overlay than a wish."
        ),
    ),
    "deletes": (
        "Flows would be deleted",
        (
            "Flows that are no longer in the project are only deleted when that is "
            "asked for."
        ),
    ),
    "dangling-reference": (
        "A flow that would be deleted is in use",
        "Other flows on the target still refer to it and would break.",
    ),
    "state-dropping": (
        "A running job would lose state",
        (
            "The change takes something away from a job that runs, such as a window "
            "that is being counted. What it has gathered cannot be carried over."
        ),
    ),
    "unpublished-draft": (
        "Somebody is at work on the target",
        (
            "A flow has edits that are saved and not published. A promote would "
            "overwrite them."
        ),
    ),
}


def _of_guard(guard: Guard) -> Rule:
    title, text = _GUARD_WORDS.get(guard.name, (guard.name, ""))
    words = [
        "A promote that it refuses ends with exit code 3 and writes nothing.",
        _OVERRIDES[guard.override].format(guard.name),
    ]
    return Rule(
        name=guard.name,
        sort="guard",
        title=title,
        text=" ".join([text, *words] if text else words),
        hint=guard.hint,
    )


def _of_refusal(name: str, words: Words) -> Rule:
    title, text, hint = words
    text = f"{text} It ends with exit code 3. {_OVERRIDES[Override.NEVER]}"
    return Rule(name, "guard", title, text, hint)


_SEVERITIES = {
    Severity.ERROR: "An error fails the check and blocks a promote.",
    Severity.WARNING: "A warning fails only with `--strict`.",
    Severity.INFO: "An info never fails.",
}


def _of_connect(rule: connect.Rule | ViewRule) -> Rule:
    return Rule(
        name=rule.id,
        sort="rule",
        title=rule.title,
        text=f"{rule.text} {_SEVERITIES[rule.severity]} Source: {rule.source}.",
        hint="each finding names the block and what is wrong there",
    )
