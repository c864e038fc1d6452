"""Look at everything the guards want to know: Git, CI, the base ref, the target."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from flowops.cli.workspace import drafts_over, sources_of
from flowops.errors import FlowOpsError
from flowops.git import base_ref, has_moved, tree_at, uncommitted, why_no_commit
from flowops.guards import Situation, check_allowed
from flowops.model import StateSafety
from flowops.overlays.environment import load_environment
from flowops.policy import Policy, read_policy
from flowops.project import FILE_NAME, glob_expression, open_project

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flowops.cli.workspace import Workspace
    from flowops.guards import Approval
    from flowops.model import Address
    from flowops.overlays.environment import Environment
    from flowops.plan.making import Baseline, Plan
    from flowops.project import Project
    from flowops.systems.protocol import Target


def in_ci() -> bool:
    """Tell whether a machine runs this: ``CI`` is set, as every CI service does."""
    return os.environ.get("CI", "").lower() in ("1", "true", "yes")


def allowed_guards(names: Sequence[str]) -> tuple[str, ...]:
    """Return the guards to set aside; raises ``UsageError`` for what is none."""
    check_allowed(names, in_ci=in_ci())
    return tuple(names)


def look_around(
    workspace: Workspace,
    environment: Environment,
    plan: Plan,
    approval: Approval,
    baselines: Mapping[str, Baseline],
    targets: Mapping[str, Target],
    *,
    policy_ref: str,
) -> Situation:
    """Return what the guards look at; raises ``TargetError`` if a target cannot say."""
    project = workspace.project
    base = base_ref(project.root, policy_ref or _base_of_pull_request())
    policy, protected = _rules(project, environment, base)
    return Situation(
        plan=plan,
        approval=approval,
        policy=policy,
        protected=protected,
        dirty=uncommitted_inputs(project),
        no_commit=why_no_commit(project.root),
        base_moved=has_moved(project.root, base) if base else None,
        ref=os.environ.get("GITHUB_REF_NAME") or os.environ.get("CI_COMMIT_BRANCH", ""),
        in_ci=in_ci(),
        existing=sum(len(b.states) for b in baselines.values()) or len(plan.changes),
        drafts=tuple(sorted(drafts_over(plan.writes, targets))),
        referrers=_referrers(plan, targets),
        deletes=tuple(removal.address for removal in plan.removals),
        state_losses=_state_losses(plan, targets),
    )


def _base_of_pull_request() -> str:
    branch = os.environ.get("GITHUB_BASE_REF", "")
    return f"origin/{branch}" if branch else ""


def _rules(
    project: Project, environment: Environment, base: str | None
) -> tuple[Policy | None, bool]:
    """Read the policy and whether the environment is protected, at the base ref.

    Outside a repository there is only what lies here; the guard ``dirty-tree``
    says so.
    """
    if base is None:
        here = uncommitted(project.root) is None
        data = project.tree.read(FILE_NAME) if here else None
        policy = read_policy(FILE_NAME, data) if data else None
        return policy, environment.protected
    try:
        tree = tree_at(project.root, base)
        data = tree.read(FILE_NAME)
        if data is None:
            return Policy(), environment.protected
        earlier = open_project(project.root, tree)
        protected = environment.protected
        if environment.name in earlier.environment_names():
            at_base = load_environment(environment.name, sources_of(earlier))
            protected = protected or at_base.protected
        return read_policy(FILE_NAME, data), protected
    except FlowOpsError:
        return None, True


def uncommitted_inputs(project: Project) -> tuple[str, ...] | None:
    """Return the uncommitted files that a promote is made from."""
    paths = uncommitted(project.root)
    if paths is None:
        return None
    patterns = [glob_expression(pattern) for pattern in project.patterns]
    return tuple(
        path
        for path in paths
        if path == FILE_NAME
        or path.startswith(f"{project.environments}/")
        or any(pattern.fullmatch(path) for pattern in patterns)
    )


def _state_losses(plan: Plan, targets: Mapping[str, Target]) -> dict[Address, str]:
    """Return why running flows would lose state, where jobs run at all."""
    return {
        change.address: change.state.reason
        for change in plan.writes
        if change.state
        and change.state.safety is StateSafety.DROPPED
        and targets[change.address.system].keeps_state
    }


def _referrers(
    plan: Plan, targets: Mapping[str, Target]
) -> dict[Address, tuple[str, ...]]:
    """Return who still refers to what would be removed, once this is promoted."""
    going = {removal.address.name for removal in plan.removals}
    changing = {
        change.address.name
        for change in plan.writes
        if change.bound
        and not any(
            binding.resource and binding.resource.name in going
            for binding in change.bound.bindings
        )
    }
    return {
        removal.address: tuple(
            name
            for name in targets[removal.address.system].referrers(removal.address)
            if name not in going | changing
        )
        for removal in plan.removals
    }
