"""What a job says of itself in its configuration: whose it is, and what it runs.

It stands in the global job parameters, which Flink shows to everybody who may see
the job: only visible text, no secret. Source: "Configuration" of the Flink
documentation, pipeline.global-job-parameters.
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowops.documents.canonical import canonical_json
from flowops.documents.json_text import parse_json
from flowops.documents.shapes import list_of, object_of, texts_of
from flowops.documents.source import decode
from flowops.errors import InputError
from flowops.model import Address
from flowops.systems.protocol import FlowState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowops.documents.json_text import JsonValue
    from flowops.systems.protocol import Bundle, Mark

PARAMETERS = "pipeline.global-job-parameters"
_KEY = "flowops"
_MOST_BYTES = 64 * 1024 * 1024
_NOT_PLAIN = re.compile(r"[^A-Za-z0-9_.-]+")


@dataclass(frozen=True, slots=True)
class JobMark:
    """The mark of a job: project, flow, run, digest, its jar, and what may be seen.

    ``jar`` is the name of the file the cluster was given, from which the very same
    job can be started again.
    """

    project: str
    flow: str
    run: str
    digest: str
    jar: str
    files: Mapping[str, str]
    attributes: Mapping[str, str]

    @property
    def state(self) -> FlowState:
        """Return the flow as it runs."""
        address = Address("event_processing", "flow", self.flow)
        return FlowState(address, dict(self.files), dict(self.attributes))


def mark_of(bundle: Bundle, mark: Mark, jar: str) -> JobMark:
    """Return the mark for the job of a bundle; no secret is opened."""
    return JobMark(
        project=mark.project,
        flow=bundle.address.name,
        run=mark.run,
        digest=mark.digest,
        jar=jar,
        files={name: str(text) for name, text in bundle.files.items()},
        attributes=dict(bundle.attributes),
    )


def parameters(mark: JobMark) -> str:
    """Write a mark as a map of Flink: what people look for, then all of it, packed."""
    whole: dict[str, JsonValue] = {
        "project": mark.project,
        "flow": mark.flow,
        "run": mark.run,
        "digest": mark.digest,
        "jar": mark.jar,
        "files": [[name, text] for name, text in mark.files.items()],
        "attributes": [[name, text] for name, text in mark.attributes.items()],
    }
    packed = base64.urlsafe_b64encode(zlib.compress(canonical_json(whole), 9))
    plain = {
        f"{_KEY}.project": mark.project,
        f"{_KEY}.run": mark.run,
        f"{_KEY}.digest": mark.digest,
    }
    shown = [f"{key}:{_NOT_PLAIN.sub('-', text)}" for key, text in plain.items()]
    return ",".join([*shown, f"{_KEY}:{packed.decode('ascii').rstrip('=')}"])


def read_mark(parameters: Mapping[str, JsonValue]) -> JobMark | None:
    """Read the mark out of the parameters of a job; nothing if there is none."""
    packed = parameters.get(_KEY)
    if not isinstance(packed, str):
        return None
    try:
        return _unpacked(packed)
    except (InputError, KeyError, TypeError, ValueError, zlib.error, binascii.Error):
        return None


def _unpacked(packed: str) -> JobMark:
    data = base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4))
    text = zlib.decompressobj().decompress(data, _MOST_BYTES)
    whole = object_of(parse_json(decode("the mark of a job", text)))
    words = texts_of({k: v for k, v in whole.items() if isinstance(v, str)})
    return JobMark(
        project=words["project"],
        flow=words["flow"],
        run=words["run"],
        digest=words["digest"],
        jar=words["jar"],
        files=_pairs(whole["files"]),
        attributes=_pairs(whole["attributes"]),
    )


def _pairs(value: JsonValue) -> dict[str, str]:
    """Read a list of pairs, which keeps its order where a map would not."""
    return {str(name): str(text) for name, text in map(list_of, list_of(value))}
