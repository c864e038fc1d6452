"""How large a flow may be: for the API, and for the console's export."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.model import Severity
from flowops.systems.connect.rules.rule import Note, Rule, Subject

if TYPE_CHECKING:
    from collections.abc import Iterator

MAXIMUM_ACTIONS = 250
MAXIMUM_CHARACTERS = 256_000
EXPORTED_BLOCKS = 100
EXPORTED_BYTES = 1_000_000


def _actions(subject: Subject) -> Iterator[Note]:
    if (count := len(subject.actions)) > MAXIMUM_ACTIONS:
        words = f"the flow has {count} actions; Amazon Connect takes {MAXIMUM_ACTIONS}"
        yield Note((), words)


def _characters(subject: Subject) -> Iterator[Note]:
    size = len(subject.body.source.text.open())
    if subject.flow and size > MAXIMUM_CHARACTERS:
        words = f"the flow has {size} characters; the API takes {MAXIMUM_CHARACTERS}"
        yield Note((), words)


def _blocks(subject: Subject) -> Iterator[Note]:
    if EXPORTED_BLOCKS <= (count := len(subject.nodes)) <= MAXIMUM_ACTIONS:
        words = f"the flow has {count} blocks; the console exports fewer than"
        yield Note((), f"{words} {EXPORTED_BLOCKS}")


def _bytes(subject: Subject) -> Iterator[Note]:
    text = subject.body.source.text.open()
    if len(text) * 4 < EXPORTED_BYTES:
        return
    if (size := len(text.encode())) >= EXPORTED_BYTES:
        words = f"the flow has {size} bytes; the console exports less than"
        yield Note((), f"{words} {EXPORTED_BYTES}")


TOO_MANY_ACTIONS = Rule(
    "connect/too-many-actions",
    Severity.ERROR,
    "The flow has more actions than Amazon Connect takes",
    f"A flow has at most {MAXIMUM_ACTIONS} actions. Move a part into a module or a "
    "flow of its own.",
    "Flow language in the Amazon Connect API reference",
    _actions,
)
TOO_LARGE = Rule(
    "connect/too-large",
    Severity.ERROR,
    "The flow has more characters than the API takes",
    f"`Content` has at most {MAXIMUM_CHARACTERS:,} characters.",
    "CreateContactFlow in the Amazon Connect API reference",
    _characters,
)
EXPORT_BLOCKS = Rule(
    "connect/export-blocks",
    Severity.WARNING,
    "The console cannot export the flow: too many blocks",
    f"The console exports flows of fewer than {EXPORTED_BLOCKS} blocks. FlowOps can "
    "promote the flow, but nobody can export it again by hand.",
    "Import/export flows in the Amazon Connect administrator guide",
    _blocks,
)
EXPORT_SIZE = Rule(
    "connect/export-size",
    Severity.WARNING,
    "The console cannot export the flow: it is too large",
    "The console exports flows of less than 1 MB.",
    "Import/export flows in the Amazon Connect administrator guide",
    _bytes,
)
