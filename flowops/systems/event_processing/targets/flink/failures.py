"""The job of a flow that ended and should not have, and what is left of its state.

It failed for good, or a promote stopped it and was cut off before it started the next
one. A job that never came up counts for nothing: what ran before it is what is looked
at. Nor does one that a promote took back, whose jar that promote deleted.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from flowops.errors import TargetError
from flowops.systems.event_processing.targets.flink.job_manager import FAILED, FINISHED
from flowops.systems.protocol import FAILURE, KEPT

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from flowops.systems.event_processing.targets.flink.job_manager import (
        JobManager,
        Remains,
    )
    from flowops.systems.event_processing.targets.flink.jobs import Jobs, MarkedJob
    from flowops.systems.event_processing.targets.flink.launch import Launcher
    from flowops.systems.protocol import FlowState

_NO_REASON = "Flink gives no reason"
_CUT_OFF = "a promote stopped it, and was cut off"


@dataclass(frozen=True, slots=True)
class Failure:
    """A job that ended, why, and where its last state lies, if it does."""

    job: MarkedJob
    reason: str
    kept: str

    @property
    def state(self) -> FlowState:
        """Return the flow as it ran, and what became of it."""
        state = self.job.mark.state
        words = f"{self.job.state}: {self.reason}"
        more = {FAILURE: words, **({KEPT: self.kept} if self.kept else {})}
        return replace(state, attributes={**state.attributes, **more})


class Failures:
    """Looks for the jobs of a cluster that ended and should not have."""

    def __init__(
        self, manager: JobManager, jobs: Jobs, launcher: Launcher, run: str
    ) -> None:
        """Keep whom to ask, and the run that asks, "" before there is one."""
        self._manager = manager
        self._jobs = jobs
        self._launcher = launcher
        self._run = run

    def named(self, names: Collection[str]) -> Mapping[str, Failure]:
        """Return what ended of these names, where no other job runs."""
        ended = self._jobs.ended(names)
        found = {name: self._last(jobs) for name, jobs in ended.items()}
        return {name: failure for name, failure in found.items() if failure}

    def cancel_failing(self, job: MarkedJob) -> str:
        """Cancel a job that fails again and again, and return where its state lies.

        Nothing is done, and nothing returned, for one that is well. Raises
        ``TargetError`` where its last checkpoint would go with it.
        """
        remains = self._manager.remains(job.id)
        reason = self._jobs.last_failure(job) if remains.is_behind else ""
        if not reason:
            return ""
        # What it was started from is not its own, as long as it has made none.
        is_another = not remains.checkpoints and job.id not in remains.place
        if remains.place and not (remains.outlives_cancelling or is_another):
            raise TargetError(
                f"job {job.id} ({job.name}) fails again and again, so it makes no "
                f"savepoint, and its last checkpoint goes when it is cancelled: "
                f"{reason}",
                hint="mend what it fails on, or cancel it in Flink: the flow then "
                "starts without its state",
            )
        if remains.place:
            self._jobs.cancel(job.id, job.name)
        return remains.place

    def _last(self, ended: Iterable[MarkedJob]) -> Failure | None:
        """Return the one that counts; nothing if it was ended on purpose."""
        attempt: Failure | None = None
        for job in ended:
            if job.state == FINISHED:
                return self._cut_off(job, attempt)
            remains = self._manager.remains(job.id)
            is_undone = self._launcher.is_undone(job.mark.jar, job.state)
            if not _came_up(remains, is_undone=is_undone):
                if remains.restored and attempt is None:
                    attempt = self._failure(job, remains.restored)
            elif job.state == FAILED:
                return self._failure(job, remains.kept)
            elif not is_undone:
                # A job that a promote cancelled, as it failed, goes on in the next one.
                goes_on = attempt is not None and attempt.kept == remains.kept
                return attempt if goes_on else None
        return attempt

    def _cut_off(self, job: MarkedJob, attempt: Failure | None) -> Failure | None:
        """Tell of a job that was stopped for another one, which does not run.

        A later run tried to start one from its savepoint, or left the jar of one.
        """
        place = self._manager.last_savepoint(job.id)
        if not place:
            return None
        if attempt is not None and attempt.kept == place:
            return attempt
        is_for_another = self._launcher.has_later(job.mark, self._run)
        return Failure(job, _CUT_OFF, place) if is_for_another else None

    def _failure(self, job: MarkedJob, kept: str) -> Failure:
        return Failure(job, self._manager.failure(job.id) or _NO_REASON, kept)


def _came_up(remains: Remains, *, is_undone: bool) -> bool:
    """Tell whether a job ran as a promote waits for: checkpoints on, and one made."""
    if not remains.has_tasks:
        return False
    if remains.checkpoints is None:
        return bool(remains.kept) or not is_undone
    return bool(remains.checkpoints or remains.kept)
