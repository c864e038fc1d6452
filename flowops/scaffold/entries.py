"""List what of each flow is bound to the instance it was drawn on.

What an environment can say about it stands as an entry with the same value, so
that nothing changes until a person writes another. An Amazon Connect reference
whose kind an instance does not list, or that has a qualifier, is only a comment:
as an entry it would be taken for checked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flowops.model import ReferenceForm
from flowops.secrets import REDACTION, Secret
from flowops.systems.connect.inventory import LISTED_KINDS
from flowops.systems.event_processing.redaction.sensitive import mask_option
from flowops.systems.event_processing.settings.connectors import JAAS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from flowops.model import Reference
    from flowops.systems.protocol import Flow, Setting

_BOUND = re.compile(
    r"topic|(?:.+[.-])?url"
    r"|properties\.(?:bootstrap\.servers|(?:security|sasl|ssl|tls)\..+)"
)
_UNSAID = frozenset([ReferenceForm.DYNAMIC, ReferenceForm.EMPTY])
_NOT_A_NAME = re.compile("[^a-z0-9]+")
_SPECIAL = re.compile(r"[{\r]")
_LOGIN_WORDS = ("username", "password")


@dataclass(frozen=True, slots=True)
class PropertyEntry:
    """A property of a table; ``is_secret`` says that its value names secrets."""

    node: str
    table: str
    name: str
    value: str
    is_secret: bool = False


@dataclass(frozen=True, slots=True, order=True)
class ReferenceEntry:
    """What a flow refers to and what it is; ``is_open`` asks a person to say it."""

    kind: str
    source: str
    target: str
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class FlowEntries:
    """Everything an environment can say about the flows of one name."""

    name: str
    properties: tuple[PropertyEntry, ...] = ()
    references: tuple[ReferenceEntry, ...] = ()
    lacks_type: bool = False

    def says_nothing(self) -> bool:
        """Tell whether nothing of the flow is bound to an instance."""
        return not (self.properties or self.references or self.lacks_type)


@dataclass(frozen=True, slots=True)
class SecretNames:
    """Gives every secret a name that no other has, as a template can use it."""

    names: list[str] = field(default_factory=list)

    def add(self, *words: str) -> str:
        """Return a new name made of words."""
        parts = [_NOT_A_NAME.sub("_", w.lower()).strip("_") for w in words]
        name = "_".join(part for part in parts if part)
        name = name if name[:1].isalpha() else f"flow_{name}"
        found, number = name, 1
        while found in self.names:
            number += 1
            found = f"{name}_{number}"
        self.names.append(found)
        return found


def list_entries(flows: Iterable[Flow], secrets: SecretNames) -> list[FlowEntries]:
    """Return the entries of all flows by name; their secrets get names."""
    by_name: dict[str, list[Flow]] = {}
    for flow in sorted(flows, key=lambda flow: flow.address):
        by_name.setdefault(flow.address.name, []).append(flow)
    found = [_of_flows(name, by_name[name], secrets) for name in sorted(by_name)]
    return [entries for entries in found if not entries.says_nothing()]


def _of_flows(name: str, flows: Sequence[Flow], secrets: SecretNames) -> FlowEntries:
    references = {e for flow in flows for e in _references(flow.references)}
    settings = [s for flow in flows for s in flow.settings if _is_bound(s)]
    return FlowEntries(
        name=name,
        properties=tuple(_property(name, s, secrets) for s in settings),
        references=tuple(_one_a_source(references)),
        lacks_type=any(
            (f.address.system, f.address.kind, f.type)
            == ("connect", "contact-flow", "")
            for f in flows
        ),
    )


def _is_bound(setting: Setting) -> bool:
    """Tell whether a property belongs to the instance, or is a secret."""
    is_secret = isinstance(setting.value, Secret)
    return is_secret or _BOUND.fullmatch(setting.name) is not None


def _references(references: Iterable[Reference]) -> Iterator[ReferenceEntry]:
    for reference in references:
        if reference.path[:1] in (("config",), ("sql",)):  # listed as an option
            continue
        if reference.form in _UNSAID or reference.regional:
            continue
        source = reference.name or reference.value
        if reference.kind in LISTED_KINDS and not reference.suffix:
            yield ReferenceEntry(reference.kind, source, as_template(source))
        else:
            value = as_template(reference.value)
            yield ReferenceEntry(reference.kind, source, value, is_open=True)


def _one_a_source(entries: Iterable[ReferenceEntry]) -> list[ReferenceEntry]:
    """Keep one entry for each kind and name, one that counts before a comment."""
    found: dict[tuple[str, str], ReferenceEntry] = {}
    for entry in sorted(entries, key=lambda e: (e.is_open, e)):
        found.setdefault((entry.kind, entry.source), entry)
    return sorted(found.values())


def _property(flow: str, setting: Setting, secrets: SecretNames) -> PropertyEntry:
    """Return a property; each redaction in it becomes the name of a secret."""
    visible = str(setting.value)
    if not isinstance(setting.value, Secret):
        visible = mask_option(setting.name, visible).text
    pieces = re.split(f"({REDACTION.pattern})", visible)
    value = "".join(
        _secret(piece, flow, setting, secrets) if index % 2 else as_template(piece)
        for index, piece in enumerate(pieces)
    )
    if isinstance(setting.value, Secret) and len(pieces) == 1:
        value = _secret("", flow, setting, secrets)
    return PropertyEntry(
        node=setting.node,
        table=setting.table,
        name=setting.name,
        value=value,
        is_secret=len(pieces) > 1 or isinstance(setting.value, Secret),
    )


def _secret(piece: str, flow: str, setting: Setting, secrets: SecretNames) -> str:
    """Return the template for one redaction."""
    word = piece.strip("<>").removesuffix("_redacted")
    if setting.name != JAAS or word not in _LOGIN_WORDS:
        word = setting.name.rpartition(".")[2]
    return f"{{{{ {secrets.add(flow, setting.node, word)} }}}}"


def as_template(text: str) -> str:
    """Write a text as a template that is filled to that very text."""
    if "{{" not in text and "{%" not in text:
        return text
    escaped = {"{": '{{ "{" }}', "\r": '{{ "\\r" }}'}
    return _SPECIAL.sub(lambda match: escaped[match[0]], text)
