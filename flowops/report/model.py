"""What every report of a plan is made from: visible text only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flowops.model import Finding, Graph

FORMAT_VERSION = "1.0"


@dataclass(frozen=True, slots=True)
class StatementReport:
    """A statement of SQL that differs; ``name`` is what it makes or fills.

    ``action`` is add, remove or change. ``is_told`` means that it has nothing new:
    its options differ as fields of the same block do.
    """

    name: str
    action: str
    before: str | None
    after: str | None
    is_told: bool = False


@dataclass(frozen=True, slots=True)
class FieldReport:
    """One value that differs; ``origin`` says which file or answer set it.

    The names are what people call a resource whose id the value is. ``statements``
    are what differs in a value that is SQL.
    """

    path: str
    before: str | None
    after: str | None
    origin: str = ""
    before_name: str = ""
    after_name: str = ""
    statements: tuple[StatementReport, ...] = ()


@dataclass(frozen=True, slots=True)
class BlockReport:
    """A block that is added, removed or changed; ``previous`` is an id it had."""

    block: str
    type: str
    label: str
    action: str
    fields: tuple[FieldReport, ...] = ()
    previous: str = ""


@dataclass(frozen=True, slots=True)
class EdgeReport:
    """A connection that comes or goes, by the ids and the names of its blocks."""

    source: str
    branch: str
    target: str
    source_name: str = ""
    target_name: str = ""

    @property
    def by_id(self) -> str:
        """Write it with ids, as programs know blocks."""
        return self._words(self.source, self.target)

    @property
    def by_name(self) -> str:
        """Write it with names, as people know blocks."""
        return self._words(
            self.source_name or self.source, self.target_name or self.target
        )

    def _words(self, source: str, target: str) -> str:
        branch = f" [{self.branch}]" if self.branch else ""
        return f"{source}{branch} -> {target}"


@dataclass(frozen=True, slots=True)
class ReferenceReport:
    """One reference with its answer."""

    block: str
    path: str
    kind: str
    name: str
    state: str
    value: str
    evidence: str


@dataclass(frozen=True, slots=True)
class ChangeReport:
    """What would happen to one flow.

    ``state_safety`` is what becomes of the state of a running job, in words.
    ``sealed`` tells of a difference that is not shown; ``hidden`` are values it may be.
    ``moved`` are the names of blocks that are only drawn elsewhere, ``renamed`` is the
    number of blocks with a new id. ``previous_address`` is set for a flow that is
    created here and deleted there, and does the same. ``before`` and ``after`` are
    what pictures are drawn from, where those were asked for; a block has one id in
    both.
    """

    address: str
    path: str
    action: str
    attributes: tuple[FieldReport, ...] = ()
    blocks: Sequence[BlockReport] = ()
    edges_added: Sequence[EdgeReport] = ()
    edges_removed: Sequence[EdgeReport] = ()
    layout: int = 0
    moved: tuple[str, ...] = ()
    renamed: int = 0
    sealed: bool = False
    hidden: tuple[str, ...] = ()
    references: Sequence[ReferenceReport] = ()
    before_digest: str = ""
    after_digest: str = ""
    state_safety: str = ""
    state_reason: str = ""
    previous_address: str = ""
    before: Graph | None = None
    after: Graph | None = None


@dataclass(frozen=True, slots=True)
class PlanReport:
    """A plan as people and programs read it."""

    environment: str
    compared_with: Mapping[str, str]
    targets: Mapping[str, str]
    changes: tuple[ChangeReport, ...]
    findings: tuple[Finding, ...]
    summary: Mapping[str, int]
    digest: str
    errored: bool
    unmanaged: tuple[str, ...] = ()
    source: Mapping[str, str | bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CheckedFlow:
    """A flow that was read: its address and its file."""

    address: str
    path: str


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What a check looked at and what it found, in order of places."""

    flows: tuple[CheckedFlow, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class RuleText:
    """What there is to say of a rule; ``uri`` is where more can be read, if it is."""

    name: str
    title: str
    text: str
    hint: str = ""
    uri: str = ""


@dataclass(frozen=True, slots=True)
class StandingReport:
    """How one flow stands: in words, and whether it was changed past the project."""

    address: str
    standings: tuple[str, ...]
    drifted: bool


@dataclass(frozen=True, slots=True)
class DriftReport:
    """How the flows of an environment stand; ``last`` is the last recorded run.

    ``findings`` are what kept a flow from being compared, and what may change it.
    """

    environment: str
    last: str
    flows: tuple[StandingReport, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def drifted(self) -> int:
        """Count the flows that were changed past the project."""
        return sum(flow.drifted for flow in self.flows)


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """What a report is told beside its content.

    ``version`` is that of FlowOps. ``rules`` are what is known of rules, by name.
    ``colour`` is for a terminal. ``below`` is the project's folder in its repository,
    for places that somebody else looks up there. ``whole`` says where the whole
    report is, for one that has to be cut.
    """

    version: str
    rules: Mapping[str, RuleText] = field(default_factory=dict)
    colour: bool = False
    below: str = ""
    whole: str = "`flowops plan` with `--format json`"
