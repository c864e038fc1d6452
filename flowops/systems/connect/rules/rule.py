"""What a rule is, and the view of a flow that rules look at."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

from flowops.model import Finding, Severity
from flowops.systems.connect.language import ContactFlow
from flowops.systems.connect.trees import string_leaves

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from flowops.model import Location, Pointer
    from flowops.systems.connect.language import Action
    from flowops.systems.connect.legacy.language import LegacyFlow, Module
    from flowops.systems.connect.references import FoundReferences
    from flowops.systems.protocol import BoundFlow, Flow

    Text: TypeAlias = tuple[Pointer, str]


@dataclass(frozen=True, slots=True)
class Note:
    """What a rule found: where it is, in words, and what to do about it.

    ``location`` is set for what is not in the flow's file.
    """

    pointer: Pointer
    message: str
    hint: str = ""
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One fact that a flow is held to.

    ``source`` is the page it comes from. A rule without one, or one that rests on
    what others saw, is a warning. ``find`` looks at a flow as it was read,
    ``find_bound`` at a flow for one environment, ``find_together`` at all flows of a
    project.
    """

    id: str
    severity: Severity
    title: str
    text: str
    source: str
    find: Callable[[Subject], Iterator[Note]] | None = None
    find_bound: Callable[[BoundFlow], Iterator[Note]] | None = None
    find_together: Callable[[Sequence[Flow]], Iterator[tuple[Flow, Note]]] | None = None

    def finding(self, note: Note) -> Finding:
        """Return what a note says as a finding that has no place yet."""
        return Finding(
            self.id, self.severity, note.message, note.location, hint=note.hint
        )


@dataclass(frozen=True, slots=True)
class Node:
    """A block of either language: where it stands, and where it leads."""

    id: str
    type: str
    pointer: Pointer
    edges: tuple[Text, ...]


@dataclass(frozen=True)
class Subject:
    """A flow as rules see it; ``flow`` is nothing for a legacy export."""

    body: ContactFlow | LegacyFlow
    found: FoundReferences

    @property
    def flow(self) -> ContactFlow | None:
        """Return the flow of the current language, or nothing."""
        return self.body if isinstance(self.body, ContactFlow) else None

    @property
    def actions(self) -> tuple[Action, ...]:
        """Return the actions of the current language; a legacy export has none."""
        return self.flow.actions if self.flow else ()

    @cached_property
    def nodes(self) -> Mapping[str, Node]:
        """Return the blocks of either language by id, in their order."""
        if isinstance(self.body, ContactFlow):
            nodes = [_node(action) for action in self.body.actions]
        else:
            nodes = [_legacy_node(module) for module in self.body.modules]
        return {node.id: node for node in nodes}

    @cached_property
    def texts(self) -> tuple[tuple[Action, Pointer, str], ...]:
        """Return every text in the parameters of every action, with its place."""
        return tuple(
            (action, pointer, text)
            for action in self.actions
            for pointer, text in string_leaves(
                action.parameters, ("Actions", action.index, "Parameters")
            )
        )


def _node(action: Action) -> Node:
    here: Pointer = ("Actions", action.index)
    return Node(action.identifier, action.type, here, tuple(_edges(action, here)))


def _edges(action: Action, here: Pointer) -> Iterator[Text]:
    """Give every NextAction; reading has made sure that each is a text."""
    transitions = action.transitions
    if "NextAction" in transitions:
        yield (*here, "Transitions", "NextAction"), str(transitions["NextAction"])
    for key in ("Errors", "Conditions"):
        branches = transitions.get(key)
        for index, branch in enumerate(branches if isinstance(branches, list) else ()):
            target = str(branch["NextAction"])
            yield (*here, "Transitions", key, index, "NextAction"), target


def _legacy_node(module: Module) -> Node:
    here: Pointer = ("modules", module.index)
    edges = tuple(
        ((*here, "branches", branch.index, "transition"), branch.transition)
        for branch in module.branches
    )
    return Node(module.id, module.word, here, edges)
