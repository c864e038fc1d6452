"""The REST API of a job manager, as far as it is used here.

Source: "REST API" of the Flink documentation, 1.20 and 2.2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowops.errors import TargetError
from flowops.systems.event_processing.targets.flink.job_jar import MAIN
from flowops.systems.event_processing.targets.flink.marks import read_mark
from flowops.systems.event_processing.targets.flink.rest import AnswerError, reason_of
from flowops.systems.event_processing.targets.flink.shapes import (
    number,
    optional,
    part,
    parts,
    word,
)

if TYPE_CHECKING:
    from flowops.documents.json_text import JsonValue
    from flowops.systems.event_processing.targets.flink.marks import JobMark
    from flowops.systems.event_processing.targets.flink.rest import Answer, Endpoint

RUNNING, STARTING, CANCELLING = "RUNNING", "INITIALIZING", "CANCELLING"
FINISHED, CANCELED, FAILED = "FINISHED", "CANCELED", "FAILED"
ENDED = frozenset((FINISHED, CANCELED, FAILED))
_OVERVIEW = "/jobs/overview"
_NOT_FOUND = 404
_UNKNOWN_JOB = "Could not find Flink job"  # said with the code 500 by /status
_NEVER = 2**62  # Flink writes the greatest long for an interval that is not set
_OLDEST = (1, 20)
_RESTORED = "restore_timestamp"
_NOWHERE = "<"  # "<checkpoint-not-externally-addressable>": in the memory of Flink


@dataclass(frozen=True, slots=True)
class Job:
    """A job as the cluster lists it; ``started`` is in milliseconds."""

    id: str
    name: str
    state: str
    started: int = 0

    @property
    def is_live(self) -> bool:
        """Tell whether the job has not ended for good."""
        return self.state not in ENDED


@dataclass(frozen=True, slots=True)
class Jar:
    """A jar the cluster keeps: its id, and the name it was sent under."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job has come: its state, its tasks, its checkpoints."""

    state: str
    is_whole: bool
    checkpoints: int


@dataclass(frozen=True, slots=True)
class Remains:
    """What is left of a job that has ended, or would be if it ended now.

    ``has_tasks`` tells whether it got as far as having any. ``checkpoints`` counts
    those it made, and is ``None`` where it was to make none. ``kept`` is where its
    last checkpoint or savepoint lies, ``restored`` what it was started from the last
    time. ``is_behind`` tells whether it has made no checkpoint since then, and
    ``outlives_cancelling`` whether the last one stays when somebody cancels it.
    """

    has_tasks: bool
    checkpoints: int | None
    kept: str
    restored: str
    is_behind: bool
    outlives_cancelling: bool

    @property
    def place(self) -> str:
        """Return where the last state of the job lies, its own or what it had."""
        return self.kept or self.restored


class JobManager:
    """A session cluster, asked through its job manager."""

    def __init__(self, endpoint: Endpoint) -> None:
        """Keep where it is; nothing is called yet."""
        self._ask = endpoint

    @property
    def url(self) -> str:
        """Return the address of the job manager."""
        return self._ask.url

    def takes_jars(self) -> bool:
        """Check what answers, and tell whether it lets anybody upload a jar.

        Raises ``TargetError`` when it is no Flink, or one that is too old.
        """
        answer = self._ask.get("/config")
        version = answer.get("flink-version")
        if not isinstance(version, str):
            raise TargetError(
                f"{self.url} does not say which Flink it is",
                hint="is this the REST address of a job manager?",
            )
        numbers = [one[:9] for one in version.split(".")[:2] if one.isdecimal()]
        if tuple(map(int, numbers)) < _OLDEST:
            raise TargetError(
                f"{self.url} runs Flink {version}, which is too old",
                hint="FlowOps needs Flink 1.20 or newer",
            )
        features = answer.get("features")
        return not isinstance(features, dict) or bool(features.get("web-submit"))

    def jobs(self) -> list[Job]:
        """Return every job the cluster remembers, as it is now.

        The overview has the names, and may be as old as ``web.refresh-interval``.
        """
        now = parts(self._ask.get("/jobs"), "jobs")
        shown = {
            word(job, "jid"): job for job in parts(self._ask.get(_OVERVIEW), "jobs")
        }
        return [
            Job(identity, word(job, "name"), state, number(job, "start-time"))
            for identity, state in ((word(j, "id"), word(j, "status")) for j in now)
            if (job := shown.get(identity) or self._details(identity))
        ]

    def _details(self, job: str) -> Answer:
        """Return what is known of a job; nothing where it is unknown."""
        return self._known(f"/jobs/{job}")

    def mark(self, job: Job) -> JobMark | None:
        """Return the mark of a job; nothing when it has none."""
        answer = self._known(f"/jobs/{job.id}/config")
        return read_mark(optional(optional(answer, "execution-config"), "user-config"))

    def state(self, job: str) -> str:
        """Return the state of a job now; nothing when the cluster does not know it."""
        try:
            return word(self._ask.get(f"/jobs/{job}/status"), "status")
        except AnswerError as error:
            if error.status == _NOT_FOUND or _UNKNOWN_JOB in error.reason:
                return ""
            raise

    def progress(self, job: str) -> Progress:
        """Return how far a job has come."""
        answer = self._ask.get(f"/jobs/{job}")
        tasks = [word(vertex, "status") for vertex in parts(answer, "vertices")]
        counts = optional(self._checkpoints(job), "counts")
        whole = all(task in (RUNNING, FINISHED) for task in tasks)
        return Progress(word(answer, "state"), whole, number(counts, "completed"))

    def checkpoints_itself(self, job: str) -> bool:
        """Tell whether checkpoints are on for a job."""
        return _are_on(self._checkpointing(job))

    def ask_checkpoint(self, job: str) -> None:
        """Ask for a checkpoint now; a job that is not ready for one makes none."""
        self._ask.post(f"/jobs/{job}/checkpoints", {"checkpointType": "CONFIGURED"})

    def failure(self, job: str) -> str:
        """Return why a job failed, in one line, or nothing."""
        answer = self._ask.get(f"/jobs/{job}/exceptions?maxExceptions=1")
        history = optional(answer, "exceptionHistory")
        entries = parts(history, "entries") if history else ()
        return reason_of(word(entries[0], "stacktrace")) if entries else ""

    def free_slots(self) -> tuple[int, int]:
        """Return how many slots are free, and how many there are."""
        answer = self._ask.get("/overview")
        return number(answer, "slots-available"), number(answer, "slots-total")

    def stop(self, job: str, directory: str, trigger: str) -> None:
        """Ask a job to stop with a savepoint; the trigger names the request."""
        body: dict[str, JsonValue] = {"drain": False, "triggerId": trigger}
        if directory:
            body["targetDirectory"] = directory
        self._ask.post(f"/jobs/{job}/stop", body)

    def savepoint(self, job: str, trigger: str) -> tuple[bool, str]:
        """Tell whether a savepoint is being made, and where it is or will not be.

        Raises ``TargetError`` with the reason when it failed.
        """
        try:
            answer = self._ask.get(f"/jobs/{job}/savepoints/{trigger}")
        except AnswerError as error:
            if error.status == _NOT_FOUND:
                return False, ""
            raise
        if word(part(answer, "status"), "id") != "COMPLETED":
            return True, ""
        operation = part(answer, "operation")
        if failure := optional(operation, "failure-cause"):
            reason = reason_of(word(failure, "stack-trace"))
            raise TargetError(f"job {job} cannot make a savepoint: {reason}")
        return False, word(operation, "location")

    def last_savepoint(self, job: str) -> str:
        """Return where the last savepoint of a job lies, or nothing."""
        latest = optional(self._checkpoints(job), "latest")
        found = optional(latest, "savepoint")
        return word(found, "external_path") if found else ""

    def remains(self, job: str) -> Remains:
        """Return what is left of a job."""
        answer, settings = self._checkpoints(job), self._checkpointing(job)
        latest, counts = optional(answer, "latest"), optional(answer, "counts")
        retention = optional(settings, "externalization")
        last, restored = optional(latest, "completed"), optional(latest, "restored")
        found = [optional(latest, "savepoint")]
        if retention.get("enabled"):
            found.append(last)
        found.sort(key=lambda state: number(state, "id"), reverse=True)
        made, began = number(last, "latest_ack_timestamp"), number(restored, _RESTORED)
        return Remains(
            has_tasks=bool(self._details(job).get("vertices")),
            checkpoints=number(counts, "completed") if _are_on(settings) else None,
            kept=next(filter(None, map(_place, found)), ""),
            restored=_place(restored),
            is_behind=began > made,
            outlives_cancelling=bool(retention.get("enabled"))
            and not retention.get("delete_on_cancellation"),
        )

    def cancel(self, job: str) -> None:
        """Cancel a job; one that has ended stays as it is."""
        try:
            self._ask.patch(f"/jobs/{job}?mode=cancel")
        except AnswerError as error:
            if error.status not in (_NOT_FOUND, 409):
                raise

    def jars(self) -> list[Jar]:
        """Return the jars the cluster keeps."""
        found = parts(self._ask.get("/jars"), "files")
        return [Jar(word(jar, "id"), word(jar, "name")) for jar in found]

    def upload(self, name: str, data: bytes) -> str:
        """Send a jar, and return its id."""
        answer = self._ask.upload("/jars/upload", name, data)
        return word(answer, "filename").rpartition("/")[2]

    def plan(self, jar: str) -> None:
        """Let the planner look at the job of a jar; nothing is started."""
        self._ask.post(f"/jars/{jar}/plan", {"entryClass": MAIN})

    def run(self, jar: str, job: str, savepoint: str, *, may_drop: bool) -> None:
        """Start the job of a jar under an id, from a savepoint if there is one."""
        body: dict[str, JsonValue] = {"entryClass": MAIN, "jobId": job}
        if savepoint:
            body |= {"savepointPath": savepoint, "allowNonRestoredState": may_drop}
        self._ask.post(f"/jars/{jar}/run", body)

    def delete_jar(self, jar: str) -> None:
        """Take a jar away; one that is gone already is no error."""
        try:
            self._ask.delete(f"/jars/{jar}")
        except AnswerError as error:
            if error.status not in (400, _NOT_FOUND):
                raise

    def _checkpoints(self, job: str) -> Answer:
        return self._known(f"/jobs/{job}/checkpoints")

    def _checkpointing(self, job: str) -> Answer:
        return self._known(f"/jobs/{job}/checkpoints/config")

    def _known(self, path: str) -> Answer:
        """Read something; what the cluster does not have is empty."""
        try:
            return self._ask.get(path)
        except AnswerError as error:
            if error.status == _NOT_FOUND:
                return {}
            raise


def _are_on(settings: Answer) -> bool:
    """Tell whether a job makes checkpoints, by how that is set for it."""
    return bool(settings) and number(settings, "interval") < _NEVER


def _place(state: Answer) -> str:
    """Return where a checkpoint lies; nothing where none can be started from."""
    path = state.get("external_path")
    is_there = isinstance(path, str) and not path.startswith(_NOWHERE)
    return str(path) if is_there and not state.get("discarded") else ""
