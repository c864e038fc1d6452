"""What an environment says of the manifests of its flows."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flowops.documents.source import source_text
from flowops.documents.yaml_text import mapping_of, parse_yaml, plain
from flowops.errors import InputError
from flowops.secrets import Secret
from flowops.systems.event_processing.manifests.names import (
    is_namespace,
    is_object_name,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowops.model import Location
    from flowops.secrets import Text

IBM, APACHE, CONFLUENT = "ibm", "apache", "confluent"
OPERATORS = (IBM, APACHE)
WAYS = (*OPERATORS, CONFLUENT)
KEYS = (
    *("namespace", "image", "flink-version", "service-account", "parallelism"),
    *("jar", "storage", "truststore", "spec"),
)
REFERENCE_KEYS = ("secret", "secret-store")
CONFLUENT_KEYS = ("flink-environment", "rest-class", "savepoint")
_OBJECT_NAMES = ("service-account", "storage", "secret", "flink-environment")
_STORES = ("SecretStore", "ClusterSecretStore")
_NUMBER = re.compile(r"[0-9]{1,5}")
_MAXIMUM_PARALLELISM = 32_768  # the most key groups Flink has


@dataclass(frozen=True, slots=True)
class Options:
    """How a flow is deployed; ``way`` is ``ibm``, ``apache`` or ``confluent``.

    ``storage`` is a PersistentVolumeClaim, ``truststore`` a Secret and a key of it,
    ``spec`` what a person lays over the spec that is made. ``is_referring`` says
    that the Secret is made by somebody else.
    """

    way: str
    namespace: str = ""
    image: str = ""
    flink_version: str = ""
    service_account: str = "flink"
    parallelism: int = 1
    jar: str = ""
    storage: str = ""
    truststore: str = ""
    secret: str = ""
    secret_store: str = ""
    flink_environment: str = ""
    rest_class: str = "default"
    savepoint: str = ""
    is_referring: bool = False
    spec: Mapping[str, object] = field(default_factory=dict)


def wanted_options(target: Mapping[str, Text]) -> Options | None:
    """Return the options of an environment's target; nothing where none are wanted."""
    if "operator" in target:
        return read_options(target, "operator")
    if "manifests" in target:
        return read_options(target, "manifests")
    return None


def read_options(
    target: Mapping[str, Text], key: str, place: Location | None = None
) -> Options:
    """Read the options of a target; ``key`` names the one that says which way.

    Raises ``InputError`` for a value that is a secret or cannot be used.
    """
    values = {k: _clear(k, v, place) for k, v in target.items() if _is_ours(k, key)}
    way = values[key]
    if way not in WAYS:
        near = difflib.get_close_matches(way, WAYS, n=1)
        hint = f"did you mean {near[0]}?" if near else f"write {' or '.join(OPERATORS)}"
        raise InputError(f"there is no {key} {way!r}", hint=hint, location=place)
    options = Options(
        way=way,
        namespace=values.get("namespace", ""),
        image=values.get("image", ""),
        flink_version=values.get("flink-version", ""),
        service_account=values.get("service-account", "flink"),
        parallelism=_parallelism(values.get("parallelism", "1"), place),
        jar=values.get("jar", ""),
        storage=values.get("storage", ""),
        truststore=values.get("truststore", ""),
        secret=values.get("secret", ""),
        secret_store=values.get("secret-store", ""),
        flink_environment=values.get("flink-environment", ""),
        rest_class=values.get("rest-class", "default"),
        savepoint=values.get("savepoint", ""),
        is_referring=key == "manifests",
        spec=_spec(values.get("spec", ""), place),
    )
    _check_names(values, place)
    _check_needs(options, key, place)
    return options


def _is_ours(name: str, key: str) -> bool:
    return name == key or name in (*KEYS, *REFERENCE_KEYS, *CONFLUENT_KEYS)


def _clear(key: str, value: Text, place: Location | None) -> str:
    if isinstance(value, Secret):
        raise InputError(
            f"`{key}` of the target is written into a manifest, and it is a secret",
            hint="write it in the clear, or leave it out",
            location=place,
        )
    return value


def _parallelism(text: str, place: Location | None) -> int:
    number = int(text) if _NUMBER.fullmatch(text) else 0
    if not 0 < number <= _MAXIMUM_PARALLELISM:
        raise InputError(
            f"`parallelism` of the target must be a whole number, not {text!r}",
            hint=f"write one from 1 to {_MAXIMUM_PARALLELISM}",
            location=place,
        )
    return number


def _spec(text: str, place: Location | None) -> Mapping[str, object]:
    """Read the YAML that is laid over the spec; the place is that of the target."""
    if not text.strip():
        return {}
    try:
        node = parse_yaml(source_text("spec", text))
        mapping_of(node, "the spec")
        found = plain(node)
    except InputError as error:
        raise InputError(
            f"`spec` of the target is no YAML mapping: {error}",
            hint="write it after `spec: |`, as a FlinkDeployment has it",
            location=place,
        ) from error
    return found if isinstance(found, dict) else {}


def _check_names(values: Mapping[str, str], place: Location | None) -> None:
    namespace = values.get("namespace", "")
    if namespace and not is_namespace(namespace):
        _refuse_name("namespace", namespace, place)
    for key in _OBJECT_NAMES:
        if values.get(key) and not is_object_name(values[key]):
            _refuse_name(key, values[key], place)
    name, slash, entry = values.get("truststore", "").partition("/")
    if values.get("truststore") and not (is_object_name(name) and slash and entry):
        raise InputError(
            f"`truststore` of the target is {values['truststore']!r}",
            hint="write SECRET/KEY, such as ssl-truststore/truststore.jks",
            location=place,
        )
    kind, _, store = values.get("secret-store", "").rpartition("/")
    if store and not (is_object_name(store) and kind in ("", *_STORES)):
        _refuse_name("secret-store", values["secret-store"], place)


def _refuse_name(key: str, value: str, place: Location | None) -> None:
    raise InputError(
        f"`{key}` of the target is {value!r}, which Kubernetes does not take as a name",
        hint="use lower-case letters, digits and hyphens",
        location=place,
    )


def _check_needs(options: Options, key: str, place: Location | None) -> None:
    needed = {
        IBM: (),
        APACHE: ("image", "flink_version"),
        CONFLUENT: ("image", "flink_environment"),
    }[options.way]
    for name in needed:
        if not getattr(options, name):
            written = name.replace("_", "-")
            raise InputError(
                f"{key}: {options.way} needs `{written}` of the target",
                hint=_HINTS[name],
                location=place,
            )


_HINTS = {
    "image": "name an image that has Flink, its connectors and a SQL runner",
    "flink_version": "write it as the operator does, such as v1_20 or v2_0",
    "flink_environment": "name the Flink environment in Confluent Manager",
}
