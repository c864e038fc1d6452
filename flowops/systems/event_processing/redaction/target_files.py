"""Hide the secrets of a file of a target, which somebody may have typed in."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from flowops.documents.json_text import parse_json, replace_values
from flowops.documents.yaml_edit import dump_yaml
from flowops.documents.yaml_text import mapping_of, parse_yaml, text_of
from flowops.errors import InputError
from flowops.secrets import Secret, Text
from flowops.systems.event_processing.output.import_file import IMPORT_FILE
from flowops.systems.event_processing.output.rendering import CONFIG_FILE, JSON_FILE
from flowops.systems.event_processing.redaction.documents import find_redactions
from flowops.systems.event_processing.redaction.sensitive import mask_option, mask_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowops.documents.source import SourceText
    from flowops.model import Location


class Option(NamedTuple):
    """An option of config.yaml, its value masked."""

    node: str
    table: str
    name: str
    value: str
    is_masked: bool
    text: str = ""


def masked_file(file: str, source: SourceText) -> Text:
    """Return the text of a file, sealed if a secret stands in it."""
    text = source.text.open()
    visible = _visible(file, source)
    return text if visible == text else Secret(text, visible)


def config_options(source: SourceText) -> Iterator[Option]:
    """Give every option of a config.yaml.

    Raises ``InputError`` for a file that does not have the shape of one.
    """
    for option, _ in located_options(source):
        yield option


def located_options(source: SourceText) -> Iterator[tuple[Option, Location]]:
    """Give every option of a config.yaml with its place, and its text as it is.

    Raises ``InputError`` for a file that does not have the shape of one.
    """
    config = mapping_of(parse_yaml(source), "the document").get("config")
    for node in mapping_of(config, "config") if config else ():
        for table in mapping_of(node.value, node.key):
            for option in mapping_of(table.value, table.key):
                value = text_of(option.value, option.key)
                masked = mask_option(option.key, value).text
                names = node.key, table.key, option.key
                found = Option(*names, masked, masked != value, value)
                yield found, option.value.location


def _visible(file: str, source: SourceText) -> str:
    text = source.text.open()
    try:
        if file in (JSON_FILE, IMPORT_FILE):
            redactions = find_redactions(parse_json(source))
            return replace_values(text, {r.pointer: r.visible for r in redactions})
        if file == CONFIG_FILE:
            options = [*config_options(source)]
            return _dump(options) if any(o.is_masked for o in options) else text
    except InputError:
        pass
    return mask_text(text).text


def _dump(options: list[Option]) -> str:
    nodes: dict[str, dict[str, dict[str, str]]] = {}
    for option in options:
        table = nodes.setdefault(option.node, {}).setdefault(option.table, {})
        table[option.name] = option.value
    return dump_yaml({"config": nodes})
