"""Every code that can stand in the output is explained: they are looked for in the
source, through every function that makes a finding or refuses."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import pytest

from flowops.bind import _FAILURES
from flowops.explain.rules import known_rules
from flowops.guards import GUARDS
from flowops.systems.connect.rules.registry import RULES
from flowops.systems.connect.rules.view_registry import VIEW_RULES
from tests.support.sources import Module, package_modules

Function = ast.FunctionDef | ast.AsyncFunctionDef
ONLY_BY_NAME = 99
CODE = re.compile(r"([a-z]+(?:-[a-z]+)*): ")
# What no text in the code says: the rows of registries, by the attribute read.
REGISTRIES = {
    "self.id": {*(r.id for r in RULES), *(r.id for r in VIEW_RULES)},
    "LEGACY.id": {"connect/legacy"},
    "found.rule": set[str](),  # of a finding that exists already
    "binding.state": {str(state) for state in _FAILURES},
}


@dataclass(frozen=True)
class Scope:
    """A call, the function it stands in, and the module."""

    module: Module
    function: Function | None
    call: ast.Call


@dataclass(frozen=True)
class Maker:
    """A function that is told a rule: where in its arguments, and how it names it."""

    name: str
    place: int
    keyword: str
    template: str = "{}"
    path: str = ""  # of the module, where the name is private

    def is_called(self, scope: Scope) -> bool:
        return called(scope.call) == self.name and self.path in ("", scope.module.path)


FIRST = (Maker("Finding", 0, "rule"), Maker("as_finding", 1, "rule"))


def scopes(modules: Sequence[Module]) -> Iterator[Scope]:
    for module in modules:
        yield from calls_in(module, module.tree, None)


def calls_in(module: Module, node: ast.AST, inside: Function | None) -> Iterator[Scope]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Call):
            yield Scope(module, inside, child)
        yield from calls_in(
            module, child, child if isinstance(child, Function) else inside
        )


def called(call: ast.Call) -> str:
    return ast.unparse(call.func).rpartition(".")[2]


def argument(call: ast.Call, maker: Maker) -> ast.expr | None:
    named = [k.value for k in call.keywords if k.arg == maker.keyword]
    if named:
        return named[0]
    return call.args[maker.place] if len(call.args) > maker.place else None


def finding_rules(modules: Sequence[Module]) -> tuple[set[str], list[str]]:
    """Return the rules that findings name, and the places that cannot be followed."""
    every = list(scopes(modules))
    rules, lost = set[str](), list[str]()
    waiting, done = list(FIRST), set[Maker]()
    while waiting:
        maker = waiting.pop()
        if maker in done:
            continue
        done.add(maker)
        for scope in every:
            rule = argument(scope.call, maker) if maker.is_called(scope) else None
            if rule is None:
                continue
            for template, text in texts(rule, scope):
                name = maker.template.format(template)
                if isinstance(text, str):
                    rules.add(name.format(text))
                elif (found := passed_on(text, scope)) is not None:
                    waiting.append(replace(found, template=name))
                elif ast.unparse(text) in REGISTRIES:
                    words = REGISTRIES[ast.unparse(text)]
                    rules |= {name.format(word) for word in words}
                else:
                    lost.append(scope.module.at(text, ast.unparse(text)))
    return rules, lost


def texts(rule: ast.expr, scope: Scope) -> Iterator[tuple[str, str | ast.expr]]:
    """Give what an argument can be: texts, and what else has to be followed."""
    match rule:
        case ast.Constant(value=str(text)):
            yield "{}", text
        case ast.JoinedStr(
            values=[ast.Constant(value=str(start)), ast.FormattedValue() as end]
        ):
            for template, value in texts(end.value, scope):
                yield start + template, value
        case _ if others := choices(rule, scope):
            for choice in others:
                yield from texts(choice, scope)
        case _:
            yield "{}", rule


def choices(rule: ast.expr, scope: Scope) -> list[ast.expr]:
    """Return what an expression chooses from, or nothing where it chooses not."""
    match rule:
        case ast.IfExp():
            return [rule.body, rule.orelse]
        case ast.Subscript(value=ast.Name() as table):
            tables = assigned(table.id, scope)
            return [
                v
                for found in tables
                if isinstance(found, ast.Dict)
                for v in found.values
            ]
        case ast.Name():
            return assigned(rule.id, scope)
    return []


def assigned(name: str, scope: Scope) -> list[ast.expr]:
    """Return what is assigned to a name, by the function or else by its module."""
    inside = ast.walk(scope.function) if scope.function else ()
    return values_of(name, inside) or values_of(name, scope.module.tree.body)


def values_of(name: str, nodes: Iterable[ast.AST]) -> list[ast.expr]:
    """Return what statements assign to a name, alone or among others."""
    found: list[ast.expr] = []
    for node in nodes:
        if not isinstance(node, ast.Assign):
            continue
        for target in node.targets:
            pairs = [(target, node.value)]
            if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                pairs = list(zip(target.elts, node.value.elts, strict=False))
            found += [v for t, v in pairs if isinstance(t, ast.Name) and t.id == name]
    return found


def passed_on(text: ast.expr, scope: Scope) -> Maker | None:
    """Return the function whose parameter a rule is, or nothing."""
    function = scope.function
    if not (function and isinstance(text, ast.Name)):
        return None
    names = [a.arg for a in (*function.args.posonlyargs, *function.args.args)]
    keywords = [a.arg for a in function.args.kwonlyargs]
    if text.id not in (*names, *keywords):
        return None
    place = names.index(text.id) if text.id in names else ONLY_BY_NAME
    path = scope.module.path if function.name.startswith("_") else ""
    return Maker(function.name, place, text.id, path=path)


def refused_codes(modules: Sequence[Module]) -> set[str]:
    """Return what refusals name themselves: the word before the first colon."""
    found: set[str] = set()
    for scope in scopes(modules):
        if called(scope.call) == "RefusedError" and scope.call.args:
            match scope.call.args[0]:
                case ast.Constant(value=str(text)):
                    start = text
                case ast.JoinedStr(values=[ast.Constant(value=str(text)), *_]):
                    start = text
                case _:
                    start = ""
            found |= {match[1] for match in [CODE.match(start)] if match}
    return found


def test_every_rule_of_a_finding_is_explained() -> None:
    made, lost = finding_rules(package_modules())

    assert lost == []
    assert made - {rule.name for rule in known_rules()} == set()


def test_every_refusal_is_explained_as_a_guard() -> None:
    guards = {rule.name for rule in known_rules() if rule.sort == "guard"}

    assert refused_codes(package_modules()) - guards == set()


def test_nothing_is_explained_that_no_output_can_hold() -> None:
    made, _ = finding_rules(package_modules())
    refused = refused_codes(package_modules()) | {guard.name for guard in GUARDS}

    assert {rule.name for rule in known_rules()} == made | refused


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("Finding('a/b', 1)", {"a/b"}),
        ("Finding(severity=1, rule='a/b')", {"a/b"}),
        ("model.Finding('a/b' if x else 'c/d')", {"a/b", "c/d"}),
        ("as_finding(error, 'a/b')", {"a/b"}),
        ("def f():\n r = 'a/b' if x else 'c/d'\n return Finding(r)", {"a/b", "c/d"}),
        ("def f(p, rule):\n return Finding(f'a/{rule}')\nf(1, 'b')", {"a/b"}),
        (
            """def f(*, rule):\n return Finding(rule)
def g(word):\n return f(rule=f'x/{word}')\ng('y')""",
            {"x/y"},
        ),
        ("def f():\n return Finding(rule=f'r/{binding.state}')", {"r/unresolved"}),
        ("WORD = 'a/b'\ndef f():\n return Finding(WORD)", {"a/b"}),
        ("def f(x):\n t = {1: 'a/b'}\n r, h = t[x], 1\n return Finding(r)", {"a/b"}),
    ],
)
def test_rules_are_found_through_functions(text: str, rules: set[str]) -> None:
    made, lost = finding_rules([Module("flowops/a.py", text)])

    assert rules <= made
    assert lost == []


def test_a_rule_that_cannot_be_followed_is_said() -> None:
    text = "Finding(anything())"

    assert finding_rules([Module("flowops/a.py", text)])[1] == [
        "flowops/a.py:1: anything()"
    ]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("RefusedError('some-code: why')", {"some-code"}),
        ("errors.RefusedError(f'some-code: {x}', hint='y')", {"some-code"}),
        ("RefusedError(f'{x} is refused')", set()),
        ("InputError('some-code: why')", set()),
    ],
)
def test_codes_of_refusals_are_found(text: str, codes: set[str]) -> None:
    assert refused_codes([Module("flowops/a.py", text)]) == codes
