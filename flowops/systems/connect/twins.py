"""Pair the names and ids that a block's metadata repeats with its references.

The designer repeats the id of a resource beside its name. What it repeats is found
by value, because lists in metadata are not aligned with those in parameters; an id
at a place of the table that differs belongs to an earlier choice, and follows too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from flowops.model import ReferenceForm
from flowops.systems.connect.arns import LAMBDA_FUNCTION, LEX_BOT_ALIAS, USER
from flowops.systems.connect.trees import string_leaves, text_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flowops.documents.json_text import JsonValue
    from flowops.model import Pointer, Reference
    from flowops.systems.connect.reference_table import ReferencePath

_USER_WITH_NAMES = re.compile(r"\A(?P<login>\S+) \(.*\)\Z")
_ALONE = frozenset([ReferenceForm.DYNAMIC, ReferenceForm.EMPTY])
_SHORTEST_ID = 36
BOT_NAME = "lexV2BotName"
NOTHING_TOLD: dict[Pointer, str] = {}


@dataclass(slots=True)
class BlockMetadata:
    """The metadata of one block, and which of its ids are accounted for."""

    root: Pointer
    value: Mapping[str, JsonValue]
    _places: dict[str, list[Pointer]] | None = field(default=None, repr=False)
    _claimed: set[Pointer] = field(default_factory=set, repr=False)

    def attach(
        self,
        reference: Reference,
        path: Pointer,
        row: ReferencePath,
        told: Mapping[Pointer, str] = NOTHING_TOLD,
    ) -> Reference:
        """Return the reference with the name and the places that repeat it.

        ``told`` are names from elsewhere in the flow, by their place; they count
        more than those of the metadata.
        """
        if reference.form is ReferenceForm.DYNAMIC:
            return reference
        if not self.value:
            name = name_of(reference, told)
            return replace(reference, name=name, name_twins=tuple(told))
        ids = self._ids(reference, row)
        name_places = [("parameters", *path, "displayName"), *row.names]
        name_places += [(*place[:-1], "text") for place in ids if place[-1] == "id"]
        found = {(*self.root, *p): n for p in name_places if (n := self._name_at(p))}
        names = {**told, **found}
        return replace(
            reference,
            name=name_of(reference, names),
            twins=tuple((*self.root, *p) for p in ids),
            name_twins=tuple(names),
        )

    def unclaimed(self) -> Iterator[tuple[Pointer, str]]:
        """Give the ARNs that repeat no reference of this block."""
        if not self.value:
            return
        for text, places in self._texts().items():
            if text.startswith("arn:aws"):
                for place in places:
                    if place not in self._claimed:
                        yield (*self.root, *place), text

    def _ids(self, reference: Reference, row: ReferencePath) -> list[Pointer]:
        places = [p for p in row.stale if self._is_free_id(p)]
        if reference.form not in _ALONE and reference.form is not ReferenceForm.LITERAL:
            same = self._texts().get(reference.value, ())
            places += [p for p in same if p not in places]
        self._claimed.update(places)
        return places

    def _is_free_id(self, place: Pointer) -> bool:
        return place not in self._claimed and bool(text_at(self.value, place))

    def _name_at(self, place: Pointer) -> str:
        text = text_at(self.value, place)
        return "" if text.startswith(("arn:", "$")) else text

    def _texts(self) -> dict[str, list[Pointer]]:
        if self._places is None:
            self._places = {}
            for path, text in string_leaves(self.value):
                if "arn:" in text or len(text) >= _SHORTEST_ID:
                    self._places.setdefault(text, []).append(path)
        return self._places


def name_of(reference: Reference, names: Mapping[Pointer, str]) -> str:
    """Return a resource's name: a Lambda says its own, others are told by names."""
    if reference.form is ReferenceForm.LITERAL:
        return reference.value
    if reference.kind == LAMBDA_FUNCTION and reference.form is ReferenceForm.ARN:
        return reference.key.rpartition(":")[2]
    if reference.regional:
        return reference.key.rpartition("/")[2]
    if reference.kind == LEX_BOT_ALIAS:
        return _bot_and_alias(names)
    name = next(iter(names.values()), "")
    if reference.kind == USER:  # the console adds the first and the last name
        name = _USER_WITH_NAMES.sub(r"\g<login>", name)
    return reference.value if _is_name(reference) and not name else name


def _is_name(reference: Reference) -> bool:
    return reference.form is ReferenceForm.NAME


def _bot_and_alias(names: Mapping[Pointer, str]) -> str:
    """Return ``BOT/ALIAS``, or nothing when one of the two is not told."""
    bots = [name for place, name in names.items() if place[-1] == BOT_NAME]
    aliases = [name for place, name in names.items() if place[-1] != BOT_NAME]
    return f"{bots[0]}/{aliases[0]}" if bots and aliases else ""


def name_for(reference: Reference, pointer: Pointer, name: str) -> str:
    """Return what a place that repeats a resource's name says for this name."""
    if reference.kind != LEX_BOT_ALIAS:
        return name
    bot, _, alias = name.partition("/")
    return bot if pointer[-1] == BOT_NAME else alias or name
