"""A namespace as a target: a Secret for each run, and one FlinkDeployment a flow."""

from __future__ import annotations

from dataclasses import replace
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
)
from flowops.systems.event_processing.manifests.names import resource_name
from flowops.systems.event_processing.output.rendering import SQL_FILE
from flowops.systems.event_processing.targets.kubernetes.cluster import (
    DEPLOYMENTS,
    SECRETS,
)
from flowops.systems.event_processing.targets.kubernetes.live_spec import live_state
from flowops.systems.event_processing.targets.kubernetes.overwriting import (
    Seen,
    apply_over,
    delete_over,
    seen_of,
)
from flowops.systems.event_processing.targets.kubernetes.pointing import (
    dropping_state,
    is_going,
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
    is_first,
    make_secret,
    marks,
    read_secret,
    revision_before,
    secret_name,
)
from flowops.systems.event_processing.targets.kubernetes.settings import (
    IN_CLUSTER,
    KIND,
)
from flowops.systems.event_processing.targets.kubernetes.truststore import (
    check_truststore,
)
from flowops.systems.event_processing.targets.kubernetes.waiting import (
    wait_until_gone,
    wait_until_running,
)
from flowops.systems.protocol import FlowState, Mark, TargetIdentity

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from flowops.model import Inventory, Resource
    from flowops.systems.event_processing.manifests.deployments import Manifest
    from flowops.systems.event_processing.targets.kubernetes.cluster import Cluster
    from flowops.systems.event_processing.targets.kubernetes.settings import (
        ClusterSettings,
    )
    from flowops.systems.protocol import Bundle

_NOBODY = Mark("", "", "")


class Namespace:
    """A namespace of a cluster; what is there is asked for once, until it is written.

    A deployment is written over only as it was read first, whoever writes there too.
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
        self._seen: dict[str, Seen | None] = {}
        self._older: dict[str, Collection[str]] = {}
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

    @property
    def starts_anew(self) -> bool:
        """Say yes: the job reads another Secret, so the operator starts it anew."""
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
        live = {a: self._look(resource_name(a.name), anew=True) for a in wanted}
        here = {a: d for a, d in live.items() if d and _is_of(d, a)}
        secrets = self._cluster.list(SECRETS, OURS) if here else ()
        revisions = {r.secret: r for r in map(read_secret, secrets)}
        return {a: live_state(a, d, revisions) for a, d in here.items()}

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
        live = self._look(name)
        read_now = notes_of(live).get(SECRET_NOTE, "") if live else ""
        own = secret_name(bundle, self._mark.run)
        is_read = read_now == own
        previous = "" if is_read else read_now
        refuse_broken_logins(bundle.files.get(SQL_FILE, ""), address.name)
        read = job_files(self._settings.options.way)
        secret = make_secret(bundle, self._mark, read, made, previous)
        check_truststore(self._cluster, self._settings.options.truststore, made)
        self._apply(made, own, self._mark, dry=True)
        revisions = self._revisions(name)
        kept = revisions[own].previous if is_read and own in revisions else previous
        self._older[name] = sorted(revisions.keys() - {own, kept})
        if not is_read:
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
            self._run(dropping_state(made), own, mark)
            self._expect_run(name, mark.run)  # an operator may fill in what is left out
            self._apply(made, own, mark)  # it was allowed for this one change
        else:
            self._run(made, own, mark)
        for secret in self._older.pop(name, ()):  # not what others stage meanwhile
            self._cluster.delete(SECRETS, secret)

    def remove(self, address: Address) -> None:
        """Delete the deployment, and with it the state of the job.

        The last Secret stays until the next promote, so that ``restore`` finds it.
        """
        live = self._look(resource_name(address.name))
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
        live = self._look(name, anew=True)
        if live is not None and not _is_of(live, address):
            return False
        notes = notes_of(live) if live else {}
        revisions = self._revisions(name)
        wanted = revision_before(before, notes, revisions, run)
        is_written = notes.get(RUN_NOTE) == run
        if before is None and is_written:
            self._delete(name)
        elif wanted is None and before is not None and (live is None or is_written):
            if live is not None and is_first(notes, revisions):
                return False
            raise TargetError(
                f"{address} cannot be put back: the Secret of its last run is gone",
                hint="promote the commit that ran before",
            )
        elif wanted is not None:
            self._run(wanted.deployment, wanted.secret, wanted.mark)
        current = revisions.get(notes.get(SECRET_NOTE, ""))
        kept = {wanted.secret if wanted else "", current.previous if current else ""}
        mine = [r for r in revisions.values() if r.run == run and r.secret not in kept]
        for revision in mine:
            self._cluster.delete(SECRETS, revision.secret)
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
            self._held = {_name(one): one for one in found if not is_going(one)}
        return self._held

    def _look(self, name: str, *, anew: bool = False) -> Manifest | None:
        """Return a deployment, and keep how it is, the first time or anew."""
        live = self._deployments().get(name)
        if anew or name not in self._seen:
            self._seen[name] = seen_of(live)
        return live

    def _expect_run(self, name: str, run: str) -> None:
        """Keep how a deployment is now, if it is still what this run wrote."""
        self._look(name, anew=True)
        if seen := self._seen[name]:
            self._seen[name] = replace(seen, run=run)

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
        manifest = pointing(made, secret, {**marks(mark), SECRET_NOTE: secret})
        if dry:
            return self._cluster.apply(DEPLOYMENTS, manifest, dry=True)
        name, self._held = _name(made), None
        live = apply_over(self._cluster, manifest, self._seen.get(name))
        self._seen[name] = seen_of(live)
        return live

    def _run(self, made: Manifest, secret: str, mark: Mark) -> None:
        live = self._apply(made, secret, mark)
        settings = self._settings
        wait_until_running(
            *(self._cluster, _name(live), live),
            *(settings.seconds, settings.progress),
        )

    def _delete(self, name: str) -> None:
        self._held = None
        delete_over(self._cluster, name, self._seen.pop(name, None))
        wait_until_gone(
            self._cluster, name, self._settings.seconds, self._settings.progress
        )

    def _forget_removed(self, mark: Mark) -> None:
        """Delete the Secrets of this project that no deployment can go back to."""
        found = map(read_secret, self._cluster.list(SECRETS, OURS))
        ours = [r for r in found if r.mark.project == mark.project]
        if any(revision.name not in self._deployments() for revision in ours):
            self._held = None  # another run may have created their flow since
        for revision in ours:
            if revision.name not in self._deployments() and revision.run != mark.run:
                self._cluster.delete(SECRETS, revision.secret)

    def _forget(self, name: str, is_old: Callable[[Revision], bool]) -> None:
        for secret in [r.secret for r in self._revisions(name).values() if is_old(r)]:
            self._cluster.delete(SECRETS, secret)


def _is_of(live: Manifest, address: Address) -> bool:
    notes = notes_of(live)
    return notes.get(FLOW_NOTE) == address.name and PROJECT_NOTE in notes


def _name(live: Manifest) -> str:
    about = live.get("metadata")
    return str(about.get("name", "")) if isinstance(about, dict) else ""
