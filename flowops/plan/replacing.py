"""Which flows to replace: those a command names, and those a reviewed plan has.

To replace a flow is to write it again though nothing that can be seen differs: its
password was rotated, its job hangs, or somebody edited it to what is read as equal.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from flowops.errors import UsageError
from flowops.model import Graph, StateSafety, StateVerdict
from flowops.systems import SYSTEMS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from flowops.model import Address

OPTION = "--replace"


def named_addresses(
    words: Sequence[str], chosen: Collection[Address], known: Collection[Address]
) -> frozenset[Address]:
    """Return the chosen flows that words name, each by its address or its name.

    Raises ``UsageError`` for a word that names none of them, or more than one.
    """
    return frozenset(_named(word, chosen, known) for word in words)


def _named(
    word: str, chosen: Collection[Address], known: Collection[Address]
) -> Address:
    found = [a for a in sorted(chosen) if word in (str(a), a.name)]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(
            f"{OPTION} {word!r} names {len(found)} flows",
            hint=f"write one address: {', '.join(map(str, found))}",
        )
    if any(word in (str(a), a.name) for a in known):
        raise UsageError(
            f"{OPTION} {word!r} is none of the flows that were asked for",
            hint="name it among them, or name none",
        )
    hint = "; one that the project no longer has cannot be replaced"
    raise UsageError(
        f"{OPTION} {word!r} names no flow of this project",
        hint=f"{near_addresses(word, chosen)}{hint}",
    )


def not_there(address: Address, there: Iterable[Address]) -> UsageError:
    """Say that a flow is not there yet, and which ones of like names are."""
    return UsageError(
        f"{OPTION} {str(address)!r} is not on the target: it would be created",
        hint=f"leave {OPTION} out; {near_addresses(str(address), there)}",
    )


def started_anew(system: str, found: StateVerdict | None) -> StateVerdict | None:
    """Say that a job which is started anew keeps its state, where jobs have any."""
    if found is None:
        found = SYSTEMS[system].state_safety(Graph(), Graph())
    if found is None or found.safety is not StateSafety.LAYOUT:
        return found
    return StateVerdict(StateSafety.RESTART, "the job goes on from a savepoint")


def never_again(address: Address, kind: str) -> UsageError:
    """Say that to write a flow again would do nothing where it is written."""
    return UsageError(
        f"{OPTION} {str(address)!r}: a {kind} runs nothing, and its files would stay "
        "as they are",
        hint="start the job anew where it runs, or change `restartNonce` in the "
        "`spec` of the target and promote that",
    )


def near_addresses(word: str, addresses: Iterable[Address]) -> str:
    """Name the flows whose address or name is near a word, or some there are."""
    listed = sorted(addresses)
    spelt = {text: str(a) for a in listed for text in (a.name, str(a))}
    found = [spelt[text] for text in get_close_matches(word, spelt, n=3)]
    if found:
        return f"did you mean {' or '.join(dict.fromkeys(found))}?"
    return f"there are {', '.join(map(str, listed[:5])) or 'none'}"
