"""A Flink session cluster as a target: each flow is a job that bears its name.

A change stops the job with a savepoint and starts the new one from it. The cluster
keeps the jar of every job that runs, and with it the SQL, so that a job can be
started again as it was by somebody who does not know its secrets.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from flowops.errors import RefusedError, TargetError
from flowops.http_client import Login
from flowops.model import Address
from flowops.progress import Stage
from flowops.systems.event_processing.inventory import stream_inventory
from flowops.systems.event_processing.targets.flink.failures import Failures
from flowops.systems.event_processing.targets.flink.gateway import Gateway
from flowops.systems.event_processing.targets.flink.job_jar import (
    is_later,
    jar_name,
    jar_prefix,
    job_id,
)
from flowops.systems.event_processing.targets.flink.job_manager import JobManager
from flowops.systems.event_processing.targets.flink.jobs import Jobs
from flowops.systems.event_processing.targets.flink.launch import Launcher, launch_of
from flowops.systems.event_processing.targets.flink.marks import mark_of
from flowops.systems.event_processing.targets.flink.rest import (
    Endpoint,
    UnreachableError,
)
from flowops.systems.event_processing.targets.flink.settings import (
    KIND,
    FlinkSettings,
    read_settings,
)
from flowops.systems.event_processing.targets.flink.undoing import Undoing
from flowops.systems.event_processing.targets.flink.waiting import Waiting
from flowops.systems.protocol import TargetIdentity, Written

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from flowops.model import Inventory, Resource
    from flowops.systems.event_processing.targets.flink.failures import Failure
    from flowops.systems.event_processing.targets.flink.jobs import MarkedJob
    from flowops.systems.event_processing.targets.flink.launch import Launch
    from flowops.systems.protocol import Bundle, FlowState, Mark, TargetSettings

_MAY_SKIP = "allowNonRestoredState"  # said where state has no operator to go to
_NO_PLACE = (
    "keep the parts of the flow that have state; or, to give all of it up, promote "
    "without the flow and --allow deletes, and then with it"
)


def open_flink(settings: TargetSettings) -> Flink:
    """Return the cluster an environment describes; nothing is called yet.

    Raises ``InputError`` for a key that is not known or a value that cannot be used.
    """
    return Flink(read_settings(settings))


class Flink:
    """A session cluster, written to through its job manager or a SQL gateway."""

    def __init__(self, settings: FlinkSettings) -> None:
        """Keep where the cluster is; nothing is called yet."""
        self._settings = settings
        login = Login(settings.token, settings.user, settings.password)
        self._manager = JobManager(Endpoint(settings.url, login, settings.ca))
        self._gateway = (
            Gateway(Endpoint(settings.gateway, login, settings.ca), settings.timeout)
            if settings.gateway
            else None
        )
        self._wait = Waiting(self._manager, settings.timeout, settings.target.progress)
        self._jobs = Jobs(self._manager, self._wait, settings.savepoints)
        self._made: Launcher | None = None
        self._mark: Mark | None = None
        self._staged: dict[Address, Launch] = {}
        self._ended: Mapping[str, Failure] = {}
        self._seen: dict[str, str] = {}

    @property
    def identity(self) -> TargetIdentity:
        """Return the address of the job manager."""
        return TargetIdentity("event_processing", KIND, self._settings.url)

    @property
    def opens_secrets(self) -> bool:
        """Say yes: Flink needs the passwords of what it reads and writes."""
        return True

    @property
    def keeps_state(self) -> bool:
        """Say yes: a job has offsets, windows and joins in memory."""
        return True

    @property
    def starts_anew(self) -> bool:
        """Say yes: the job is stopped, and another one started."""
        return True

    def verify(self) -> None:
        """Ask the cluster who it is, and whether jobs can be handed to it.

        Raises ``TargetError`` when it does not answer, is too old or takes none.
        """
        if self._gateway:
            self._gateway.verify()
        self._launcher()

    def inventory(self, kinds: Collection[str]) -> Inventory:
        """Return what is listed and what was asked; without either nothing is known.

        Raises ``InputError`` for a file that cannot be used.
        """
        return stream_inventory(self._settings.target, kinds)

    def read(self, wanted: Mapping[Address, str]) -> Mapping[Address, FlowState]:
        """Return the flows that run, as their jobs say it of themselves.

        One whose job failed for good is there too, and says why. Raises
        ``RefusedError`` for a job of such a name that FlowOps did not start.
        """
        names = {address.name for address in wanted}
        live = self._jobs.live(names)
        self._seen |= {name: live[name].id if name in live else "" for name in names}
        states = {name: job.mark.state for name, job in live.items()}
        failed = self._failures().named(names - live.keys())
        states |= {name: failure.state for name, failure in failed.items()}
        return {
            address: replace(states[address.name], address=address)
            for address in wanted
            if address.name in states
        }

    def drafts(self, addresses: Collection[Address]) -> Mapping[Address, FlowState]:
        """Return nothing: a cluster has no drafts."""
        del addresses
        return {}

    def managed(self, project: str) -> Mapping[Address, bool]:
        """Return the flows whose job bears the mark of a project: all its own."""
        return {
            Address("event_processing", "flow", mark.flow): True
            for mark in self._jobs.marks()
            if mark.project == project
        }

    def referrers(self, address: Address) -> Collection[str]:
        """Return nothing: stream flows do not refer to each other."""
        del address
        return ()

    def estimate(
        self, creates: Collection[Address], updates: Collection[Address]
    ) -> float:
        """Say 0: a cluster sets no pace that is known before."""
        del creates, updates
        return 0.0

    def reserve(self, bundles: Iterable[Bundle], mark: Mark) -> tuple[Resource, ...]:
        """Look whether the names are free or ours; nothing is made on the cluster.

        Raises ``RefusedError`` when a job of another project bears one.
        """
        names = {bundle.address.name for bundle in bundles}
        live = self._jobs.live(names)
        self._ended = self._failures().named(names - live.keys())
        for job in (*live.values(), *(ended.job for ended in self._ended.values())):
            if job.mark.project != mark.project:
                raise RefusedError(
                    f"job-not-ours: job {job.id} ({job.name}) was started by the "
                    f"project {job.mark.project}",
                    hint="stop it, or give the flow another name",
                )
        if self._mark != mark:
            self._mark = mark
            self._forget_jars(mark.project)
        return ()

    def stage(self, bundle: Bundle) -> None:
        """Send the SQL, and let the planner of the cluster look at it."""
        if self._mark is None:
            raise TargetError(f"{bundle.address} has no run", hint="promote it again")
        jar = jar_name(self._mark.project, bundle.address, self._mark.run)
        launch = launch_of(mark_of(bundle, self._mark, jar), bundle.files)
        self._settings.target.progress(
            Stage(f"asking the planner about {bundle.address.name}")
        )
        self._launcher().check(launch)
        self._staged[bundle.address] = launch

    def publish(self, bundle: Bundle, mark: Mark) -> Written | None:
        """Stop the job of a flow with a savepoint, and start the new one from it.

        One that has failed gives the last state it left. The jar of the old job stays
        until the next promote: what follows may fail.

        Raises ``TargetError`` when nothing was staged in this run, when the new job
        does not come up, and when it would lose state that nobody said it may lose.
        """
        address, launch = bundle.address, self._staged.get(bundle.address)
        if launch is None or mark != self._mark:
            raise TargetError(f"{address} was not staged", hint="promote it again")
        drop = bundle.may_drop_state
        with launch.hiding():
            savepoint = self._stop(address.name, may_drop=drop)
        job = job_id(mark.run, address, "publish")
        with _starting_from(savepoint, address.name):
            self._launcher().start(launch, job, savepoint, drop=drop)
            with launch.hiding():
                self._wait.until_running(job, address.name)
        return Written(words=f"its state is that of {savepoint}") if savepoint else None

    def _stop(self, name: str, *, may_drop: bool) -> str:
        """Stop the job of a name, and return where its state lies; "" if it has none.

        One that fails again and again makes no savepoint; its last checkpoint will do.
        Raises ``TargetError`` for a job that failed and left none, unless it may.
        """
        if job := self._jobs.live({name}).get(name):
            self._refuse_unseen(job)
            try:
                return self._jobs.stop(job)
            except UnreachableError:
                raise
            except TargetError:
                if place := self._failures().cancel_failing(job):
                    return place
                raise
        failure = self._failures().named({name}).get(name) or self._ended.get(name)
        if failure is None:
            return ""
        if not failure.kept and not may_drop:
            raise TargetError(
                f"job {failure.job.id} ({name}) has failed, and no state of it is "
                f"left: {failure.reason}",
                hint="plan and promote the flow: --allow state-dropping starts it "
                "without its state",
            )
        return failure.kept

    def remove(self, address: Address) -> None:
        """Stop the job of a flow with a savepoint.

        Its jar stays until the next promote, so that this can be undone.
        """
        job = self._jobs.live({address.name}).get(address.name)
        if job:
            self._refuse_unseen(job)
            self._jobs.stop(job)

    def _refuse_unseen(self, job: MarkedJob) -> None:
        """Refuse to stop a job that another run has started since it was read."""
        if self._seen.get(job.name, job.id) != job.id:
            raise RefusedError(
                f"target-drifted: since the plan was made, another run started job "
                f"{job.id} ({job.name})",
                hint="plan again, and look at what is different",
            )

    def restore(self, address: Address, before: FlowState | None, run: str) -> bool:
        """Cancel what a run started, and start again what it stopped.

        Raises ``TargetError`` when the old job cannot be started again.
        """
        undoing = Undoing(self._manager, self._jobs, self._launcher(), self._wait)
        return undoing.go_back(address, before, run, self._staged.get(address))

    def _launcher(self) -> Launcher:
        """Return what starts jobs; raises ``TargetError`` when nothing can."""
        if self._made is None:
            uploads = self._manager.takes_jars()
            if not uploads and self._gateway is None:
                raise TargetError(
                    f"{self._settings.url} takes no jars (web.submit.enable is false)",
                    hint="give the target a `gateway`: the address of a SQL gateway",
                )
            self._made = Launcher(self._manager, self._gateway, uploads=uploads)
        return self._made

    def _failures(self) -> Failures:
        run = self._mark.run if self._mark else ""
        return Failures(self._manager, self._jobs, self._launcher(), run)

    def _forget_jars(self, project: str) -> None:
        """Delete jars of the project of earlier runs, which no job needs.

        Of a flow that does not run and should, they all stay until it does again:
        they tell what became of it.
        """
        needed = self._jobs.needed_jars()
        prefix = jar_prefix(project)
        ended = [failure.job.mark.jar for failure in self._ended.values()]

        def is_unwanted(jar: str) -> bool:
            tells = any(is_later(jar, own) for own in ended)
            return jar.startswith(prefix) and jar not in needed and not tells

        self._launcher().forget(is_unwanted)


@contextmanager
def _starting_from(savepoint: str, name: str) -> Iterator[None]:
    """Say of a job that does not come up where the state lies it started from."""
    try:
        yield
    except UnreachableError:
        raise
    except TargetError as error:
        if not savepoint:
            raise
        raise TargetError(
            f"{name} did not start from {savepoint}: {error.message}",
            hint=_NO_PLACE if _MAY_SKIP in error.message else error.hint,
        ) from error
