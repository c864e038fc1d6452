"""Write ``config.yaml``: what an operator may change of a deployed flow.

Shape and order follow "Deploying jobs customized for production or test
environments": node, table, property; sensitive properties first, then the rest,
each part by name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.secrets import Secret, Text, open_text
from flowops.systems.event_processing.learnt import Config
from flowops.systems.event_processing.output.config_lines import write_config
from flowops.systems.event_processing.redaction.sensitive import has_placeholder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from flowops.systems.event_processing.pipeline import Pipeline
    from flowops.systems.protocol import Setting


def make_config(pipeline: Pipeline, settings: Iterable[Setting]) -> Text:
    """Write the options of every node, in the order of the flow."""
    order = {node.name: index for index, node in enumerate(pipeline.nodes)}
    arranged = sorted(
        settings,
        key=lambda s: (
            *(order.get(s.node, len(order)), s.node, s.table),
            *(not is_sensitive(s.value), s.name),
        ),
    )
    nodes = _nodes(arranged, str)
    visible = write_config(nodes)
    text: Text = visible
    if any(isinstance(setting.value, Secret) for setting in arranged):
        text = Secret(lambda: write_config(_nodes(arranged, open_text)), visible)
    pipeline.learnt.config = Config(text, nodes)
    return text


def is_sensitive(value: Text) -> bool:
    """Tell whether a value is hidden, in whole or in part."""
    return isinstance(value, Secret) or has_placeholder(value)


def _nodes(
    settings: Iterable[Setting], shown: Callable[[Text], str]
) -> dict[str, dict[str, dict[str, str]]]:
    nodes: dict[str, dict[str, dict[str, str]]] = {}
    for setting in settings:
        table = nodes.setdefault(setting.node, {}).setdefault(setting.table, {})
        table[setting.name] = shown(setting.value)
    return nodes
