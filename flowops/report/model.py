"""What every report of a plan is made from: visible text only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowops.model import Finding

FORMAT_VERSION = "1.0"


@dataclass(frozen=True, slots=True)
class FieldReport:
    """One value that differs; ``origin`` says which file or answer set it.

    The names are what people call a resource whose id the value is.
    """

    path: str
    before: str | None
    after: str | None
    origin: str = ""
    before_name: str = ""
    after_name: str = ""


@dataclass(frozen=True, slots=True)
class BlockReport:
    """A block that is added, removed or changed."""

    block: str
    type: str
    label: str
    action: str
    fields: tuple[FieldReport, ...] = ()


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
    """

    address: str
    path: str
    action: str
    attributes: tuple[FieldReport, ...] = ()
    blocks: tuple[BlockReport, ...] = ()
    edges_added: tuple[str, ...] = ()
    edges_removed: tuple[str, ...] = ()
    layout: int = 0
    sealed: bool = False
    references: tuple[ReferenceReport, ...] = ()
    before_digest: str = ""
    after_digest: str = ""
    state_safety: str = ""
    state_reason: str = ""


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
