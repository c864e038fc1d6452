"""Write YAML: whole files for machines, single values in files people keep."""

from __future__ import annotations

import io
import re
import sys
from typing import TYPE_CHECKING

import yaml

from flowops.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ruamel.yaml import YAML

_WIDTH = 80
_BREAKS = re.compile("[\x85\u2028\u2029]")
_INDENTATION = 2
_STEP = re.compile(r"^[^\s#-][^\n]*:[ \t]*(?:#[^\n]*)?\n( +)[^\s#-]", re.MULTILINE)
_ITEM = re.compile(r"^( *)[^\s#-][^\n]*:[ \t]*(?:#[^\n]*)?\n( *)- ", re.MULTILINE)


class _Dumper(yaml.SafeDumper):
    """Quotes every text that YAML 1.1 or YAML 1.2 would read as a number."""


_Dumper.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z|0o[0-7]+\Z"),
    list("-+.0123456789"),
)


def _represent_text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    """Escape what is a line break in YAML 1.1 and a letter in YAML 1.2."""
    style = '"' if _BREAKS.search(text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _represent_text)


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

    ``keys`` lead from the root; missing mappings on the way are made. Raises
    ``InputError`` when the text is not YAML or a key on the way holds a value.
    """
    from ruamel.yaml.error import YAMLError

    ending = "\r\n" if "\r\n" in text else "\n"
    text = text.replace("\r\n", "\n")
    editor = _editor(text)
    try:
        root = editor.load(text)
        kept = "" if root is not None or not text.strip() else f"{text.rstrip()}\n"
        root = {} if root is None else root
        _branch(root, keys[:-1])[keys[-1]] = value
    except (YAMLError, TypeError) as error:
        raise InputError(f"{'.'.join(keys)} cannot be set in this YAML") from error
    stream = io.StringIO()
    editor.dump(root, stream)
    return (kept + stream.getvalue()).replace("\n", ending)


def _editor(text: str) -> YAML:
    """Return an editor that writes as the text is written."""
    from ruamel.yaml import YAML

    editor = YAML()
    editor.preserve_quotes = True
    editor.width = sys.maxsize
    editor.explicit_start = text.startswith("---")
    step = _STEP.search(text)
    wide = len(step[1]) if step else _INDENTATION
    item = _ITEM.search(text)
    offset = len(item[2]) - len(item[1]) if item else 0
    editor.indent(mapping=wide, sequence=offset + _INDENTATION, offset=offset)
    return editor


def _branch(root: object, keys: Sequence[str]) -> dict[str, object]:
    for key in keys:
        branch = _mapping(root)
        if branch.get(key) is None:
            branch[key] = {}
        root = branch[key]
    return _mapping(root)


def _mapping(value: object) -> dict[str, object]:
    if isinstance(value, dict):
        return value
    raise TypeError
