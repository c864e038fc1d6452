"""One run's version of a flow: a Secret that never changes once it is there.

It holds the files that the job reads, their secrets opened, and in ``flowops.json``
what may be seen of the others and the deployment that reads them. So the deployment
of an earlier run can be put back without anybody knowing its secrets.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flowops.documents.canonical import canonical_json
from flowops.documents.source import decode
from flowops.errors import InputError, TargetError
from flowops.secrets import REDACTION, open_text
from flowops.systems.event_processing.manifests.deployments import (
    FLOW_NOTE,
    MANAGED_BY,
    RUNNER_FILE,
)
from flowops.systems.event_processing.manifests.names import resource_name
from flowops.systems.event_processing.manifests.runner_sql import plain_sql
from flowops.systems.event_processing.redaction.target_files import masked_file
from flowops.systems.event_processing.sql.text import code
from flowops.systems.protocol import Mark

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flowops.secrets import Text
    from flowops.systems.event_processing.manifests.deployments import Manifest
    from flowops.systems.protocol import Bundle, FlowState

PROJECT_NOTE, RUN_NOTE, DIGEST_NOTE = "flowops/project", "flowops/run", "flowops/digest"
PREVIOUS_NOTE, SECRET_NOTE = "flowops/previous", "flowops/secret"
OURS = f"{MANAGED_BY}=flowops"
NAME_LABEL = "flowops/name"
_BESIDE = "flowops.json"
_SQL, _FLOW = "flow.sql", "flow.json"
_HASH_LENGTH = 10
_MAXIMUM_BYTES = 1024 * 1024  # of all values of a Secret


@dataclass(frozen=True, slots=True)
class Revision:
    """A version of a flow: its Secret's name, its mark, and what is in it.

    ``files`` are texts that may be seen, or sealed ones; ``deployment`` is what was
    applied with it; ``previous`` names the Secret that was read before.
    """

    secret: str
    name: str
    flow: str
    notes: Mapping[str, str]
    files: Mapping[str, Text]
    attributes: Mapping[str, str] = field(default_factory=dict)
    deployment: Manifest = field(default_factory=dict)

    @property
    def run(self) -> str:
        """Return the run that made it."""
        return self.notes.get(RUN_NOTE, "")

    @property
    def previous(self) -> str:
        """Return the name of the Secret before this one."""
        return self.notes.get(PREVIOUS_NOTE, "")

    @property
    def mark(self) -> Mark:
        """Return the mark that was left on it."""
        notes = self.notes
        return Mark(notes.get(PROJECT_NOTE, ""), self.run, notes.get(DIGEST_NOTE, ""))


def marks(mark: Mark) -> dict[str, str]:
    """Return the notes that say whose a thing is, and which run wrote it."""
    return {
        PROJECT_NOTE: mark.project,
        RUN_NOTE: mark.run,
        DIGEST_NOTE: mark.digest,
    }


def secret_name(bundle: Bundle, run: str) -> str:
    """Name a version by its run and by what may be seen of it, never by a secret."""
    seen = {file: str(text) for file, text in bundle.files.items()}
    found = hashlib.sha256(canonical_json([run, dict(seen)])).hexdigest()
    return f"{resource_name(bundle.address.name)}-{found[:_HASH_LENGTH]}"


def make_secret(
    bundle: Bundle,
    mark: Mark,
    read: Sequence[str],
    deployment: Manifest,
    previous: str,
) -> Manifest:
    """Make the Secret of a run; ``read`` are the files that the job reads.

    Raises ``TargetError`` when a value of one is still redacted, or when the whole is
    larger than a Secret may be, and ``InputError`` when a secret has no value.
    """
    name = resource_name(bundle.address.name)
    texts = {file: _opened(bundle, file) for file in read}
    beside = {
        "files": {f: str(t) for f, t in bundle.files.items() if texts.get(f) != str(t)},
        "attributes": dict(bundle.attributes),
        "deployment": deployment,
    }
    texts[_BESIDE] = json.dumps(beside, ensure_ascii=False)
    data = {file: text.encode("utf-8") for file, text in texts.items()}
    size = sum(map(len, data.values()))
    if size > _MAXIMUM_BYTES:
        raise TargetError(
            f"{bundle.address} needs a Secret of {size} bytes, and one holds 1 MiB",
            hint="take unused nodes and sample messages out of the flow",
        )
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": secret_name(bundle, mark.run),
            "labels": {MANAGED_BY: "flowops", NAME_LABEL: name},
            "annotations": {
                FLOW_NOTE: bundle.address.name,
                **marks(mark),
                PREVIOUS_NOTE: previous,
            },
        },
        "immutable": True,
        "type": "Opaque",
        "data": {f: base64.b64encode(data[f]).decode() for f in sorted(data)},
    }


def read_secret(secret: Manifest) -> Revision:
    """Read a version. What was not sealed by us is masked as any text is."""
    about = _mapping(secret.get("metadata"))
    notes = _texts(about.get("annotations"))
    data = {f: _decoded(t) for f, t in _texts(secret.get("data")).items()}
    beside = _beside(data.pop(_BESIDE, ""))
    files: dict[str, Text] = {f: _masked(f, t) for f, t in data.items()}
    if RUNNER_FILE in data and secret.get("immutable") is not True:
        files[_SQL] = _masked(_SQL, plain_sql(data[RUNNER_FILE]))
    seen = _texts(beside.get("files"))
    trusted = secret.get("immutable") is True
    kept = {f: t for f, t in seen.items() if trusted or f not in files}
    return Revision(
        secret=str(about.get("name", "")),
        name=_texts(about.get("labels")).get(NAME_LABEL, ""),
        flow=notes.get(FLOW_NOTE, ""),
        notes=notes,
        files={**files, **{f: _masked(f, t) for f, t in kept.items()}},
        attributes=_texts(beside.get("attributes")),
        deployment=dict(_mapping(beside.get("deployment"))),
    )


def revision_before(
    before: FlowState | None,
    notes: Mapping[str, str],
    revisions: Mapping[str, Revision],
    run: str,
) -> Revision | None:
    """Return what to go back to: the version the run replaced, or removed.

    ``notes`` are those of the deployment that is live, ``before`` what ran before.
    """
    if before is None or (notes and notes.get(RUN_NOTE) != run):
        return None
    current = revisions.get(notes.get(SECRET_NOTE, ""))
    if notes:
        return revisions.get(current.previous) if current else None
    older = [revision for revision in revisions.values() if revision.run != run]
    return older[-1] if older else None


def is_first(notes: Mapping[str, str], revisions: Mapping[str, Revision]) -> bool:
    """Tell whether the version that is live replaced none."""
    current = revisions.get(notes.get(SECRET_NOTE, ""))
    return current is not None and not current.previous


def _opened(bundle: Bundle, file: str) -> str:
    """Return what a job reads. flow.json is never to be changed, nor needs secrets."""
    if file not in bundle.files:
        raise TargetError(
            f"{bundle.address} has no {file}, which the job reads",
            hint="plan and promote the flow again, instead of an older state of it",
        )
    if file == _FLOW:
        return str(bundle.files[file])
    text = open_text(bundle.files[file])
    read = text if file != RUNNER_FILE else " ".join(t.text for t in code(text))
    if found := REDACTION.search(read):
        raise TargetError(
            f"{file} of {bundle.address} still says {found[0]}, and a job would fail",
            hint="give the property a value in `config` of the environment",
        )
    return text


def _masked(file: str, text: str) -> Text:
    name = _SQL if file == RUNNER_FILE else file
    try:
        return masked_file(name, decode(name, text.encode("utf-8")))
    except InputError:
        return ""


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode("utf-8")
    except ValueError:
        return ""


def _beside(text: str) -> Mapping[str, object]:
    try:
        return _mapping(json.loads(text or "null"))
    except ValueError:
        return {}


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _texts(value: object) -> dict[str, str]:
    return {str(key): str(text) for key, text in _mapping(value).items()}
