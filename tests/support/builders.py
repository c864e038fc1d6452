"""Small values of the core, made from the few words a test cares about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from flowops.documents.source import source_text
from flowops.documents.yaml_text import YamlMapping, parse_yaml
from flowops.errors import FlowOpsError
from flowops.model import Address, Location, Reference, ReferenceForm
from flowops.overlays.environment import Environment, Sources, load_environment
from flowops.secrets import Text
from flowops.systems.protocol import Flow, Setting

SOMEWHERE = Location("flows/some.json", 3, 5)


def yaml_mapping(text: str, path: str = "file.yaml") -> YamlMapping:
    node = parse_yaml(source_text(path, text))
    assert isinstance(node, YamlMapping)
    return node


def sources_from(
    files: Mapping[str, str | bytes], variables: Mapping[str, str] | None = None
) -> Sources:
    """Return a project's files and variables as environments see them."""
    data = {k: v.encode() if isinstance(v, str) else v for k, v in files.items()}
    folder = "environments/"
    names = [
        path.removeprefix(folder).removesuffix(".yaml")
        for path in sorted(data)
        if path.startswith(folder) and path.endswith(".yaml")
    ]
    return Sources("environments", tuple(names), data.get, variables or {})


def environment_from(
    text: str, *, base: str = "", variables: Mapping[str, str] | None = None
) -> Environment:
    """Load the environment ``this``, which may extend ``base``."""
    files = {"environments/this.yaml": text, "environments/base.yaml": base}
    return load_environment("this", sources_from(files, variables))


def setting(place: str, value: Text) -> Setting:
    """Make a setting from ``node/table/name``."""
    node, table, name = place.split("/")
    return Setting(node, table, name, value, SOMEWHERE)


def flow_with(
    name: str,
    settings: Mapping[str, Text] | None = None,
    references: Sequence[Reference] = (),
    *,
    system: str = "event_processing",
    kind: str = "flow",
) -> Flow:
    return Flow(
        Address(system, kind, name),
        source_text(f"flows/{name}.json", "{}"),
        references=tuple(references),
        settings=tuple(setting(k, v) for k, v in (settings or {}).items()),
    )


def reference_to(
    kind: str,
    value: str,
    form: ReferenceForm = ReferenceForm.ARN,
    *,
    name: str = "",
    suffix: str = "",
) -> Reference:
    """Make a reference of a block; ``suffix`` is the end of the value."""
    path = ("Actions", 0, "Parameters", "Thing")
    key = value.removesuffix(suffix)
    return Reference(kind, path, value, form, "block-1", SOMEWHERE, key, suffix, name)


def lines_of(errors: Iterable[FlowOpsError]) -> list[str]:
    """Write errors as a person reads them."""
    return [str(error) for error in errors]
