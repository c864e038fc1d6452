"""A namespace as a target: a Secret for each run, and one FlinkDeployment a flow."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING

from flowops.errors import RefusedError, TargetError
from flowops.model import Address
from flowops.systems.event_processing.inventory import stream_inventory
from flowops.systems.event_processing.logins import refuse_broken_logins
from flowops.systems.event_processing.manifests.deployments import FLOW_NOTE
from flowops.systems.event_processing.manifests.files import (
    DEPLOYMENT_FILE,
    job_files,
    read_manifest,
    written,
)
from flowops.systems.event_processing.manifests.names import resource_name
from flowops.systems.event_processing.output.rendering import SQL_FILE
from flowops.systems.event_processing.targets.kubernetes.cluster import (
    DEPLOYMENTS,
    SECRETS,
)
from flowops.systems.event_processing.targets.kubernetes.live_spec import as_it_is
from flowops.systems.event_processing.targets.kubernetes.pointing import (
    notes_of,
    pointing,
)
from flowops.systems.event_processing.targets.kubernetes.revisions import (
    NAME_LABEL,
    OURS,
    PROJECT_NOTE,
    RUN_NOTE,
    SECRET_NOTE,
    Revision,
    make_secret,
    marks,
    read_secret,
    secret_name,
)
from flowops.systems.event_processing.targets.kubernetes.settings import (
    IN_CLUSTER,
    KIND,
)
from flowops.systems.event_processing.targets.kubernetes.waiting import (
    wait_until_gone,
    wait_until_running,
)
from flowops.systems.protocol import FlowState, Mark, TargetIdentity

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from flowops.model import Inventory, Resource
    from flowops.secrets import Text
    from flowops.systems.event_processing.manifests.deployments import Manifest
    from flowops.systems.event_processing.targets.kubernetes.cluster import Cluster
    from flowops.systems.event_processing.targets.kubernetes.settings import (
        ClusterSettings,
    )
    from flowops.systems.protocol import Bundle

_NOBODY = Mark("", "", "")
_SHOWN = ("apiVersion", "kind", "spec")


class Namespace:
    """A namespace of a cluster; what is there is asked for once, until it is written.

    Of each flow the Secrets of the last two runs stay: the one that is read, and the
    one to go back to.
    """

    def __init__(
        self, settings: ClusterSettings, connect: Callable[[], Cluster]
    ) -> None:
        """Keep how to reach the cluster; nothing is called yet."""
        self._settings = settings
        self._connect = connect
        self._connected: Cluster | None = None
        self._held: dict[str, Manifest] | None = None
        self._mark = _NOBODY

    @property
    def identity(self) -> TargetIdentity:
        """Return the server and the namespace as the environment writes them."""
        place = f"{self._settings.server}/namespaces/{self._settings.namespace}"
        return TargetIdentity("event_processing", KIND, place)

    @property
    def opens_secrets(self) -> bool:
        """Say yes: the job's Secret holds them."""
        return True

    @property
    def keeps_state(self) -> bool:
        """Say yes: jobs run here."""
        return True

    def verify(self) -> None:
        """Look whether the client's settings lead to this cluster, and ask it once.

        Raises ``RefusedError`` when they lead to another, and ``TargetError`` when
        the cluster, its operator's resources or the right to list them are missing.
        """
        wanted, found = self._settings.server, self._cluster.server
        if wanted not in (IN_CLUSTER, found):
            raise RefusedError(
                f"wrong-target: the kubeconfig leads to {found}, not to {wanted}",
                hint="set KUBECONFIG or the `context` of the target",
            )
        self._deployments()

    def inventory(self, kinds: Collection[str]) -> Inventory:
        """Return what is listed and what was asked; without either nothing is known.

        Raises ``InputError`` for a file that cannot be used.
        """
        return stream_inventory(self._settings.settings, kinds)

    def read(self, wanted: Mapping[Address, str]) -> Mapping[Address, FlowState]:
        """Return these flows as they run, in text that may be seen."""
        live = {a: self._deployments().get(resource_name(a.name)) for a in wanted}
        here = {a: d for a, d in live.items() if d and _is_of(d, a)}
        secrets = self._cluster.list(SECRETS, OURS) if here else ()
        revisions = {r.secret: r for r in map(read_secret, secrets)}
        return {a: _state(a, d, revisions) for a, d in here.items()}

    def drafts(self, addresses: Collection[Address]) -> Mapping[Address, FlowState]:
        """Return nothing: a deployment has no drafts."""
        del addresses
        return {}

    def managed(self, project: str) -> Mapping[Address, bool]:
        """Return the flows whose deployment bears the mark of a project."""
        notes = [notes_of(live) for live in self._deployments().values()]
        return {
            Address("event_processing", "flow", note[FLOW_NOTE]): True
            for note in notes
            if note.get(PROJECT_NOTE) == project and FLOW_NOTE in note
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
        """Look whether each name is free or ours; a cluster needs no place made.

        Secrets of flows that earlier runs removed go now. Raises ``TargetError`` for
        a deployment that FlowOps did not make.
        """
        for bundle in bundles:
            self._refuse_stranger(bundle.address)
        if self._mark != mark:
            self._forget_removed(mark)
        self._mark = mark
        return ()

    def stage(self, bundle: Bundle) -> None:
        """Ask the cluster whether it takes the deployment, and write its Secret.

        The Secret has a new name, so that no job reads it yet. Raises ``TargetError``
        for what the cluster refuses, or a value that is still redacted.
        """
        address, name = bundle.address, resource_name(bundle.address.name)
        self._refuse_stranger(address)
        made = self._deployment(bundle)
        live = self._deployments().get(name)
        previous = notes_of(live).get(SECRET_NOTE, "") if live else ""
        own = secret_name(bundle, self._mark.run)
        previous = "" if previous == own else previous
        refuse_broken_logins(bundle.files.get(SQL_FILE, ""), address.name)
        read = job_files(self._settings.options.way)
        secret = make_secret(bundle, self._mark, read, made, previous)
        self._apply(made, own, self._mark, dry=True)
        if not (live and notes_of(live).get(SECRET_NOTE) == own):
            self._cluster.delete(SECRETS, own)
            self._cluster.create(SECRETS, secret, dry=True)
            self._cluster.create(SECRETS, secret)

    def publish(self, bundle: Bundle, mark: Mark) -> None:
        """Point the deployment to the staged Secret, and wait until its job runs.

        Raises ``TargetError`` when nothing was staged, when the job failed, and when
        it is not known in time whether it runs.
        """
        name = resource_name(bundle.address.name)
        own = secret_name(bundle, self._mark.run)
        if self._cluster.get(SECRETS, own) is None:
            raise TargetError(
                f"{bundle.address} was not staged", hint="promote it again"
            )
        made = self._deployment(bundle)
        if bundle.may_drop_state:
            self._run(_dropping_state(made), own, mark)
            self._apply(made, own, mark)  # it was allowed for this one change
        else:
            self._run(made, own, mark)
        if found := self._revisions(name).get(own):
            kept = {own, found.previous}
            self._forget(name, lambda revision: revision.secret not in kept)

    def remove(self, address: Address) -> None:
        """Delete the deployment, and with it the state of the job.

        The last Secret stays until the next promote, so that ``restore`` finds it.
        """
        live = self._deployments().get(resource_name(address.name))
        if live is None or not _is_of(live, address):
            return
        self._delete(resource_name(address.name))
        kept = notes_of(live).get(SECRET_NOTE, "")
        self._forget(resource_name(address.name), lambda r: r.secret != kept)

    def restore(self, address: Address, before: FlowState | None, run: str) -> bool:
        """Point the deployment back, and forget what the run wrote.

        Raises ``TargetError`` when the Secret of before is gone, or the job does not
        run again.
        """
        name = resource_name(address.name)
        self._held = None
        live = self._deployments().get(name)
        if live is not None and not _is_of(live, address):
            return False
        notes = notes_of(live) if live else {}
        revisions = self._revisions(name)
        wanted = _before(before, notes, revisions, run)
        is_written = notes.get(RUN_NOTE) == run
        if before is None and is_written:
            self._delete(name)
        elif wanted is None and before is not None and (live is None or is_written):
            if live is not None and _is_first(notes, revisions):
                return False
            raise TargetError(
                f"{address} cannot be put back: the Secret of its last run is gone",
                hint="promote the commit that ran before",
            )
        elif wanted is not None:
            self._run(wanted.deployment, wanted.secret, wanted.mark)
        kept = wanted.secret if wanted else ""
        mine = [r for r in revisions.values() if r.run == run and r.secret != kept]
        self._forget(name, lambda r: r.run == run and r.secret != kept)
        return bool(mine) or wanted is not None or (before is None and is_written)

    @property
    def _cluster(self) -> Cluster:
        if self._connected is None:
            self._connected = self._connect()
        return self._connected

    def _deployments(self) -> dict[str, Manifest]:
        """Return every deployment that says it is ours, by name; asked for once."""
        if self._held is None:
            found = self._cluster.list(DEPLOYMENTS, OURS)
            self._held = {_name(one): one for one in found if not _is_going(one)}
        return self._held

    def _revisions(self, name: str) -> dict[str, Revision]:
        found = self._cluster.list(SECRETS, f"{OURS},{NAME_LABEL}={name}")
        return {revision.secret: revision for revision in map(read_secret, found)}

    def _refuse_stranger(self, address: Address) -> None:
        name = resource_name(address.name)
        live = self._deployments().get(name) or self._cluster.get(DEPLOYMENTS, name)
        if live is not None and not _is_of(live, address):
            raise TargetError(
                f"there is a FlinkDeployment {name} that FlowOps did not make",
                hint="delete it, or promote to another namespace",
            )

    def _deployment(self, bundle: Bundle) -> Manifest:
        made = read_manifest(str(bundle.files.get(DEPLOYMENT_FILE, "")))
        if not made:
            raise TargetError(
                f"{bundle.address} has no {DEPLOYMENT_FILE}",
                hint="plan and promote the flow again, instead of an older state of it",
            )
        return made

    def _apply(
        self, made: Manifest, secret: str, mark: Mark, *, dry: bool = False
    ) -> Manifest:
        notes = {**marks(mark), SECRET_NOTE: secret}
        self._held = None if not dry else self._held
        return self._cluster.apply(DEPLOYMENTS, pointing(made, secret, notes), dry=dry)

    def _run(self, made: Manifest, secret: str, mark: Mark) -> None:
        live = self._apply(made, secret, mark)
        settings = self._settings
        wait_until_running(
            *(self._cluster, _name(live), live),
            *(settings.seconds, settings.progress),
        )

    def _delete(self, name: str) -> None:
        self._held = None
        self._cluster.delete(DEPLOYMENTS, name)
        wait_until_gone(
            self._cluster, name, self._settings.seconds, self._settings.progress
        )

    def _forget_removed(self, mark: Mark) -> None:
        """Delete the Secrets of this project that no deployment can go back to."""
        for revision in map(read_secret, self._cluster.list(SECRETS, OURS)):
            is_ours = revision.mark.project == mark.project
            is_read = revision.name in self._deployments()
            if is_ours and not is_read and revision.run != mark.run:
                self._cluster.delete(SECRETS, revision.secret)

    def _forget(self, name: str, is_old: Callable[[Revision], bool]) -> None:
        for secret in [r.secret for r in self._revisions(name).values() if is_old(r)]:
            self._cluster.delete(SECRETS, secret)


def _state(
    address: Address, live: Manifest, revisions: Mapping[str, Revision]
) -> FlowState:
    """Return a flow as it runs: the files of its Secret, the spec that is live."""
    notes = notes_of(live)
    secret = notes.get(SECRET_NOTE, "")
    revision = revisions.get(secret)
    if revision is None:
        shown: Manifest = {k: v for k, v in live.items() if k in _SHOWN}
        return FlowState(address, {DEPLOYMENT_FILE: written(shown)})
    files: dict[str, Text] = dict(revision.files)
    applied = pointing(revision.deployment, secret, {})
    text = str(files.get(DEPLOYMENT_FILE, ""))
    files[DEPLOYMENT_FILE] = as_it_is(text, applied, live)
    return FlowState(address, dict(_in_order(files)), revision.attributes)


def _before(
    before: FlowState | None,
    notes: Mapping[str, str],
    revisions: Mapping[str, Revision],
    run: str,
) -> Revision | None:
    """Return what to go back to: the version the run replaced, or removed."""
    if before is None or (notes and notes.get(RUN_NOTE) != run):
        return None
    current = revisions.get(notes.get(SECRET_NOTE, ""))
    if notes:
        return revisions.get(current.previous) if current else None
    older = [revision for revision in revisions.values() if revision.run != run]
    return older[-1] if older else None


def _is_first(notes: Mapping[str, str], revisions: Mapping[str, Revision]) -> bool:
    """Tell whether the version that is live replaced none."""
    current = revisions.get(notes.get(SECRET_NOTE, ""))
    return current is not None and not current.previous


def _in_order(files: Mapping[str, Text]) -> Iterator[tuple[str, Text]]:
    """Give the file first that a reader would open first."""
    first = [name for name in ("flow.sql", "config.yaml", "flow.json") if name in files]
    for name in [*first, *sorted(files.keys() - set(first))]:
        yield name, files[name]


def _dropping_state(made: Manifest) -> Manifest:
    """Allow a job to start without the state that no node of it reads any more."""
    allowed = deepcopy(made)
    spec = allowed["spec"]
    job = spec.get("job") if isinstance(spec, dict) else None
    if isinstance(job, dict):
        job["allowNonRestoredState"] = True
    return allowed


def _is_of(live: Manifest, address: Address) -> bool:
    notes = notes_of(live)
    return notes.get(FLOW_NOTE) == address.name and PROJECT_NOTE in notes


def _is_going(live: Manifest) -> bool:
    about = live.get("metadata")
    return isinstance(about, dict) and bool(about.get("deletionTimestamp"))


def _name(live: Manifest) -> str:
    about = live.get("metadata")
    return str(about.get("name", "")) if isinstance(about, dict) else ""
