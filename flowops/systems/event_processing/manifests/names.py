"""Names that Kubernetes takes, made of the names that people give flows.

Flink's operator takes at most 45 lower-case letters, digits and hyphens, a letter
first. Source: the validation of names in Apache's Flink Kubernetes Operator.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata

MAXIMUM_LENGTH = 45
_HASH_LENGTH = 8
_VALID = re.compile(r"[a-z](?:[a-z0-9-]{0,43}[a-z0-9])?")
_HASHED = re.compile(r".*-[0-9a-f]{8}")
_OTHER = re.compile(r"[^a-z0-9]+")
_NAMESPACE = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_SUBDOMAIN = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?")


def resource_name(name: str) -> str:
    """Turn any text into a resource name; different texts give different names.

    A text that is a name already stays, unless it looks like one with a hash.
    """
    if _VALID.fullmatch(name) and not _HASHED.fullmatch(name):
        return name
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    kept = _OTHER.sub("-", plain.lower()).strip("-")
    kept = kept if kept[:1].isalpha() else f"flow-{kept}"
    kept = kept[: MAXIMUM_LENGTH - _HASH_LENGTH - 1].strip("-")
    return f"{kept}-{hashlib.sha256(name.encode('utf-8')).hexdigest()[:_HASH_LENGTH]}"


def is_namespace(text: str) -> bool:
    """Tell whether a text can be the name of a namespace (RFC 1123, a label)."""
    return bool(_NAMESPACE.fullmatch(text))


def is_object_name(text: str) -> bool:
    """Tell whether a text can name a Secret or a claim (RFC 1123, a subdomain)."""
    return bool(_SUBDOMAIN.fullmatch(text))
