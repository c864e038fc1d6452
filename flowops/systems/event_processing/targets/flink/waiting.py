"""Wait for a job: until it runs, until it has stopped, until it is gone."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from flowops.errors import TargetError
from flowops.progress import Stage
from flowops.systems.event_processing.targets.flink.job_manager import (
    ENDED,
    FINISHED,
    RUNNING,
    STARTING,
)
from flowops.systems.event_processing.targets.flink.rest import (
    AnswerError,
    UnreachableError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowops.progress import Progress as Tell
    from flowops.systems.event_processing.targets.flink.job_manager import (
        JobManager,
        Progress,
    )

_PAUSE = 0.1
_LONGEST_PAUSE = 1.0
_LATEST = 5.0  # more than web.refresh-interval has where nobody sets it
_GROWTH = 1.2
_FAILED = frozenset(("FAILED", "CANCELED"))
# What Flink 1.20 and 2.2 say (DeclarativeSlotPoolBridge, PhysicalSlotProvider), once
# resourcemanager.standalone.start-up-time or slot.request.timeout are over.
_NO_SLOTS = (
    "Could not acquire the minimum required resources",
    "Slot request bulk is not fulfillable",
)


class Waiting:
    """Waits at one cluster, for at most so many seconds at a time."""

    def __init__(self, manager: JobManager, seconds: int, tell: Tell) -> None:
        """Keep whom to ask, how long to wait, and who is told."""
        self._manager = manager
        self._seconds = seconds
        self._tell = tell

    def until_running(self, job: str, name: str) -> None:
        """Wait until every task runs and, where checkpoints are on, one is made.

        Raises ``TargetError``: the job failed, or did not come up in time, or, where
        the cluster stopped answering, nobody knows.
        """
        asked = False

        def runs() -> bool:
            nonlocal asked
            progress = self._manager.progress(job)
            self._refuse_failed(job, name, progress.state)
            if progress.state == FINISHED:
                return True
            if progress.state != RUNNING or not progress.is_whole:
                return False
            if progress.checkpoints or not self._manager.checkpoints_itself(job):
                return True
            if not asked:
                self._manager.ask_checkpoint(job)
                asked = True
            return False

        if not self._until(runs, f"{name} to run", job, name):
            raise self._late(job, name)

    def until_stopped(self, job: str, name: str, trigger: str) -> str:
        """Wait for the savepoint a job stops with, and return where it lies."""
        found = ""

        def is_made() -> bool:
            nonlocal found
            _, found = self._manager.savepoint(job, trigger)
            return bool(found)

        if not self._until(is_made, f"a savepoint of {name}", job, name):
            raise TargetError(
                f"job {job} ({name}) made no savepoint in {self._seconds} s: "
                f"it is not known whether it will",
                hint="look at its checkpoints in Flink, or give a longer `timeout`",
            )
        self.until_ended(job, name)
        return found

    def until_ended(self, job: str, name: str) -> None:
        """Wait until a job is over, in whatever way."""

        def is_over() -> bool:
            return self._manager.state(job) in ("", *ENDED)

        if not self._until(is_over, f"{name} to end", job, name):
            raise TargetError(
                f"job {job} ({name}) did not end in {self._seconds} s",
                hint="look at it in Flink, and promote again",
            )

    def until_shown(self, is_shown: Callable[[], bool], name: str) -> None:
        """Wait for what a cluster shows some seconds late, and no longer than that."""
        end = time.monotonic() + _LATEST
        while not is_shown() and time.monotonic() < end:
            self._tell(Stage(f"looking at what became of {name}"))
            time.sleep(_LONGEST_PAUSE)

    def until_known(self, job: str, name: str) -> None:
        """Wait until a job that has just been started has a configuration to show."""

        def is_known() -> bool:
            return self._manager.state(job) != STARTING

        if not self._until(is_known, f"{name} to start", job, name):
            raise self._late(job, name)

    def until_settled(self, job: str, name: str) -> None:
        """Wait until every task of a job runs or one has failed, and no longer.

        Before that a job makes no savepoint, so that it cannot be stopped with one.
        """

        def is_settled() -> bool:
            progress = self._manager.progress(job)
            if progress.state in ENDED:
                return True
            if progress.state == RUNNING and progress.is_whole:
                return True
            return bool(self._failure(job))

        self._until(is_settled, f"{name} to run", job, name)

    def _until(self, done: Callable[[], bool], what: str, job: str, name: str) -> bool:
        """Ask again and again; an answer that fails to come may come later."""
        started, pause = time.monotonic(), _PAUSE
        while True:
            lost: UnreachableError | None = None
            try:
                if done():
                    return True
            except UnreachableError as error:
                lost = error
            passed = time.monotonic() - started
            self._tell(Stage(f"waiting for {what}", int(passed), self._seconds))
            if passed > self._seconds and lost:
                raise TargetError(
                    f"it is not known what became of job {job} ({name}): "
                    f"{lost.message}",
                    hint="promote again when the cluster answers",
                )
            if passed > self._seconds:
                return False
            time.sleep(pause)
            pause = min(pause * _GROWTH, _LONGEST_PAUSE)

    def _refuse_failed(self, job: str, name: str, state: str) -> None:
        if state not in _FAILED:
            return
        reason = self._manager.failure(job) or f"it is {state}"
        if any(words in reason for words in _NO_SLOTS):
            raise self._full(job, name, "found too few free slots")
        raise TargetError(f"job {job} ({name}) failed: {reason}")

    def _full(self, job: str, name: str, what: str) -> TargetError:
        free, total = self._manager.free_slots()
        taken = f"{free} of {total} are free" if free else f"all {total} are taken"
        return TargetError(
            f"job {job} ({name}) {what}: "
            + (taken if total else "there is no task manager"),
            hint="add task managers, or stop a job",
        )

    def _late(self, job: str, name: str) -> TargetError:
        progress: Progress = self._manager.progress(job)
        free, _ = self._manager.free_slots()
        if not free and not (progress.state == RUNNING and progress.is_whole):
            return self._full(job, name, f"found no free slot in {self._seconds} s")
        state = progress.state
        if state == RUNNING:
            lack = "a checkpoint" if progress.is_whole else "all of its tasks"
            state = f"{RUNNING} without {lack}"
        reason = self._failure(job)
        last = f"; last failure: {reason}" if reason else ""
        return TargetError(
            f"job {job} ({name}) did not come up in {self._seconds} s, and has not "
            f"failed either: it is {state}{last}",
            hint="mend that: Flink starts it again each time it fails"
            if reason
            else "look at it in Flink, or give the target a longer `timeout`",
        )

    def _failure(self, job: str) -> str:
        try:
            return self._manager.failure(job)
        except AnswerError:
            return ""
