"""Put a flow back: cancel the job a run started, start again the one it stopped."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from flowops.errors import TargetError
from flowops.secrets import REDACTION, Secret, open_text
from flowops.systems.event_processing.output.rendering import SQL_FILE
from flowops.systems.event_processing.sql.retarget import retargeted
from flowops.systems.event_processing.sql.scripts import read_script
from flowops.systems.event_processing.sql.text import code
from flowops.systems.event_processing.targets.flink.job_jar import is_of, job_id
from flowops.systems.event_processing.targets.flink.job_manager import (
    CANCELED,
    CANCELLING,
)
from flowops.systems.event_processing.targets.flink.launch import Launch
from flowops.systems.protocol import FAILURE

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowops.model import Address
    from flowops.secrets import Text
    from flowops.systems.event_processing.targets.flink.job_manager import JobManager
    from flowops.systems.event_processing.targets.flink.jobs import Jobs, MarkedJob
    from flowops.systems.event_processing.targets.flink.launch import Launcher
    from flowops.systems.event_processing.targets.flink.waiting import Waiting
    from flowops.systems.protocol import FlowState

_WITHOUT_STATE = (
    "delete the journal in .flowops/journal, and promote: the flow then starts "
    "without that state"
)


class Undoing:
    """The way back from a run, which may be gone as often as it takes."""

    def __init__(
        self, manager: JobManager, jobs: Jobs, launcher: Launcher, wait: Waiting
    ) -> None:
        """Keep what asks for, lists, starts and waits for jobs."""
        self._manager = manager
        self._jobs = jobs
        self._launcher = launcher
        self._wait = wait

    def go_back(
        self,
        address: Address,
        before: FlowState | None,
        run: str,
        staged: Launch | None,
    ) -> bool:
        """Undo a run for one flow; tell whether there was anything to undo.

        A job that had failed before the run is left as it was, and its state with it.
        ``staged`` is what the run wanted to start, if it is known here.
        """
        # The jar goes first: without it nothing can start late.
        changed = self._launcher.forget(lambda jar: is_of(jar, address, run))
        changed |= self._cancel(address, run)
        if before is None or FAILURE in before.attributes:
            return changed
        found = self._stopped(address, run)
        if found is None:
            return changed
        sealed = before.files.get(SQL_FILE, "")
        self._start(address, *found, run, partial(_sql, staged, sealed))
        self._cancel(address, run)
        return True

    def _cancel(self, address: Address, run: str) -> bool:
        found = self._jobs.named(address.name)
        ours = [job.id for job in found if job.is_live and job.mark.run == run]
        # A list may be some seconds old, and not have it yet.
        started = job_id(run, address, "publish")
        if started not in ours and self._jobs.is_live(started):
            ours.append(started)
        for job in ours:
            self._jobs.cancel(job, address.name)
        return bool(ours)

    def _stopped(self, address: Address, run: str) -> tuple[MarkedJob, str] | None:
        """Return the job the run stopped, and its savepoint; nothing if none was.

        One that failed by itself was not stopped. What the run started since, to go
        back, and what failed doing so, is passed over.
        """
        for found in self._jobs.named(address.name):
            if found.mark.run == run:
                continue
            job = self._settled(found)
            savepoint = self._jobs.stopped(job)
            if savepoint:
                return job, savepoint
            if job.is_live:
                return None
            if savepoint is not None:
                break
            if not self._jobs.is_again(job, run, address):
                return self._cancelled(job)
        raise TargetError(
            f"the cluster no longer knows the job and the savepoint of {address.name}",
            hint=_WITHOUT_STATE,
        )

    def _settled(self, job: MarkedJob) -> MarkedJob:
        """Return a job as it is once it has been cancelled, if somebody does so."""
        if job.state != CANCELLING:
            return job
        self._wait.until_ended(job.id, job.name)
        return replace(job, state=self._manager.state(job.id))

    def _cancelled(self, job: MarkedJob) -> tuple[MarkedJob, str] | None:
        """Return a job the run cancelled, as it failed, and its last checkpoint."""
        if job.state != CANCELED:
            return None
        remains = self._manager.remains(job.id)
        is_own = job.id in remains.restored  # and went with it, unless it is kept
        place = remains.kept or ("" if is_own else remains.restored)
        return (job, place) if place else None

    def _start(
        self,
        address: Address,
        old: MarkedJob,
        savepoint: str,
        run: str,
        sql_of: Callable[[MarkedJob], Text],
    ) -> None:
        job = self._jobs.free_id(run, address)
        kept = self._launcher.kept(old.mark.jar)
        launch = None if kept else _launch(address, old, savepoint, sql_of(old))
        try:
            if launch is None:
                self._launcher.start_jar(old.mark.jar, job, savepoint)
            else:
                self._launcher.start_again(launch, job, savepoint)
            if old.state == CANCELED:  # it failed before, and may do so again
                self._wait.until_known(job, address.name)
            else:
                self._wait.until_running(job, address.name)
        except TargetError as error:
            raise TargetError(
                f"{address.name} is stopped, and its state is kept in {savepoint}: "
                f"{error.message}",
                hint=f"mend that and promote again, or {_WITHOUT_STATE}",
            ) from error


def _launch(address: Address, old: MarkedJob, savepoint: str, sql: Text) -> Launch:
    if any(REDACTION.search(token.text) for token in code(open_text(sql))):
        raise TargetError(
            f"{address.name} was stopped, its state is kept in {savepoint}, "
            f"and its secrets are not known here",
            hint="fetch the whole history of Git and .flowops/records, and promote "
            f"again, or {_WITHOUT_STATE}",
        )
    return Launch(old.mark, sql)


def _sql(staged: Launch | None, sealed: Text, old: MarkedJob) -> Text:
    """Return the SQL of a job with its secrets: the journal's, or those of the run.

    Of the latter only those count that both have alike.
    """
    visible = old.mark.files.get(SQL_FILE, "")
    if isinstance(sealed, Secret) and str(sealed) == visible:
        return sealed
    if staged is None:
        return visible
    known = _options(str(staged.sql))
    opened = _options(open_text(staged.sql))
    tables: dict[str, dict[str, Text]] = {}
    for (table, option), value in _options(visible).items():
        alike = known.get((table, option)) == value
        secret = opened[table, option] if alike else value
        text: Text = value if secret == value else Secret(secret, value)
        tables.setdefault(table, {})[option] = text
    return retargeted(visible, tables)


def _options(sql: str) -> dict[tuple[str, str], str]:
    return {
        (statement.name, option.name): option.value
        for statement in read_script(sql)
        for option in statement.options
    }
