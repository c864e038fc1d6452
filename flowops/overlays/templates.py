"""Fill ``{{ … }}`` in overlay values with variables and secrets.

Templates come from the change under review, so Jinja runs in its immutable
sandbox, undefined names are errors, and only names, literals, filters, tests
and conditions are understood: no loop, no call, no arithmetic.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from flowops.errors import InputError
from flowops.secrets import Secret, Text, open_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jinja2 import Environment, nodes

    from flowops.model import Location

_FILTERS = ("default", "lower", "replace", "trim", "upper")
_NODES = frozenset(
    """Template Output TemplateData Name Const Filter Test Concat CondExpr If
    Compare Operand And Or Not Getattr Keyword Pair List Tuple""".split()  # noqa: SIM905
)


def fill(template: str, values: Mapping[str, Text], location: Location) -> Text:
    """Fill a template; the result is a secret when a value it uses is one.

    Raises ``InputError`` for an undefined name, a syntax error, or a construct
    that templates may not use.
    """
    if "{{" not in template and "{%" not in template:
        return template
    names = _names(template, location)
    if unknown := sorted(names - values.keys()):
        raise InputError(
            f"the template uses {unknown[0]!r}, which is not defined",
            hint="define it under `variables` or `secrets` of this environment",
            location=location,
        )
    used = {name: values[name] for name in sorted(names)}
    visible = _render(template, {n: str(v) for n, v in used.items()}, location)
    if not any(isinstance(value, Secret) for value in used.values()):
        return visible
    return Secret(
        lambda: _render(template, {n: open_text(v) for n, v in used.items()}, location),
        visible,
    )


def names_in(template: str, location: Location) -> frozenset[str]:
    """Return the names a template uses; raises ``InputError`` if it is none."""
    if "{{" not in template and "{%" not in template:
        return frozenset()
    return frozenset(_names(template, location))


@cache
def _environment() -> Environment:
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined, autoescape=False, keep_trailing_newline=True
    )
    environment.filters = {name: environment.filters[name] for name in _FILTERS}
    environment.globals = {}
    return environment


def _names(template: str, location: Location) -> set[str]:
    from jinja2 import TemplateError, meta

    try:
        tree = _environment().parse(template)
    except TemplateError as error:
        raise _wrong(error, location) from error
    _refuse_foreign(tree, location)
    return set(meta.find_undeclared_variables(tree))


def _refuse_foreign(node: nodes.Node, location: Location) -> None:
    word = type(node).__name__
    if word not in _NODES:
        raise InputError(
            f"templates may not use {word.lower()}",
            hint=f"use variables, secrets and the filters {', '.join(_FILTERS)}",
            location=location,
        )
    for child in node.iter_child_nodes():
        _refuse_foreign(child, location)


def _render(template: str, values: Mapping[str, str], location: Location) -> str:
    from jinja2 import TemplateError

    try:
        return _environment().from_string(template).render(values)
    except (TemplateError, TypeError, ValueError) as error:
        raise _wrong(error, location) from error


def _wrong(error: Exception, location: Location) -> InputError:
    return InputError(
        f"the template cannot be filled: {error}",
        hint="templates read like {{ name }}",
        location=location,
    )
