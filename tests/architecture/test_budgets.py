"""How big things may get, and what must not be there at all.

Each rule is a function from a module's text to what is wrong with it, so that this
file can also prove, on small bad modules, that each rule refuses.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections import Counter
from collections.abc import Iterable, Iterator

import pytest

from tests.support.sources import Module, Rule, package_modules, violations

MODULE_LINES = 400
FUNCTION_LINES = 60

# How often the package may silence a tool. Raising a number needs a reason in the
# change that raises it; lowering one needs none.
SILENCED = {
    r"type:\s*ignore": 10,
    r"pragma:\s*no cover": 0,
    r"noqa": 10,
    r"mypy:": 0,
    r"fmt:\s*off": 0,
}

# Names that say nothing, so that anything may end up inside.
VAGUE = {
    "base",
    "common",
    "helper",
    "helpers",
    "manager",
    "managers",
    "misc",
    "util",
    "utils",
}

Function = ast.FunctionDef | ast.AsyncFunctionDef
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def long_module(module: Module) -> Iterator[str]:
    lines = len(module.text.splitlines())
    if lines > MODULE_LINES:
        yield f"{module.path}: {lines} lines, at most {MODULE_LINES}"


def long_function(module: Module) -> Iterator[str]:
    for node in ast.walk(module.tree):
        if isinstance(node, Function):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION_LINES:
                message = f"{node.name} has {lines} lines, at most {FUNCTION_LINES}"
                yield module.at(node, message)


def vague_name(module: Module) -> Iterator[str]:
    for part in module.name.split("."):
        if part.strip("_") in VAGUE:
            yield f"{module.path}: {part} does not say what is inside"


def undocumented(module: Module) -> Iterator[str]:
    if is_public(module.name.rpartition(".")[2]) and not ast.get_docstring(module.tree):
        yield f"{module.path}: the module has no docstring"
    for node in public_definitions(module.tree.body):
        if not ast.get_docstring(node):
            yield module.at(node, f"{node.name} has no docstring")


def public_definitions(body: Iterable[ast.stmt]) -> Iterator[Definition]:
    """Find public functions, classes and methods; what a function holds is its own."""
    for node in body:
        if not isinstance(node, Definition) or not is_public(node.name):
            continue
        if not is_overload(node):
            yield node
        if isinstance(node, ast.ClassDef):
            yield from public_definitions(node.body)


def is_public(name: str) -> bool:
    return not name.startswith("_") or name == "__main__"


def is_overload(node: Definition) -> bool:
    return any("overload" in ast.unparse(found) for found in node.decorator_list)


def comments(text: str) -> Iterator[str]:
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.string


def silenced(modules: Iterable[Module]) -> Counter[str]:
    """Count the comments that silence a tool, by what silences it."""
    return Counter(
        pattern
        for module in modules
        for comment in comments(module.text)
        for pattern in SILENCED
        if re.search(pattern, comment, re.IGNORECASE)
    )


RULES: tuple[Rule, ...] = (long_module, long_function, vague_name, undocumented)


@pytest.mark.parametrize("rule", RULES)
def test_the_package_keeps_the_rule(rule: Rule) -> None:
    assert violations(rule) == []


@pytest.mark.parametrize("pattern", SILENCED)
def test_the_package_silences_tools_within_budget(pattern: str) -> None:
    assert silenced(package_modules())[pattern] <= SILENCED[pattern]


@pytest.mark.parametrize(
    ("rule", "path", "text"),
    [
        (long_module, "flowops/plan.py", "\n" * (MODULE_LINES + 1)),
        (long_function, "flowops/plan.py", "def f():" + "\n    1" * FUNCTION_LINES),
        (
            long_function,
            "flowops/plan.py",
            "class C:\n  async def f():" + "\n    1" * FUNCTION_LINES,
        ),
        (vague_name, "flowops/plan/utils.py", ""),
        (vague_name, "flowops/helpers/plan.py", ""),
        (vague_name, "flowops/common/__init__.py", ""),
        (vague_name, "flowops/_base.py", ""),
        (undocumented, "flowops/plan.py", ""),
        (undocumented, "flowops/__init__.py", ""),
        (undocumented, "flowops/__main__.py", ""),
        (undocumented, "flowops/plan.py", '"""Plan."""\ndef make(): pass'),
        (undocumented, "flowops/plan.py", '"""Plan."""\nasync def make(): pass'),
        (undocumented, "flowops/plan.py", '"""Plan."""\nclass Plan: pass'),
        (
            undocumented,
            "flowops/plan.py",
            '"""Plan."""\nclass Plan:\n  """A plan."""\n  def make(self): pass',
        ),
    ],
)
def test_the_rule_refuses(rule: Rule, path: str, text: str) -> None:
    assert list(rule(Module(path, text))) != []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("flowops/plan.py", '"""Plan."""' + "\n" * MODULE_LINES),
        ("flowops/plan.py", '"""Plan."""\ndef _f():' + "\n 1" * (FUNCTION_LINES - 1)),
        ("flowops/plan.py", '"""Plan."""\ndef f():\n  """Do."""\n  def g(): pass'),
        ("flowops/plan.py", '"""Plan."""\n@overload\ndef f(): ...'),
        ("flowops/plan.py", '"""Plan."""\nclass _Hidden:\n  def shown(self): pass'),
        ("flowops/_private.py", ""),
        ("flowops/baseline.py", '"""The name only starts like a vague one."""'),
    ],
)
def test_the_rules_accept(path: str, text: str) -> None:
    module = Module(path, text)

    assert [found for rule in RULES for found in rule(module)] == []


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("x = 1  # type: ignore[assignment]", 1),
        ("x = 1  # type:ignore", 1),
        ("x = 1  # pragma: no cover", 1),
        ("x = 1  # noqa: S101", 1),
        ("# ruff: noqa", 1),
        ("# mypy: ignore-errors", 1),
        ("# fmt: off", 1),
        ("x = 1  # NOQA  # type: ignore", 2),
        ("x = '# noqa'", 0),
        ("x = 1  # the type is ignored", 0),
    ],
)
def test_silencing_is_counted(text: str, count: int) -> None:
    assert silenced([Module("flowops/plan.py", text)]).total() == count
