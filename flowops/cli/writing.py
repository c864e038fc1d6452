"""Write to targets: what ``promote`` and ``rollback`` share, and ``promote``."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from flowops.cli.earlier import renderer
from flowops.cli.outcome import Reason, note
from flowops.cli.recording import about, record_of, run_name
from flowops.cli.showing import Output, report_files, show_plan
from flowops.cli.situation import look_around, uncommitted_inputs
from flowops.cli.talking import clock_text, say, show_bar, talk
from flowops.cli.workspace import (
    Workspace,
    binder_after,
    live_baselines,
    load,
    open_targets,
    open_workspace,
    request_for,
)
from flowops.documents.files import locked, read_bytes
from flowops.errors import OK, REFUSED, InputError, RefusedError, UnresolvedError
from flowops.git import revision
from flowops.guards import Approval, refusals, ways_to_agree
from flowops.journal import Journal, PreImage
from flowops.model import Inventory
from flowops.plan.making import CREATE, make_plan, unresolved
from flowops.plan.saved import read_saved_plan
from flowops.progress import Stage
from flowops.promote import (
    PUBLISHED,
    REMOVED,
    STAGED,
    Promotion,
    Step,
    promote,
    recover,
)
from flowops.records import read_records, write_record
from flowops.report.text import visible
from flowops.rollback import found_states, with_secrets
from flowops.systems.protocol import Mark

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from flowops.journal import UnfinishedRun
    from flowops.model import Address
    from flowops.overlays.environment import Environment
    from flowops.plan.making import Baseline, Plan, Request
    from flowops.systems.protocol import Target


_LONG = 10.0
_COUNTED = (STAGED, PUBLISHED, REMOVED)


@dataclass(frozen=True, slots=True)
class Consent:
    """What the command line says about writing."""

    yes: bool = False
    digest: str | None = None
    plan: Path | None = None
    allow: tuple[str, ...] = ()
    policy_ref: str = ""
    dry_run: bool = False
    takes_plan: bool = True

    def approval(self) -> Approval:
        """Read what was reviewed; raises for a plan file that cannot be used."""
        # Where nothing is written, nobody has to agree.
        agreed = self.yes or self.dry_run
        if self.plan is None:
            return Approval(self.digest, agreed=agreed, takes_plan=self.takes_plan)
        saved = read_saved_plan(str(self.plan), read_bytes(self.plan, str(self.plan)))
        return Approval(self.digest, saved, agreed=agreed)

    @property
    def given(self) -> bool:
        """Tell whether somebody agreed, or can be asked."""
        reviewed = self.digest is not None or self.plan is not None
        return self.yes or reviewed or _is_terminal()


@dataclass(frozen=True, slots=True)
class Session:
    """Everything that one write to an environment needs."""

    workspace: Workspace
    environment: Environment
    targets: Mapping[str, Target]
    consent: Consent
    output: Output
    done: str = "Promoted"

    @property
    def journal(self) -> Journal:
        """Return what a run writes as it goes, to be undone if it is cut off."""
        return Journal(self.workspace.project.root, self.environment.name)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep every other run in this folder away from the environment.

        Raises ``RefusedError`` when one is at work. A dry run writes nothing, and
        keeps nobody away.
        """
        if self.consent.dry_run:
            yield
            return
        with locked(
            self.workspace.project.root / self.environment.layers[-1]
        ) as is_free:
            if not is_free:
                raise RefusedError(
                    f"run-at-work: another promote or rollback of this folder writes "
                    f"to {self.environment.name}",
                    hint="wait until it has ended, and try again",
                )
            yield

    def recover(self) -> None:
        """Undo a run that was cut off, if there is one and somebody agreed."""
        unfinished = self.journal.unfinished()
        if unfinished is None:
            return
        if self.consent.dry_run:
            say(f"Run {unfinished.run} was cut off; a promote would undo it first.")
            return
        if not self.consent.given:
            raise RefusedError(
                f"not-approved: run {unfinished.run} was cut off and has to be undone",
                hint=ways_to_agree(takes_plan=self.consent.takes_plan),
            )
        for target in self.targets.values():
            target.verify()
        say(f"Run {unfinished.run} was cut off; it is undone first.")
        recover(self._with_secrets(unfinished), self.targets, _say)
        self.journal.end()

    def _with_secrets(self, unfinished: UnfinishedRun) -> UnfinishedRun:
        """Give what a run found the secrets of the commits it was rendered from."""
        root = self.workspace.project.root
        try:
            records = read_records(root, self.environment.name)
        except InputError:
            return unfinished  # a damaged record is no reason to leave a run half done
        states = {image.address: image.before for image in unfinished.pre_images}
        found = with_secrets(
            found_states(unfinished.run, states, records),
            self.targets,
            renderer(root, self.environment.name, records),
        )
        images = tuple(PreImage(a, state) for a, state in found.states.items())
        return replace(unfinished, pre_images=images)

    def show(self, plan: Plan) -> None:
        """Write the plan to stdout."""
        found = revision(self.workspace.project.root)
        show_plan(plan, found, self.output.format, self.output.files)

    def write(
        self,
        plan: Plan,
        request: Request,
        baselines: Mapping[str, Baseline],
        commits: Mapping[Address, str] | None = None,
    ) -> int:
        """Check the guards and write; nothing is written when one refuses.

        ``commits`` name what each flow was rendered from, where not from the
        project's files.
        """
        systems = {c.address.system for c in plan.writes}
        if missing := sorted(systems - self.targets.keys()):
            name = self.environment.name
            raise InputError(
                f"{name} has no target for {', '.join(missing)}",
                hint="name one under `targets` of the environment",
                location=self.environment.location,
            )
        if plan.errored:
            note(Reason.UNRESOLVED if unresolved(plan) else Reason.FINDINGS)
            raise UnresolvedError(
                "nothing was written: the plan has errors",
                hint="mend them and plan again",
            )
        approval = self.consent.approval()
        nothing = not plan.writes and not plan.removals
        if nothing and approval.reviewed is None:
            talk("Nothing to do.")
            return OK
        if not self._passes(plan, approval, baselines):
            return REFUSED
        if nothing:
            talk("Nothing to do.")
            return OK
        if self.consent.dry_run:
            talk("[dry run] Nothing was written.")
            return OK
        self._tell_estimate(plan)
        self._promote(plan, request, baselines, commits)
        count = len(plan.writes) + len(plan.removals)
        talk(f"{self.done} {count} {'flow' if count == 1 else 'flows'}.")
        return OK

    def _passes(
        self, plan: Plan, approval: Approval, baselines: Mapping[str, Baseline]
    ) -> bool:
        situation = look_around(
            self.workspace,
            self.environment,
            plan,
            approval,
            baselines,
            self.targets,
            policy_ref=self.consent.policy_ref,
        )
        found = refusals(situation, self.consent.allow)
        if [r.guard for r in found] == ["not-approved"] and _ask():
            return True
        if found:
            note(Reason.REFUSED, *(refusal.guard for refusal in found))
        for refusal in found:
            say(visible(f"refused: {refusal.guard}: {refusal.words}"))
            say(visible(f"    {refusal.hint}"))
        if found and approval.saved:
            for line in approval.saved.differences(plan):
                say(visible(f"    {line}"))
        if found:
            say("Nothing was written.")
        return not found

    def _tell_estimate(self, plan: Plan) -> None:
        """Say how long the targets make this take, when that is worth knowing."""
        seconds = 0.0
        for system, target in self.targets.items():
            own = [c for c in plan.writes if c.address.system == system]
            seconds += target.estimate(
                [c.address for c in own if c.action == CREATE],
                [c.address for c in own if c.action != CREATE],
            )
        if seconds >= _LONG:
            talk(f"This takes at least {clock_text(seconds)}, at the targets' pace.")

    def _promote(
        self,
        plan: Plan,
        request: Request,
        baselines: Mapping[str, Baseline],
        commits: Mapping[Address, str] | None,
    ) -> None:
        root = self.workspace.project.root
        run = run_name(datetime.now(UTC), plan.digest)
        promotion = Promotion(
            targets=self.targets,
            inventories={s: b.inventory or Inventory() for s, b in baselines.items()},
            binder=partial(binder_after, request, baselines),
            journal=self.journal,
            mark=Mark(self.workspace.project.name, run, plan.digest),
            report=_Steps(2 * len(plan.writes) + len(plan.removals)),
        )
        outcome = promote(plan, promotion)
        inventories = {
            system: inventory.with_resources(outcome.created.get(system, ()))
            for system, inventory in promotion.inventories.items()
        }
        facts = about(root)
        if commits is None:
            commits = self._commits(plan, facts["commit"])
        record = record_of(
            outcome.plan, run, outcome.after, facts, inventories, commits
        )
        path = write_record(root, record)
        talk(f"recorded: {path.relative_to(root).as_posix()}")

    def _commits(self, plan: Plan, commit: str) -> dict[Address, str]:
        """Return the commit each flow is rendered from; none where files differ."""
        if not commit or uncommitted_inputs(self.workspace.project):
            return {}
        return {change.address: commit for change in plan.writes}


def promote_command(
    folder: Path,
    environment_name: str,
    words: Sequence[str],
    consent: Consent,
    output: Output,
) -> int:
    """Plan, check the guards, and write; nothing is written when one refuses."""
    report_files(output.files)
    workspace = open_workspace(folder, words)
    environment = load(workspace, environment_name)
    deletes = "deletes" in consent.allow
    request = request_for(workspace, environment, deletes=deletes)
    targets = open_targets(workspace.project, environment)
    session = Session(workspace, environment, targets, consent, output)
    with session.alone():
        session.recover()
        baselines = live_baselines(request, targets)
        plan = make_plan(request, baselines)
        session.show(plan)
        return session.write(plan, request, baselines)


def _is_terminal() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()


def _ask() -> bool:
    """Ask on a terminal; anything but ``yes`` is a no, and so is no terminal."""
    if not _is_terminal():
        return False
    sys.stderr.write("Only 'yes' will be accepted. Promote this plan? ")
    sys.stderr.flush()
    return sys.stdin.readline().strip() == "yes"


@dataclass(slots=True)
class _Steps:
    """Says each step of a promote, and how many are left."""

    total: int
    done: int = 0

    def __call__(self, step: Step) -> None:
        _say(step)
        if step.done in _COUNTED:
            self.done += 1
        show_bar(Stage("writing", self.done, self.total))


def _say(step: Step) -> None:
    detail = f"  {step.detail}" if step.detail else ""
    talk(visible(f"{step.done}: {step.address}{detail}"))
