"""Put a flow back: cancel the job a run started, start again the one it stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.errors import TargetError
from flowops.secrets import REDACTION, Secret, open_text
from flowops.systems.event_processing.output.rendering import SQL_FILE
from flowops.systems.event_processing.sql.retarget import retargeted
from flowops.systems.event_processing.sql.scripts import read_script
from flowops.systems.event_processing.sql.text import code
from flowops.systems.event_processing.targets.flink.job_jar import is_of, job_id
from flowops.systems.event_processing.targets.flink.launch import Launch

if TYPE_CHECKING:
    from flowops.model import Address
    from flowops.secrets import Text
    from flowops.systems.event_processing.targets.flink.jobs import Jobs, MarkedJob
    from flowops.systems.event_processing.targets.flink.launch import Launcher
    from flowops.systems.event_processing.targets.flink.waiting import Waiting
    from flowops.systems.protocol import FlowState


class Undoing:
    """The way back from a run, which may be gone as often as it takes."""

    def __init__(self, jobs: Jobs, launcher: Launcher, wait: Waiting) -> None:
        """Keep what lists, starts and waits for jobs."""
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

        ``staged`` is what the run wanted to start, if it is known here.
        """
        # The jar goes first: without it nothing can start late.
        changed = self._launcher.forget(lambda jar: is_of(jar, address, run))
        changed |= self._cancel(address, run)
        if before is None:
            return changed
        found = self._stopped(address, run)
        if found is None:
            return changed
        self._start(address, *found, run, staged)
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
        """Return the job the run stopped, and its savepoint; nothing if none was."""
        for job in self._jobs.named(address.name):
            if job.mark.run == run:
                continue
            savepoint = self._jobs.stopped(job)
            if savepoint:
                return job, savepoint
            if job.is_live:
                return None
            if savepoint is not None:
                break
        raise TargetError(
            f"the cluster no longer knows the job and the savepoint of {address.name}",
            hint="delete the journal in .flowops/journal, and promote: the flow then "
            "starts without state",
        )

    def _start(
        self,
        address: Address,
        old: MarkedJob,
        savepoint: str,
        run: str,
        staged: Launch | None,
    ) -> None:
        job = self._jobs.free_id(run, address)
        if self._launcher.kept(old.mark.jar):
            self._launcher.start_jar(old.mark.jar, job, savepoint)
        else:
            sql = self._sql(old, staged)
            if any(REDACTION.search(token.text) for token in code(open_text(sql))):
                raise TargetError(
                    f"{address.name} was stopped, its state is kept in {savepoint}, "
                    f"and its secrets are not known here",
                    hint="delete the journal in .flowops/journal, and promote: the "
                    "flow then starts without that state",
                )
            self._launcher.start_again(Launch(old.mark, sql), job, savepoint)
        self._wait.until_running(job, address.name)

    def _sql(self, old: MarkedJob, staged: Launch | None) -> Text:
        """Return the SQL of a job, with the secrets of the run where they are alike."""
        visible = old.mark.files.get(SQL_FILE, "")
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
