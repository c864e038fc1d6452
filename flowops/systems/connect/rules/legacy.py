"""Flows of the language before 2019-10-30."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.model import Severity
from flowops.systems.connect.rules.rule import Note, Rule, Subject

if TYPE_CHECKING:
    from collections.abc import Iterator


def _legacy(subject: Subject) -> Iterator[Note]:
    if subject.flow is None:
        words = "a legacy export: FlowOps reads it, Amazon Connect takes it no more"
        hint = f"run `flowops convert {subject.body.source.path} --out NEW`"
        yield Note(("modules",), words, hint)


LEGACY = Rule(
    "connect/legacy",
    Severity.WARNING,
    "A legacy export cannot be promoted",
    "The API takes the flow language 2019-10-30 only, and the console takes legacy "
    "exports no more since 31 March 2026. FlowOps reads and checks them; a promote "
    "is refused with an error. `flowops convert` turns one into the current language.",
    "Import/export flows in the Amazon Connect administrator guide",
    _legacy,
)
