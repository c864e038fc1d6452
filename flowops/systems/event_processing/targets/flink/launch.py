"""Hand a job to a cluster: as a jar to its job manager, or as SQL to a gateway."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowops.errors import InputError, TargetError
from flowops.model import Address
from flowops.secrets import open_text
from flowops.systems.event_processing.logins import refuse_broken_logins
from flowops.systems.event_processing.output.rendering import SQL_FILE
from flowops.systems.event_processing.targets.flink.job_jar import (
    is_later,
    is_of,
    job_jar,
)
from flowops.systems.event_processing.targets.flink.job_manager import CANCELED
from flowops.systems.event_processing.targets.flink.job_script import hide, job_script
from flowops.systems.event_processing.targets.flink.marks import PARAMETERS, parameters
from flowops.systems.event_processing.targets.flink.rest import UnreachableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from flowops.secrets import Text
    from flowops.systems.event_processing.targets.flink.gateway import Gateway
    from flowops.systems.event_processing.targets.flink.job_manager import JobManager
    from flowops.systems.event_processing.targets.flink.job_script import JobScript
    from flowops.systems.event_processing.targets.flink.marks import JobMark

_NAME = "pipeline.name"
_JOB_ID = "$internal.pipeline.job-id"
_SAVEPOINT = "execution.state-recovery.path"
_MAY_DROP = "execution.state-recovery.ignore-unclaimed-state"


@dataclass(frozen=True, slots=True)
class Launch:
    """A job that is ready to be started: what it runs, under which settings.

    ``sql`` may be a secret, whose opened form is used and never shown.
    """

    mark: JobMark
    sql: Text

    def script(self) -> JobScript:
        """Open the SQL and take it apart."""
        return job_script(open_text(self.sql))

    def settings(self, script: JobScript) -> Mapping[str, str]:
        """Return the script's own settings, with the name and the mark."""
        own = {_NAME: self.mark.flow, PARAMETERS: parameters(self.mark)}
        return {**script.settings, **own}

    @contextmanager
    def hiding(self) -> Iterator[None]:
        """Take the secrets of the SQL out of what a cluster says of it."""
        try:
            yield
        except UnreachableError:
            raise
        except TargetError as error:
            words = hide(error.message, open_text(self.sql), str(self.sql))
            raise TargetError(words, hint=error.hint) from None


def launch_of(mark: JobMark, files: Mapping[str, Text]) -> Launch:
    """Return the job of a flow; raises ``InputError`` when it has no SQL to run."""
    sql = files.get(SQL_FILE, "")
    if not str(sql).strip():
        raise InputError(
            f"{mark.flow} has no {SQL_FILE}, so Flink cannot run it",
            hint="see what `flowops check` says of its nodes",
        )
    refuse_broken_logins(sql, mark.flow)
    launch = Launch(mark, sql)
    launch.script()
    return launch


class Launcher:
    """Starts jobs on one cluster."""

    def __init__(
        self, manager: JobManager, gateway: Gateway | None, *, uploads: bool
    ) -> None:
        """Keep whom to hand jobs to; ``uploads`` tells whether jars are taken."""
        self._manager = manager
        self._gateway = gateway
        self._uploads = uploads

    def check(self, launch: Launch) -> None:
        """Send the jar, where jars are taken, and let the planner look at the SQL."""
        script = launch.script()
        settings = launch.settings(script)
        with launch.hiding():
            jar = self._upload(launch) if self._uploads else ""
            if self._gateway:
                self._gateway.explain(script, settings)
            else:
                self._manager.plan(jar)

    def start(self, launch: Launch, job: str, savepoint: str, *, drop: bool) -> None:
        """Start a job that was checked, from a savepoint if there is one."""
        if self._gateway is None:
            with launch.hiding():
                self.start_jar(launch.mark.jar, job, savepoint, drop=drop)
            return
        script = launch.script()
        settings = {**launch.settings(script), _JOB_ID: job}
        if savepoint:
            settings |= {_SAVEPOINT: savepoint, _MAY_DROP: str(drop).lower()}
        with launch.hiding():
            self._gateway.submit(script, settings)

    def start_jar(
        self, name: str, job: str, savepoint: str, *, drop: bool = False
    ) -> None:
        """Start the job of a jar the cluster keeps.

        Raises ``TargetError`` when it keeps none of that name.
        """
        jar = self.kept(name)
        if not jar:
            raise TargetError(f"the cluster has no jar {name}", hint="promote again")
        self._manager.run(jar, job, savepoint, may_drop=drop)

    def start_again(self, launch: Launch, job: str, savepoint: str) -> None:
        """Start a job whose jar is lost."""
        if self._gateway is None:
            self._upload(launch)
        self.start(launch, job, savepoint, drop=False)

    def kept(self, name: str) -> str:
        """Return the id of a jar the cluster keeps, or nothing."""
        if not self._uploads:
            return ""
        found = (jar.id for jar in self._manager.jars() if jar.name == name)
        return next(found, "")

    def is_undone(self, name: str, state: str) -> bool:
        """Tell whether a promote took back the job of a jar: the jar goes with it.

        Where no jars are taken, one that was cancelled is taken for such a job.
        """
        return not self.kept(name) if self._uploads else state == CANCELED

    def has_later(self, mark: JobMark, but: str) -> bool:
        """Tell whether a run after that of a job, ``but`` one, left a jar of its flow.

        Where no jars are taken there is none.
        """
        if not self._uploads:
            return False
        address = Address("event_processing", "flow", mark.flow)
        return any(
            is_later(jar.name, mark.jar) and not is_of(jar.name, address, but)
            for jar in self._manager.jars()
        )

    def forget(self, unwanted: Callable[[str], bool]) -> bool:
        """Delete jars by their names; tell whether there were any."""
        if not self._uploads:
            return False
        found = [jar for jar in self._manager.jars() if unwanted(jar.name)]
        for jar in found:
            self._manager.delete_jar(jar.id)
        return bool(found)

    def _upload(self, launch: Launch) -> str:
        script = launch.script()
        data = job_jar(script, launch.settings(script))
        return self._manager.upload(launch.mark.jar, data)
