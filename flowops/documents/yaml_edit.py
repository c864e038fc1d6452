"""Write YAML: whole files for machines, single values in files people keep."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_WIDTH = 80


class _Dumper(yaml.SafeDumper):
    """Writes lists indented below their key, as the product's own files do."""


def dump_yaml(value: Mapping[str, object]) -> str:
    """Write a mapping in block style, keys in the order given, folded at 80."""
    return yaml.dump(
        value,
        Dumper=_Dumper,
        default_flow_style=False,
        sort_keys=False,
        allow_unicode=True,
        width=_WIDTH,
    )


def set_yaml_value(text: str, keys: Sequence[str], value: str) -> str:
    """Set one value in a YAML file a person keeps; comments and order stay.

    ``keys`` lead from the root; missing mappings on the way are made.
    """
    from ruamel.yaml import YAML

    editor = YAML()
    editor.preserve_quotes = True
    editor.width = sys.maxsize
    root = editor.load(text) or {}
    branch = root
    for key in keys[:-1]:
        if branch.get(key) is None:
            branch[key] = {}
        branch = branch[key]
    branch[keys[-1]] = value
    stream = io.StringIO()
    editor.dump(root, stream)
    return stream.getvalue()
