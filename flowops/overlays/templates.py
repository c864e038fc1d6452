"""Fill ``{{ … }}`` in overlay values with variables and secrets.

Templates come from the change under review, so Jinja runs in its immutable
sandbox, undefined names are errors, and only names, literals, filters, tests
and conditions are understood: no loop, no call, no attribute, no arithmetic.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from flowops.errors import InputError
from flowops.overlays.names import did_you_mean
from flowops.secrets import Secret, Text, open_text

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from jinja2 import Environment, Template, nodes

    from flowops.model import Location

MAXIMUM_LENGTH = 1_000_000
_FILTERS = ("default", "lower", "replace", "trim", "upper")
_TESTS = ("defined", "eq", "in", "ne")
_NODES = frozenset(
    """Template Output TemplateData Name Const Filter Test Concat CondExpr If
    Compare Operand And Or Not Keyword Pair List Tuple""".split()  # noqa: SIM905
)
# What Jinja, and Python on the code that Jinja writes, raise for a bad template.
_FAULTS = (
    MemoryError,
    RecursionError,
    SyntaxError,
    TypeError,
    ValueError,
)


class LackingError(InputError):
    """Something is not said here, which an environment that extends this may say."""


@dataclass(frozen=True, slots=True)
class _Compiled:
    """A template that is known to be harmless, and the names it uses."""

    template: Template
    names: frozenset[str]


def fill(template: str, values: Mapping[str, Text], location: Location) -> Text:
    """Fill a template; the result is a secret when a value it uses is one.

    Raises ``LackingError`` for an undefined name, and ``InputError`` for a syntax
    error, or a construct that templates may not use.
    """
    if not _is_template(template):
        return template
    names = names_in(template, location)
    refuse_undefined(names, values, location)
    used = {name: values[name] for name in sorted(names)}
    visible = _render(template, {n: str(v) for n, v in used.items()}, location)
    if not any(isinstance(value, Secret) for value in used.values()):
        return visible
    return Secret(
        lambda: _render(template, {n: open_text(v) for n, v in used.items()}, location),
        visible,
    )


def refuse_undefined(
    names: frozenset[str], known: Collection[str], location: Location
) -> None:
    """Raise ``LackingError`` for the first of the names that is not known."""
    if unknown := sorted(names.difference(known)):
        raise LackingError(
            f"the template uses {unknown[0]!r}, which is not defined",
            hint=did_you_mean(unknown[0], sorted(known))
            or "define it under `variables` or `secrets` of this environment",
            location=location,
        )


def names_in(template: str, location: Location) -> frozenset[str]:
    """Return the names a template uses; raises ``InputError`` if it is none."""
    if not _is_template(template):
        return frozenset()
    try:
        return _compiled(template).names
    except InputError as error:
        error.location = location
        raise


def _is_template(text: str) -> bool:
    return "{{" in text or "{%" in text


@cache
def _environment() -> Environment:
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined, autoescape=False, keep_trailing_newline=True
    )
    environment.filters = {name: environment.filters[name] for name in _FILTERS}
    environment.filters["replace"] = _replace
    environment.tests = {name: environment.tests[name] for name in _TESTS}
    environment.globals = {}
    return environment


def _replace(text: object, old: object, new: object) -> str:
    """Replace as Jinja does, but not until a chain of these fills the memory."""
    from jinja2 import TemplateRuntimeError

    before, part, other = str(text), str(old), str(new)
    if len(before) + before.count(part) * len(other) > MAXIMUM_LENGTH:
        raise TemplateRuntimeError("the result is too long")
    return before.replace(part, other)


@lru_cache(maxsize=1024)
def _compiled(template: str) -> _Compiled:
    """Compile a template once, however many flows it is for.

    Raises ``InputError`` without a place.
    """
    from jinja2 import TemplateError, meta

    try:
        tree = _environment().parse(template)
        _refuse_foreign(tree)
        names = frozenset(meta.find_undeclared_variables(tree))
        return _Compiled(_environment().from_string(template), names)
    except (TemplateError, *_FAULTS) as error:
        raise _wrong(error) from None


def _refuse_foreign(node: nodes.Node) -> None:
    word = type(node).__name__
    if word not in _NODES:
        raise InputError(
            f"templates may not use {word.lower()}",
            hint=f"use variables, secrets and the filters {', '.join(_FILTERS)}",
        )
    for child in node.iter_child_nodes():
        _refuse_foreign(child)


def _render(template: str, values: Mapping[str, str], location: Location) -> str:
    from jinja2 import TemplateError

    try:
        return _compiled(template).template.render(values)
    except (TemplateError, *_FAULTS) as error:
        raise _wrong(error, location) from None


def _wrong(error: Exception, location: Location | None = None) -> InputError:
    """Say what is wrong in Jinja's words; Python's could quote a value."""
    reason = getattr(error, "message", "") or "a value does not fit, or it is too large"
    return InputError(
        f"the template cannot be filled: {reason}",
        hint="templates read like {{ name }}",
        location=location,
    )
