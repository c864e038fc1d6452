"""Fetch the real parts of tools/real_components.txt: Flink, and what it talks to.

Each row is a component or several, a hash, and Maven coordinates. The jars lie in
.cache/components, each once; ``class_path`` gives those of a component. They come
through Maven as this machine is set up, as those of flink_jars.py do.

    python3 -m tools.real_components [COMPONENT...]
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NamedTuple

from tools.flink_jars import Jar, fetch, missing

LIST = Path(__file__).resolve().with_name("real_components.txt")
STORE = Path(__file__).resolve().parent.parent / ".cache" / "components"


class Part(NamedTuple):
    """A jar, and the components it is a part of."""

    components: tuple[str, ...]
    jar: Jar


def read_parts(text: str) -> list[Part]:
    """Read lines of components, hash and coordinates; a ``#`` starts a comment."""
    rows = [line.split() for line in text.splitlines() if not line.startswith("#")]
    return [
        Part(tuple(row[0].split(",")), Jar(row[1], *row[2].split(":")))
        for row in rows
        if row
    ]


def jars_of(component: str) -> list[Jar]:
    """Return the jars of a component; raises ``KeyError`` for one not in the list."""
    parts = read_parts(LIST.read_text(encoding="utf-8"))
    jars = [part.jar for part in parts if component in part.components]
    if not jars:
        raise KeyError(component)
    return jars


def class_path(component: str) -> list[Path]:
    """Return where the jars of a component are, once they are fetched."""
    return [STORE / jar.file for jar in jars_of(component)]


def lacking(component: str) -> str:
    """Say what to do where a jar of a component is not there; nothing when all are."""
    if missing(jars_of(component), STORE):
        return f"run python3 -m tools.real_components {component} first"
    return ""


def main(words: list[str]) -> int:
    """Fetch what is missing, one component after the other, and say what was done."""
    parts = read_parts(LIST.read_text(encoding="utf-8"))
    known = sorted({name for part in parts for name in part.components})
    for name in words or known:
        if name not in known:
            raise SystemExit(f"real_components: no {name}; there is {', '.join(known)}")
        wanted = missing(jars_of(name), STORE)
        if wanted:
            fetch(wanted, STORE)
        print(f"real_components: {name}: {len(wanted)} fetched")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
