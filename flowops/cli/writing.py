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
from flowops.cli.recording import about, record_of, run_name, unrecorded_flows
from flowops.cli.showing import Output, report_files, show_plan
from flowops.cli.situation import look_around, uncommitted_inputs
from flowops.cli.steps import Steps, say_step
from flowops.cli.talking import clock_text, say, talk
from flowops.cli.workspace import (
    Workspace,
    addresses_to_replace,
    binder_after,
    live_baselines,
    load,
    open_targets,
    open_workspace,
    request_for,
)
from flowops.documents.files import locked, read_bytes
from flowops.errors import (
    OK,
    REFUSED,
    InputError,
    RefusedError,
    TargetError,
    UnresolvedError,
)
from flowops.git import revision
from flowops.guards import Approval, refusals, ways_to_agree
from flowops.journal import Journal, PreImage
from flowops.model import Inventory
from flowops.plan.making import CREATE, make_plan, unresolved
from flowops.plan.saved import read_saved_plan
from flowops.promote import Outcome, Promotion, promote, recover
from flowops.records import is_recorded, read_records, write_record
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
    from flowops.records import RecordedFlow
    from flowops.systems.protocol import FlowState, Target


_LONG = 10.0


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
    """Everything that one write to an environment needs.

    ``undone`` names a run that was cut off and has just been undone.
    """

    workspace: Workspace
    environment: Environment
    targets: Mapping[str, Target]
    consent: Consent
    output: Output
    done: str = "Promoted"
    undone: str = ""

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

    def recovered(self) -> Session:
        """Undo a run that was cut off, if there is one and somebody agreed.

        One that has its record was cut off at its very end, and is whole.
        """
        unfinished = self.journal.unfinished()
        if unfinished is None:
            return self
        if self.consent.dry_run:
            say(f"Run {unfinished.run} was cut off; a promote would undo it first.")
            return self
        root = self.workspace.project.root
        if is_recorded(root, self.environment.name, unfinished.run):
            self.journal.end()
            return self
        if not self.consent.given:
            raise RefusedError(
                f"not-approved: run {unfinished.run} was cut off and has to be undone",
                hint=ways_to_agree(takes_plan=self.consent.takes_plan),
            )
        for target in self.targets.values():
            target.verify()
        say(f"Run {unfinished.run} was cut off; it is undone first.")
        recover(self._with_secrets(unfinished), self.targets, say_step)
        self.journal.end()
        return replace(self, undone=unfinished.run)

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
        approval: Approval,
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
        nothing = not plan.writes and not plan.removals
        is_approved = nothing and approval.reviewed is None
        if not is_approved and not self._passes(plan, approval, baselines):
            return REFUSED
        anew = self._unrecorded(plan)
        if nothing:
            self._record_anew(plan, baselines, anew, commits)
            talk("Nothing to do.")
            return OK
        if self.consent.dry_run:
            talk("[dry run] Nothing was written.")
            return OK
        self._tell_estimate(plan)
        self._promote(plan, request, baselines, anew, commits)
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
            say(self._nothing_written())
        return not found

    def _nothing_written(self) -> str:
        if not self.undone:
            return "Nothing was written."
        return f"Nothing was written but what undid run {self.undone}."

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
        anew: Sequence[RecordedFlow],
        commits: Mapping[Address, str] | None,
    ) -> None:
        run = run_name(datetime.now(UTC), plan.digest)
        known = {s: b.inventory or Inventory() for s, b in baselines.items()}

        def keep(outcome: Outcome) -> None:
            inventories = {
                system: inventory.with_resources(outcome.created.get(system, ()))
                for system, inventory in known.items()
            }
            self._record(outcome.plan, run, outcome.after, inventories, anew, commits)

        promotion = Promotion(
            targets=self.targets,
            inventories=known,
            binder=partial(binder_after, request, baselines),
            journal=self.journal,
            mark=Mark(self.workspace.project.name, run, plan.digest),
            report=Steps(2 * len(plan.writes) + len(plan.removals)),
            keep=keep,
        )
        promote(plan, promotion)

    def _record_anew(
        self,
        plan: Plan,
        baselines: Mapping[str, Baseline],
        anew: Sequence[RecordedFlow],
        commits: Mapping[Address, str] | None,
    ) -> None:
        """Record flows that are right already; nothing on a target changes."""
        if not anew or self.consent.dry_run:
            return
        run = run_name(datetime.now(UTC), plan.digest)
        inventories = {s: b.inventory or Inventory() for s, b in baselines.items()}
        self._record(plan, run, {}, inventories, anew, commits)

    def _record(
        self,
        plan: Plan,
        run: str,
        after: Mapping[Address, FlowState],
        inventories: Mapping[str, Inventory],
        anew: Sequence[RecordedFlow],
        commits: Mapping[Address, str] | None,
    ) -> None:
        root = self.workspace.project.root
        facts = about(root)
        if commits is None:
            commits = self._commits(plan, facts["commit"])
        for flow in anew:
            talk(visible(f"recorded anew: {flow.address}"))
        record = record_of(plan, run, after, facts, inventories, commits, anew)
        path = write_record(root, record)
        talk(f"recorded: {path.relative_to(root).as_posix()}")

    def _unrecorded(self, plan: Plan) -> tuple[RecordedFlow, ...]:
        """Return what to record of flows that a run wrote and did not record.

        What cannot be read or asked for this is in nobody's way.
        """
        project = self.workspace.project
        try:
            return unrecorded_flows(project, plan, self.targets)
        except (InputError, TargetError) as error:
            say(visible(f"nothing is recorded anew: {error}"))
            return ()

    def _commits(self, plan: Plan, commit: str) -> dict[Address, str]:
        """Return the commit each flow is rendered from; none where files differ."""
        if not commit or uncommitted_inputs(self.workspace.project):
            return {}
        return {change.address: commit for change in plan.changes}


def promote_command(
    folder: Path,
    environment_name: str,
    words: Sequence[str],
    consent: Consent,
    output: Output,
    *,
    replaced: Sequence[str] = (),
) -> int:
    """Plan, check the guards, and write; nothing is written when one refuses.

    ``replaced`` name flows to write though nothing differs; what a reviewed plan
    would replace need not be named again.
    """
    report_files(output.files)
    workspace = open_workspace(folder, words)
    environment = load(workspace, environment_name)
    deletes = "deletes" in consent.allow
    targets = open_targets(workspace.project, environment)
    request = request_for(
        *(workspace, environment),
        deletes=deletes,
        replaced=addresses_to_replace(workspace, targets, replaced),
    )
    approval = consent.approval()
    reviewed = approval.saved.replaced if approval.saved else ()
    request = replace(
        request, reviewed=frozenset(a for a in request.known if str(a) in reviewed)
    )
    session = Session(workspace, environment, targets, consent, output)
    with session.alone():
        session = session.recovered()
        baselines = live_baselines(request, targets)
        plan = make_plan(request, baselines)
        session.show(plan)
        return session.write(plan, request, baselines, approval)


def _is_terminal() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()


def _ask() -> bool:
    """Ask on a terminal; anything but ``yes`` is a no, and so is no terminal."""
    if not _is_terminal():
        return False
    sys.stderr.write("Only 'yes' will be accepted. Promote this plan? ")
    sys.stderr.flush()
    return sys.stdin.readline().strip() == "yes"
