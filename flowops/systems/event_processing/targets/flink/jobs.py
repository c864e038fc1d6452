"""The jobs of a cluster that bear a mark, and how one is stopped with a savepoint."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count, islice
from typing import TYPE_CHECKING

from flowops.errors import RefusedError, TargetError
from flowops.model import Address
from flowops.systems.event_processing.targets.flink.job_jar import job_id
from flowops.systems.event_processing.targets.flink.job_manager import (
    ENDED,
    FINISHED,
    STARTING,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from flowops.systems.event_processing.targets.flink.job_manager import (
        Job,
        JobManager,
    )
    from flowops.systems.event_processing.targets.flink.marks import JobMark
    from flowops.systems.event_processing.targets.flink.waiting import Waiting

_MOST_TRIES = 100


@dataclass(frozen=True, slots=True)
class MarkedJob:
    """A job FlowOps started, with its mark; ``started`` is in milliseconds."""

    id: str
    name: str
    state: str
    started: int
    mark: JobMark

    @property
    def is_live(self) -> bool:
        """Tell whether the job has not ended for good."""
        return self.state not in ENDED


class Jobs:
    """What runs on a cluster, looked at afresh each time; marks do not change."""

    def __init__(self, manager: JobManager, wait: Waiting, savepoints: str) -> None:
        """Keep whom to ask, and where savepoints go; "" is the cluster's own place."""
        self._manager = manager
        self._wait = wait
        self._savepoints = savepoints
        self._marks: dict[str, JobMark] = {}

    def live(self, names: Collection[str]) -> Mapping[str, MarkedJob]:
        """Return the jobs of these names that run.

        Raises ``RefusedError`` for one FlowOps did not start, or for two of a name.
        """
        found: dict[str, MarkedJob] = {}
        for job in self._manager.jobs():
            if not job.is_live or job.name not in names:
                continue
            marked = self._marked(job)
            if marked is None:
                raise RefusedError(
                    f"job-not-ours: job {job.id} ({job.name}) runs on "
                    f"{self._manager.url}, and FlowOps did not start it",
                    hint="stop it with a savepoint, or give the flow another name",
                )
            if job.name in found:
                raise RefusedError(
                    f"two-jobs: {found[job.name].id} and {job.id} are both {job.name}",
                    hint="look which one is right, and cancel the other",
                )
            found[job.name] = marked
        return found

    def named(self, name: str) -> list[MarkedJob]:
        """Return our jobs of a name, those that have ended too, the newest first."""
        return [*self._ours([j for j in self._manager.jobs() if j.name == name])]

    def ended(self, names: Collection[str]) -> Mapping[str, Iterator[MarkedJob]]:
        """Return of each name our jobs that have ended, the newest first.

        A name that has a live job, or none at all, is left out.
        """
        found: dict[str, list[Job]] = {}
        live: set[str] = set()
        for job in self._manager.jobs() if names else ():
            if job.is_live:
                live.add(job.name)
            elif job.name in names:
                found.setdefault(job.name, []).append(job)
        return {
            name: self._ours(jobs) for name, jobs in found.items() if name not in live
        }

    def _ours(self, jobs: list[Job]) -> Iterator[MarkedJob]:
        """Give those that bear a mark, the newest first."""
        ordered = sorted(jobs, key=lambda job: job.started, reverse=True)
        return (found for job in ordered if (found := self._marked(job)))

    def marks(self) -> list[JobMark]:
        """Return the marks of all jobs that run."""
        live = [job for job in self._manager.jobs() if job.is_live]
        return [marked.mark for job in live if (marked := self._marked(job))]

    def needed_jars(self) -> set[str]:
        """Return the jars of jobs that run, and of those nothing has followed.

        Of the latter the jar tells that no promote took the job back.
        """
        jobs = self._manager.jobs()
        live = {job.name for job in jobs if job.is_live}
        wanted = [
            job
            for job in jobs
            if job.is_live or (job.name not in live and job.state != FINISHED)
        ]
        return {found.mark.jar for job in wanted if (found := self._marked(job))}

    def stop(self, job: MarkedJob) -> str:
        """Stop a job with a savepoint, and return where that lies.

        One that another run started a moment ago, and was cut off, comes up first.
        Raises ``TargetError``; the job then runs on, as far as Flink can tell.
        """
        for trigger in self._triggers(job):
            pending, place = self._tried(job, trigger)
            if place is None:
                continue
            if not pending and not place:
                self._wait.until_settled(job.id, job.name)
                self._manager.stop(job.id, self._savepoints, trigger)
            return self._wait.until_stopped(job.id, job.name, trigger)
        raise TargetError(f"job {job.id} ({job.name}) cannot be stopped")

    def stopped(self, job: MarkedJob) -> str | None:
        """Return the savepoint a job was stopped with; nothing where it was not.

        One that is being stopped is waited for. Without a savepoint, where the job
        ended and the cluster no longer says how, the text is empty.
        """
        for trigger in self._triggers(job):
            pending, place = self._tried(job, trigger)
            if place is None:
                continue
            if pending or place:
                return self._wait.until_stopped(job.id, job.name, trigger)
            break
        return self._last(job) if job.state == FINISHED else None

    def _last(self, job: MarkedJob) -> str:
        """Return the last savepoint of a job; what is shown of it may be late."""
        self._wait.until_shown(
            lambda: bool(self._manager.last_savepoint(job.id)), job.name
        )
        return self._manager.last_savepoint(job.id)

    def last_failure(self, job: MarkedJob) -> str:
        """Return why a job failed the last time; what is shown of it may be late."""
        self._wait.until_shown(lambda: bool(self._manager.failure(job.id)), job.name)
        return self._manager.failure(job.id)

    def is_live(self, job: str) -> bool:
        """Tell whether the cluster has a job of this id that has not ended."""
        return self._manager.state(job) not in ("", *ENDED)

    def cancel(self, job: str, name: str) -> None:
        """Cancel a job, and wait until it is gone."""
        self._manager.cancel(job)
        self._wait.until_ended(job, name)

    def free_id(self, run: str, address: Address) -> str:
        """Return an id for a job that is started again, which no job has had."""
        taken = {job.id for job in self._manager.jobs()}
        return next(found for found in _ids_again(run, address) if found not in taken)

    def is_again(self, job: MarkedJob, run: str, address: Address) -> bool:
        """Tell whether a job was started to undo this run."""
        return job.id in islice(_ids_again(run, address), _MOST_TRIES)

    def _tried(self, job: MarkedJob, trigger: str) -> tuple[bool, str | None]:
        """Return how a request to stop stands; no place when it has failed."""
        try:
            return self._manager.savepoint(job.id, trigger)
        except TargetError:
            return False, None

    def _triggers(self, job: MarkedJob) -> Iterator[str]:
        """Give the names of requests to stop: a failed one is not asked again."""
        address = Address("event_processing", "flow", job.name)
        return (
            job_id(job.id, address, f"stop {number}") for number in range(_MOST_TRIES)
        )

    def _marked(self, job: Job) -> MarkedJob | None:
        if job.id not in self._marks:
            if job.state == STARTING:
                self._wait.until_known(job.id, job.name)
            mark = self._manager.mark(job)
            if mark is None:
                return None
            self._marks[job.id] = mark
        return MarkedJob(job.id, job.name, job.state, job.started, self._marks[job.id])


def _ids_again(run: str, address: Address) -> Iterator[str]:
    """Give the ids a job gets that is started again to undo a run, first to last."""
    return (job_id(run, address, f"restore {number}") for number in count())
