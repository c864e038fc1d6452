"""The tags that a file gives a flow, which a promote keeps on the instance.

They come as a mapping, as the API has them, or as a list of ``Key`` and ``Value``, as
CloudFormation has them. A promote remembers in ``flowops:tags`` which tags came from
the file, so that one which leaves the file leaves the flow, and those of others stay.
Source: TagResource and UntagResource in the Amazon Connect API reference.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from flowops.documents.canonical import canonical_json
from flowops.documents.json_text import JsonValue, parse_json
from flowops.documents.source import source_text
from flowops.systems.connect.shapes import Document

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flowops.documents.source import SourceText
    from flowops.model import Pointer
    from flowops.systems.connect.api import ConnectApi

    Tags = Mapping[str, str]

TAGS = "tags"
"""The attribute of a state that holds tags of a file, as JSON."""
OWNED_TAG = "flowops:tags"
_RESERVED = ("aws:", "flowops:")
MOST_TAGS = 44  # of the 50 that a resource may have, six are left to promotes
_SIGNS = 5  # of each key: 44 of them fit into the 256 characters of a value


def read_tags(
    source: SourceText, fields: Mapping[str, JsonValue], pointer: Pointer
) -> Tags | None:
    """Return the ``Tags`` of a wrapper, or nothing where it has none.

    Those that AWS or a promote put there are left out. Raises ``InputError`` with the
    place of what is no tag, and for more than a flow can have.
    """
    if fields.get("Tags") is None:
        return None
    document, here = Document(source), (*pointer, "Tags")
    tags = dict(_tags(document, fields["Tags"], here))
    if len(tags) > MOST_TAGS:
        raise document.wrong(
            here,
            f"there are {len(tags)} tags",
            f"a promote keeps at most {MOST_TAGS} on a flow, beside its own",
        )
    return {k: tags[k] for k in sorted(tags) if not k.startswith(_RESERVED)}


def _tags(
    document: Document, value: JsonValue, here: Pointer
) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key in value:
            yield key, document.text(value[key], (*here, key))
        return
    for index, item in enumerate(document.sequence(value, here)):
        place = (*here, index)
        tag = document.mapping(item, place)
        key = document.text(tag.get("Key"), (*place, "Key"))
        yield key, document.text(tag.get("Value"), (*place, "Value"))


def tags_attribute(tags: Tags | None, live: Mapping[str, str] | None) -> dict[str, str]:
    """Return the attribute of a bundle; none where the file says nothing of tags."""
    if tags is None or not (tags or (live or {}).get(TAGS)):
        return {}
    return {TAGS: _written(tags)}


def owned_attribute(found: Tags) -> dict[str, str]:
    """Return the attribute of what is live: its tags that came from a file."""
    kept = {key: found[key] for key in sorted(_owned(found))}
    return {TAGS: _written(kept)} if kept else {}


def tags_of(attributes: Mapping[str, str]) -> dict[str, str]:
    """Return the tags to write, with the one that remembers them; none for none."""
    tags = _read(attributes.get(TAGS, ""))
    return {**tags, OWNED_TAG: "".join(map(_sign, sorted(tags)))} if tags else {}


def changed_tags(
    attributes: Mapping[str, str], found: Tags
) -> tuple[dict[str, str], list[str]]:
    """Return the tags to write onto a flow that has others, and the keys to take away.

    Without the attribute nothing is either.
    """
    if TAGS not in attributes:
        return {}, []
    wanted = tags_of(attributes)
    gone = _owned(found) - wanted.keys()
    if not wanted and OWNED_TAG in found:
        gone |= {OWNED_TAG}
    added = {key: value for key, value in wanted.items() if found.get(key) != value}
    return added, sorted(gone)


def put_back_tags(
    api: ConnectApi, arn: str, before: Mapping[str, str], found: Tags
) -> bool:
    """Give a flow the tags of an earlier state; tell whether others were there."""
    added, gone = changed_tags({TAGS: "", **before}, found)
    if gone:
        api.untag(arn, gone)
    if added:
        api.tag(arn, added)
    return bool(added or gone)


def _owned(found: Tags) -> set[str]:
    signs = found.get(OWNED_TAG, "")
    known = {signs[start : start + _SIGNS] for start in range(0, len(signs), _SIGNS)}
    return {k for k in found if not k.startswith(_RESERVED) and _sign(k) in known}


def _sign(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:_SIGNS]


def _written(tags: Tags) -> str:
    return canonical_json(dict(tags)).decode() if tags else ""


def _read(text: str) -> dict[str, str]:
    if not text:
        return {}
    value = parse_json(source_text("tags", text))
    return {k: str(v) for k, v in value.items()} if isinstance(value, dict) else {}
