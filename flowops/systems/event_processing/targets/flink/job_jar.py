"""The jar of one job: the runner, and the SQL it runs.

The SQL goes inside the file, as the arguments of a program show in Flink's web
interface, and what a jar holds does not.
"""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from flowops.documents.archive import zip_bytes
from flowops.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from flowops.model import Address
    from flowops.systems.event_processing.targets.flink.job_script import JobScript

MAIN = "flowops.runner.SqlRunner"
_PREFIX = "flowops"
_END = "\0"
_PROJECT = re.compile(rf"{_PREFIX}-([0-9a-f]+)-")
_FLOW = re.compile(rf"{_PREFIX}-[0-9a-f]+-[0-9a-f]+-")
_NOT_NAME = re.compile(r"[^A-Za-z0-9]+")


def job_jar(script: JobScript, settings: Mapping[str, str]) -> bytes:
    """Return the jar that runs a script; raises ``InputError`` for a NUL in it."""
    flat = [text for pair in settings.items() for text in pair]
    return zip_bytes(
        {
            **_runner(),
            "flowops/settings": _texts(flat),
            "flowops/statements": _texts(script.statements),
        }
    )


def jar_name(project: str, address: Address, run: str) -> str:
    """Return the name of the jar of a flow in a run; it fits every file system."""
    return _renamed(_key(project), address, run)


def jar_prefix(project: str) -> str:
    """Return how the names of all jars of a project start."""
    return f"{_PREFIX}-{_key(project)}-"


def is_of(name: str, address: Address, run: str) -> bool:
    """Tell whether a jar is that of a flow in a run, whatever the project."""
    project = _PROJECT.match(name)
    return project is not None and name == _renamed(project[1], address, run)


def is_later(name: str, own: str) -> bool:
    """Tell whether a jar is that of a later run of the flow whose jar is ``own``.

    The names of runs are in the order of time.
    """
    flow = _FLOW.match(own)
    return flow is not None and name.startswith(flow[0]) and name > own


def job_id(run: str, address: Address, purpose: str) -> str:
    """Return the id a job gets, so that starting it twice cannot make two."""
    key = f"{run}\0{address}\0{purpose}".encode()
    return hashlib.sha256(key).hexdigest()[:32]


def _renamed(project: str, address: Address, run: str) -> str:
    word = _NOT_NAME.sub("-", run).strip("-")[:80]
    return f"{_PREFIX}-{project}-{_key(address.name)}-{word}.jar"


def _key(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _texts(texts: Iterable[str]) -> bytes:
    found = list(texts)
    if any(_END in text for text in found):
        raise InputError("the SQL holds a NUL character", hint="take it out")
    return "".join(text + _END for text in found).encode("utf-8")


@cache
def _runner() -> Mapping[str, bytes]:
    """Return the files of the runner, which is built by tools/runner_jar.py."""
    data = (files(__package__) / "runner" / "runner.jar").read_bytes()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
