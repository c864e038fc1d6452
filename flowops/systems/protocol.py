"""What FlowOps needs to know about a product that flows are drawn in.

A flow goes one way: a ``System`` reads it, the binder answers its references
and settings, the ``System`` renders a ``Bundle``, and a ``Target`` writes it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from flowops.progress import Progress, silent

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from pathlib import Path

    from flowops.documents.json_text import JsonValue
    from flowops.documents.source import SourceText
    from flowops.model import (
        Address,
        Binding,
        Finding,
        Graph,
        Inventory,
        Location,
        Reference,
        Resource,
        StateVerdict,
    )
    from flowops.secrets import Text

PUBLISHED = "published"
SAVED = "saved"
VERSION = "version"
"""The attribute that names the snapshot of a target that holds a state."""
FAILURE = "failure"
"""The attribute that says why the job of a flow has failed for good."""
KEPT = "kept"
"""Beside it, where the last state of that job lies; without it, none is left."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A connector property of a flow: node, table and property, with its value.

    ``filled_from`` says in words which values its template was filled from.
    """

    node: str
    table: str
    name: str
    value: Text
    origin: Location
    filled_from: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Flow:
    """One flow as a system read it.

    ``source`` gives the file back byte for byte. ``type`` is the product's own
    word for the sort of flow. ``body`` is what the system keeps for itself.
    """

    address: Address
    source: SourceText
    type: str = ""
    description: str = ""
    references: tuple[Reference, ...] = ()
    settings: tuple[Setting, ...] = ()
    findings: tuple[Finding, ...] = ()
    body: object = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class BoundFlow:
    """A flow with the answers of one environment.

    ``settings`` are complete: what the environment removed is gone, what it
    added is there. ``type`` is the flow's, or what the environment says.
    ``status`` is ``published`` or ``saved``. ``live`` are the attributes of the
    flow on the target; ``None`` means that it is not there, and an empty mapping
    that nobody was asked. ``target`` is what the environment says of the target.
    ``places`` are where the environment says the ``type`` and the ``status``, if it
    does.
    """

    flow: Flow
    bindings: tuple[Binding, ...] = ()
    settings: tuple[Setting, ...] = ()
    type: str = ""
    status: str = PUBLISHED
    live: Mapping[str, str] | None = field(default_factory=dict)
    target: Mapping[str, Text] = field(default_factory=dict)
    places: Mapping[str, Location] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FlowState:
    """One flow as a target holds it, or as it will after a promote.

    ``files`` are texts by name; ``attributes`` are what the target keeps beside
    them, such as a status.
    """

    address: Address
    files: Mapping[str, Text]
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Archive:
    """A zip of bundle files: its own name, and member names by file name."""

    name: str
    members: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Bundle:
    """The files of one flow for one environment, secrets still sealed.

    ``primary`` names the file that a reader would open first. ``may_drop_state`` is
    set by a promote where the plan said that a running job loses its state and
    somebody allowed it.
    """

    address: Address
    primary: str
    files: Mapping[str, Text]
    attributes: Mapping[str, str] = field(default_factory=dict)
    archives: tuple[Archive, ...] = ()
    findings: tuple[Finding, ...] = ()
    may_drop_state: bool = False

    def state(self) -> FlowState:
        """Return what a target will hold once this bundle is promoted."""
        return FlowState(self.address, self.files, self.attributes)


@dataclass(frozen=True, slots=True)
class Mark:
    """What a promote leaves on everything it writes: whose it is, and which run."""

    project: str
    run: str
    digest: str


@dataclass(frozen=True, slots=True)
class Written:
    """What a publish left on the target beside the content.

    ``before`` and ``after`` name the snapshots of what was live and of what is now.
    ``words`` is what a person should know of them, such as why there is none.
    """

    before: str = ""
    after: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class TargetIdentity:
    """Which live thing a target is: the system and the id a plan is bound to."""

    system: str
    kind: str
    id: str


@dataclass(frozen=True, slots=True)
class TargetSettings:
    """How an environment describes a target.

    ``root`` is the project's folder, which relative paths start from; ``written``
    is the folder that stands for it where files are written elsewhere, such as on a
    branch. ``progress`` is told what the target waits for. ``reserved`` are the
    folders of the project that no target may be.
    """

    system: str
    kind: str
    values: Mapping[str, Text]
    location: Location
    root: Path
    environment: str
    progress: Progress = silent
    written: Path | None = None
    reserved: tuple[str, ...] = ()


class Target(Protocol):
    """A live environment of one system.

    ``identity``, ``verify``, ``inventory``, ``read``, ``drafts``, ``managed``,
    ``referrers`` and ``estimate`` only read. A promote calls ``reserve`` for what is
    new, then ``stage`` for every flow, and ``publish`` last; ``restore`` undoes all
    three for one flow, as often as it is called. Every method raises ``TargetError``
    when the target refuses or cannot be reached.
    """

    @property
    def identity(self) -> TargetIdentity:
        """Return which live thing this is, without asking it."""
        ...

    @property
    def opens_secrets(self) -> bool:
        """Tell whether what is written there needs secrets opened."""
        ...

    @property
    def keeps_state(self) -> bool:
        """Tell whether jobs run there, with state that a change can lose."""
        ...

    @property
    def starts_anew(self) -> bool:
        """Tell whether a flow that is written again as it is goes to work anew."""
        ...

    def verify(self) -> None:
        """Ask the target who it is; raises ``RefusedError`` when it is another."""
        ...

    def inventory(self, kinds: Collection[str]) -> Inventory:
        """Return what exists there, for the kinds that can be asked for.

        A mapping gives for each kind the names the flows refer to, for what a target
        can only be asked about one by one.
        """
        ...

    def read(self, wanted: Mapping[Address, str]) -> Mapping[Address, FlowState]:
        """Return the state of these flows; one that does not exist is left out.

        ``wanted`` says for each which state matters: ``published`` or ``saved``.
        """
        ...

    def drafts(self, addresses: Collection[Address]) -> Mapping[Address, FlowState]:
        """Return the unpublished edits of flows that are live, where there are any."""
        ...

    def managed(self, project: str) -> Mapping[Address, bool]:
        """Return the flows that bear the mark of a project.

        The value tells whether a promote of the project created the flow.
        """
        ...

    def referrers(self, address: Address) -> Collection[str]:
        """Return the names of the flows on the target that refer to this one."""
        ...

    def estimate(
        self, creates: Collection[Address], updates: Collection[Address]
    ) -> float:
        """Return the seconds that writing these flows takes at least.

        Nothing is asked; a target that sets no pace says 0.
        """
        ...

    def reserve(self, bundles: Iterable[Bundle], mark: Mark) -> tuple[Resource, ...]:
        """Make room for flows that do not exist yet; nothing goes live."""
        ...

    def stage(self, bundle: Bundle) -> None:
        """Write the content of a flow where nothing live reads it yet."""
        ...

    def publish(self, bundle: Bundle, mark: Mark) -> Written | None:
        """Make the staged content live, and leave the mark on it.

        Raises ``TargetError`` too when what is there then is not what was written.
        """
        ...

    def remove(self, address: Address) -> None:
        """Take a flow away for good."""
        ...

    def restore(self, address: Address, before: FlowState | None, run: str) -> bool:
        """Put a flow back as it was; ``None`` removes what this run created.

        Returns whether there was anything to put back.
        """
        ...


class System(Protocol):
    """One product that flows are drawn in. A module can satisfy it."""

    @property
    def name(self) -> str:
        """Return the word for the system in files and addresses."""
        ...

    @property
    def target_kinds(self) -> Collection[str]:
        """Return the kinds of target this system can write to."""
        ...

    def recognises(self, root: JsonValue) -> bool:
        """Tell whether a parsed document is a flow of this system."""
        ...

    def read(self, source: SourceText, root: JsonValue) -> Flow:
        """Read a flow; raises ``InputError`` with the place of what is wrong."""
        ...

    def recognises_file(self, path: str, data: bytes) -> bool:
        """Tell whether a file that is no JSON is a flow of this system."""
        ...

    def read_file(self, path: str, data: bytes) -> Flow:
        """Read a flow from such a file; raises ``InputError`` as ``read`` does."""
        ...

    def review(self, bound: BoundFlow) -> tuple[Finding, ...]:
        """Say what is wrong with a bound flow before it is rendered."""
        ...

    def review_together(self, flows: Sequence[Flow]) -> tuple[Finding, ...]:
        """Say where the flows of one project do not fit each other."""
        ...

    def render(self, bound: BoundFlow) -> Bundle:
        """Make the files of an environment; raises ``InputError`` if it cannot."""
        ...

    def describe(self, state: FlowState) -> Graph:
        """Read a state by meaning, in text that may be shown."""
        ...

    def describe_bundle(self, bound: BoundFlow, bundle: Bundle) -> Graph:
        """Read what ``render`` made of a flow by meaning: as ``describe`` its state.

        What the bundle shares with the flow need not be read anew.
        """
        ...

    def state_safety(self, before: Graph, after: Graph) -> StateVerdict | None:
        """Say what a running job loses by a change; nothing where none keeps state."""
        ...

    def open_target(self, settings: TargetSettings) -> Target:
        """Return the target an environment describes; nothing is called yet."""
        ...
