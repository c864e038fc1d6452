"""Reasons to refuse a promote, each with its own name.

A guard looks at values and answers a refusal or nothing. One that cannot tell
refuses. ``--allow NAME`` sets aside one guard, and only where its row says so;
there is no flag that sets aside all.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum
from typing import TYPE_CHECKING

from flowops.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from flowops.model import Address
    from flowops.plan.making import Plan
    from flowops.plan.saved import SavedPlan
    from flowops.policy import Policy

Check = "Callable[[Situation], str]"


class Override(StrEnum):
    """Whether ``--allow`` may set a guard aside."""

    NEVER = "never"
    LOCALLY = "not in CI"
    ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class Approval:
    """What a person agreed to: a digest, a saved plan, or what was on the screen.

    ``takes_plan`` tells whether the command takes a saved plan at all.
    """

    digest: str | None = None
    saved: SavedPlan | None = None
    agreed: bool = False
    takes_plan: bool = True

    @property
    def reviewed(self) -> str | None:
        """Return the digest that was reviewed, or nothing."""
        return self.saved.digest if self.saved else self.digest


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything a guard may look at.

    ``policy`` and ``base_moved`` are ``None`` when they cannot be told; ``dirty``
    are uncommitted files of the project, ``None`` where no commit has any, and
    ``no_commit`` says why.
    ``existing`` counts the project's flows that are on the targets. ``state_losses``
    says of running flows which of their state would be gone.
    """

    plan: Plan
    approval: Approval
    policy: Policy | None
    protected: bool
    dirty: tuple[str, ...] | None
    no_commit: str = ""
    base_moved: bool | None = False
    ref: str = ""
    in_ci: bool = False
    existing: int = 0
    drafts: tuple[Address, ...] = ()
    referrers: Mapping[Address, tuple[str, ...]] = field(default_factory=dict)
    deletes: tuple[Address, ...] = ()
    state_losses: Mapping[Address, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refusal:
    """One guard's no: its name, why, and the way on."""

    guard: str
    words: str
    hint: str


@dataclass(frozen=True, slots=True)
class Guard:
    """One guard; ``check`` answers why it refuses, or an empty text.

    ``without_plan`` is the hint where no saved plan can be given, if it is another.
    """

    name: str
    check: Callable[[Situation], str]
    hint: str
    override: Override = Override.NEVER
    without_plan: str = ""


def refusals(situation: Situation, allowed: Collection[str]) -> tuple[Refusal, ...]:
    """Return what every guard that is not set aside has to say.

    Raises ``UsageError`` for a name in ``allowed`` that cannot be allowed.
    """
    check_allowed(allowed, in_ci=situation.in_ci)
    found = [
        (guard, guard.check(situation)) for guard in GUARDS if guard.name not in allowed
    ]
    return tuple(
        Refusal(guard.name, words, _hint(guard, situation))
        for guard, words in found
        if words
    )


def check_allowed(allowed: Collection[str], *, in_ci: bool) -> None:
    """Raise ``UsageError`` for a name that is no guard, or none to be set aside."""
    known = {guard.name: guard for guard in GUARDS}
    for name in allowed:
        guard = known.get(name)
        if guard is None:
            near = get_close_matches(name, known, n=1)
            listed = f"guards are {', '.join(known)}"
            hint = f"did you mean {near[0]}?" if near else listed
            raise UsageError(f"there is no guard {name!r}", hint=hint)
        if guard.override is Override.NEVER:
            raise UsageError(f"the guard {name} cannot be set aside", hint=guard.hint)
        if guard.override is Override.LOCALLY and in_ci:
            raise UsageError(f"the guard {name} cannot be set aside in CI")


def _hint(guard: Guard, situation: Situation) -> str:
    hint = guard.hint
    if not situation.approval.takes_plan:
        hint = guard.without_plan or hint
    if guard.override is Override.NEVER:
        return hint
    if guard.override is Override.LOCALLY and situation.in_ci:
        return hint
    return f"{hint}, or pass --allow {guard.name}"


def ways_to_agree(*, takes_plan: bool) -> str:
    """Return what to pass where nobody has agreed yet."""
    if takes_plan:
        return "pass --yes, --plan FILE or --expect-digest D"
    return "pass --yes or --expect-digest D"


def _plan_changed(situation: Situation) -> str:
    reviewed = situation.approval.reviewed
    if reviewed is None or reviewed == situation.plan.digest:
        return ""
    if _target_drifted(situation):
        return ""
    return f"the reviewed plan is {reviewed or '(empty)'}, not {situation.plan.digest}"


def _target_drifted(situation: Situation) -> str:
    saved = situation.approval.saved
    drifted = ", ".join(saved.drifted(situation.plan)) if saved else ""
    return f"changed on the target since the review: {drifted}" if drifted else ""


def _wrong_target(situation: Situation) -> str:
    saved = situation.approval.saved
    if saved is None:
        return ""
    if saved.environment != situation.plan.environment:
        return f"the plan is for {saved.environment}, not {situation.plan.environment}"
    now = {identity.system: identity.id for identity in situation.plan.targets}
    return "" if saved.targets == now else "the plan is for another target"


def _not_reviewed(situation: Situation) -> str:
    if situation.protected and situation.approval.reviewed is None:
        return f"{situation.plan.environment} is protected"
    return ""


def _not_approved(situation: Situation) -> str:
    approval = situation.approval
    if approval.reviewed is None and not approval.agreed:
        return "nobody agreed to this plan"
    return ""


def _dirty_tree(situation: Situation) -> str:
    if situation.dirty is None:
        return f"{situation.no_commit}, so nothing says what is promoted"
    if not situation.dirty:
        return ""
    return f"not committed: {', '.join(situation.dirty[:5])}"


def _not_on_protected_ref(situation: Situation) -> str:
    if not situation.in_ci or situation.policy is None:
        return ""
    refs = situation.policy.protected_refs
    if not refs or situation.ref in refs:
        return ""
    return f"this job runs on {situation.ref or 'no branch'}, not on {', '.join(refs)}"


def _policy_unknown(situation: Situation) -> str:
    if situation.policy is None:
        return "the guards of the base ref cannot be read"
    return ""


def _base_moved(situation: Situation) -> str:
    if not situation.protected:
        return ""
    if situation.base_moved is None:
        return "it cannot be told whether the base has moved on"
    return "the base has changes of this project that are not here" * (
        situation.base_moved
    )


def _too_many_changes(situation: Situation) -> str:
    policy = situation.policy
    if policy is None or situation.existing < policy.minimum:
        return ""
    for word, count in (
        ("update", sum(c.action != "create" for c in situation.plan.writes)),
        ("delete", len(situation.deletes)),
    ):
        if count * 100 > policy.percent * situation.existing:
            return (
                f"{count} of {situation.existing} flows would {word}; "
                f"more than {policy.percent} % is unusual"
            )
    return ""


def _deletes(situation: Situation) -> str:
    names = ", ".join(str(address) for address in situation.deletes)
    return f"would be deleted: {names}" if names else ""


def _dangling_reference(situation: Situation) -> str:
    return "; ".join(
        f"{address} is referred to by {', '.join(names)}"
        for address, names in situation.referrers.items()
        if names
    )


def _state_dropping(situation: Situation) -> str:
    return "; ".join(
        f"{address}: {reason}" for address, reason in situation.state_losses.items()
    )


def _unpublished_draft(situation: Situation) -> str:
    names = ", ".join(str(address) for address in situation.drafts)
    return f"somebody has unpublished edits of {names}" if names else ""


GUARDS: tuple[Guard, ...] = (
    Guard(
        "policy-unknown",
        _policy_unknown,
        "fetch the base ref; in GitHub Actions check out with fetch-depth: 0",
    ),
    Guard("wrong-target", _wrong_target, "plan again for this environment"),
    Guard("plan-changed", _plan_changed, "review the new plan"),
    Guard("target-drifted", _target_drifted, "review the new plan"),
    Guard(
        "not-reviewed",
        _not_reviewed,
        "pass the reviewed plan with --plan, or its digest with --expect-digest",
        without_plan="pass the digest of the reviewed way back with --expect-digest",
    ),
    Guard(
        "not-approved",
        _not_approved,
        ways_to_agree(takes_plan=True),
        without_plan=ways_to_agree(takes_plan=False),
    ),
    Guard("dirty-tree", _dirty_tree, "commit the files", Override.LOCALLY),
    Guard(
        "not-on-protected-ref", _not_on_protected_ref, "run the job on a protected ref"
    ),
    Guard("base-moved", _base_moved, "take the base's changes in and plan again"),
    Guard(
        "too-many-changes", _too_many_changes, "promote a part of it", Override.ALWAYS
    ),
    Guard("deletes", _deletes, "keep the flows", Override.ALWAYS),
    Guard(
        "dangling-reference",
        _dangling_reference,
        "change the flows that refer to it first",
    ),
    Guard(
        "state-dropping",
        _state_dropping,
        "keep what the running job has gathered",
        Override.ALWAYS,
    ),
    Guard(
        "unpublished-draft",
        _unpublished_draft,
        "publish or discard the edits on the target",
        Override.ALWAYS,
    ),
)
