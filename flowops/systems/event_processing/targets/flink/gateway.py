"""The REST API of a SQL gateway: explain a script, or start its job.

Each use opens a session and closes it. Source: "REST Endpoint" of the SQL gateway
in the Flink documentation, 1.20 and 2.2.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from flowops.errors import TargetError
from flowops.systems.event_processing.sql.text import quote_text
from flowops.systems.event_processing.targets.flink.shapes import word

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from flowops.systems.event_processing.targets.flink.job_script import JobScript
    from flowops.systems.event_processing.targets.flink.rest import Endpoint

_API = "/v2"
_RUNS = frozenset(("INITIALIZED", "PENDING", "RUNNING"))
_PAUSE = 0.1
# What Flink 1.20 and 2.2 say of a class that is absent, or is none of a function.
_NOT_LOADED = "due to implementation errors"


class Gateway:
    """A SQL gateway of a cluster."""

    def __init__(self, endpoint: Endpoint, seconds: int) -> None:
        """Keep where it is, and how long a statement may take."""
        self._ask = endpoint
        self._seconds = seconds

    def verify(self) -> None:
        """Check what answers; raises ``TargetError`` when it is no SQL gateway."""
        word(self._ask.get(f"{_API}/info"), "version")

    def explain(self, script: JobScript, settings: Mapping[str, str]) -> None:
        """Let the planner look at a script; nothing is started."""
        with self._session(settings) as session:
            for statement in (*script.before, f"EXPLAIN {script.query}"):
                self._execute(session, statement)

    def submit(self, script: JobScript, settings: Mapping[str, str]) -> None:
        """Start the job of a script."""
        with self._session(settings) as session:
            for statement in script.statements:
                self._execute(session, statement)

    @contextmanager
    def _session(self, settings: Mapping[str, str]) -> Iterator[str]:
        answer = self._ask.post(f"{_API}/sessions", {"properties": dict(settings)})
        session = f"{_API}/sessions/{word(answer, 'sessionHandle')}"
        try:
            yield session
        finally:
            self._close(session)

    def _close(self, session: str) -> None:
        """Close a session; one that stays open ends by itself when it is idle."""
        try:
            self._ask.delete(session)
        except TargetError:
            return

    def _execute(self, session: str, statement: str) -> None:
        answer = self._ask.post(f"{session}/statements", {"statement": statement})
        operation = f"{session}/operations/{word(answer, 'operationHandle')}"
        deadline = time.monotonic() + self._seconds
        while self._state(operation) in _RUNS:
            if time.monotonic() > deadline:
                raise TargetError(
                    f"the SQL gateway did not finish a statement in {self._seconds} s",
                    hint="give the target a longer `timeout`",
                )
            time.sleep(_PAUSE)
        # The answer of a statement that failed is the reason, as an error.
        self._ask.get(f"{operation}/result/0")

    def _state(self, operation: str) -> str:
        return word(self._ask.get(f"{operation}/status"), "status")

    def loaded(self, classes: Iterable[str]) -> tuple[str, ...]:
        """Return those classes that Flink can make a function of.

        Each is tried as a temporary function, in a session that is closed again.
        """
        with self._session({}) as session:
            return tuple(
                name
                for number, name in enumerate(classes)
                if self._can_load(session, f"flowops_{number}", name)
            )

    def _can_load(self, session: str, function: str, name: str) -> bool:
        statement = f"CREATE TEMPORARY FUNCTION {function} AS {quote_text(name)}"
        try:
            self._execute(session, statement)
        except TargetError as error:
            if _NOT_LOADED in error.message:
                return False
            raise
        return True
