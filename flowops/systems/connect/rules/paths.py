"""Where a contact goes: every way begins, leads somewhere, and ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.model import Severity
from flowops.systems.connect.language import ContactFlow
from flowops.systems.connect.rules.rule import Node, Note, Rule, Subject

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

ENDS = frozenset(
    [
        "DisconnectParticipant",
        "EndFlowExecution",
        "EndFlowModuleExecution",
        "TransferContactToAgent",
    ]
)
_LOOPS = frozenset(["MessageParticipantIteratively"])
_LEAVES = (
    ENDS
    | _LOOPS
    | {
        "DequeueContactAndTransferToQueue",
        "TransferContactToQueue",
        "TransferParticipantToThirdParty",
        "TransferToFlow",
    }
)
_LISTED = 5
_LANGUAGE = "Flow language in the Amazon Connect API reference"


def _no_start(subject: Subject) -> Iterator[Note]:
    start = subject.body.start
    if start not in subject.nodes:
        current = isinstance(subject.body, ContactFlow)
        word, what = ("StartAction", "action") if current else ("start", "block")
        yield Note((word,), f"{word} {start!r} is no {what} of the flow")


def _nowhere(subject: Subject) -> Iterator[Note]:
    what = "action" if subject.flow else "block"
    for node in subject.nodes.values():
        for pointer, target in node.edges:
            if target not in subject.nodes:
                words = f"block {node.id}: {target!r} is no {what} of the flow"
                yield Note(pointer, words)


def _unreachable(subject: Subject) -> Iterator[Note]:
    if subject.body.start not in subject.nodes:
        return
    ways = {n.id: [target for _, target in n.edges] for n in subject.nodes.values()}
    reached = _reached([subject.body.start], ways)
    for node in subject.nodes.values():
        if node.id not in reached:
            yield Note(node.pointer, f"block {node.id} ({node.type}) is never reached")


def _trapped(subject: Subject) -> Iterator[Note]:
    back: dict[str, list[str]] = {}
    for node in subject.nodes.values():
        for _, target in node.edges:
            back.setdefault(target, []).append(node.id)
    known = subject.nodes.keys()
    free = _reached([n.id for n in subject.nodes.values() if _leaves(n, known)], back)
    trapped = [n for n in subject.nodes.values() if n.id not in free]
    if trapped and subject.flow:
        names = ", ".join(node.id for node in trapped[:_LISTED])
        more = ", …" if len(trapped) > _LISTED else ""
        yield Note(
            trapped[0].pointer,
            f"from {len(trapped)} blocks no way leads out of the flow: {names}{more}",
        )


def _leaves(node: Node, known: Collection[str]) -> bool:
    """Tell whether a block ends the way; where an edge to nowhere leads is unsure."""
    unsure = any(target not in known for _, target in node.edges)
    return node.type in _LEAVES or not node.edges or unsure


def _reached(
    starts: Iterable[str], ways: Mapping[str, Collection[str]]
) -> frozenset[str]:
    seen = set(starts)
    waiting = list(seen)
    while waiting:
        new = {target for target in ways.get(waiting.pop(), ()) if target not in seen}
        seen |= new
        waiting += new
    return frozenset(seen)


def _dead_end(subject: Subject) -> Iterator[Note]:
    for action in subject.actions:
        goes_on = action.type not in ENDS | _LOOPS
        if goes_on and not subject.nodes[action.identifier].edges:
            words = f"block {action.identifier} ({action.type}) leads nowhere"
            yield Note(("Actions", action.index, "Transitions"), words)


def _past_the_end(subject: Subject) -> Iterator[Note]:
    for action in subject.actions:
        if action.type in ENDS and (edges := subject.nodes[action.identifier].edges):
            yield Note(
                edges[0][0],
                f"block {action.identifier}: nothing comes after {action.type}",
            )


START_MISSING = Rule(
    "connect/start-missing",
    Severity.ERROR,
    "The flow has no first block",
    "`StartAction` must be the `Identifier` of an action of the flow.",
    _LANGUAGE,
    _no_start,
)
EDGE_TO_NOWHERE = Rule(
    "connect/edge-to-nowhere",
    Severity.ERROR,
    "A branch leads to a block that does not exist",
    "Every `NextAction` must be the `Identifier` of an action of the flow.",
    _LANGUAGE,
    _nowhere,
)
UNREACHABLE = Rule(
    "connect/unreachable",
    Severity.WARNING,
    "A block is never reached",
    "No way leads from the first block to this one. It does nothing; often a branch "
    "was meant to lead here.",
    "graph of the flow",
    _unreachable,
)
NO_WAY_OUT = Rule(
    "connect/no-way-out",
    Severity.WARNING,
    "A contact cannot leave a circle of blocks",
    "From these blocks no way leads to an end, a transfer or a loop of prompts: only "
    "hanging up ends the contact.",
    "graph of the flow",
    _trapped,
)
DEAD_END = Rule(
    "connect/dead-end",
    Severity.WARNING,
    "A block has no way on",
    "An action that does not end the flow needs a `NextAction`; publishing was seen to "
    "refuse one without.",
    _LANGUAGE,
    _dead_end,
)
PAST_THE_END = Rule(
    "connect/past-the-end",
    Severity.WARNING,
    "A way leads on after the end",
    "An action that ends the flow has no transitions.",
    _LANGUAGE,
    _past_the_end,
)
