"""Who may import what, and who may touch the world.

Each rule is a function from a module's text to what is wrong with it, so that this
file can also prove, on small bad modules, that each rule refuses.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from fnmatch import fnmatch

import pytest

from tests.support.sources import Module, Rule, package_modules, violations

# A newcomer at the top level of flowops must be given a layer here.
LAYERS = {
    "cli": 6,
    "github": 6,
    "demo": 6,
    "__main__": 6,
    "promote": 5,
    "rollback": 5,
    "drift": 5,
    "guards": 5,
    "plan": 5,
    "checks": 5,
    "render": 5,
    "explain": 5,
    "scaffold": 5,
    "arrange": 5,
    "on_branch": 5,
    "diff": 4,
    "bind": 4,
    "overlays": 4,
    "project": 4,
    "git": 4,
    "report": 4,
    "pictures": 4,
    "inventory": 4,
    "journal": 4,
    "policy": 4,
    "records": 4,
    "systems": 3,
    "documents": 2,
    "http_client": 2,
    "secrets": 2,
    "schema": 2,
    "model": 1,
    "errors": 1,
    "patience": 1,
    "progress": 1,
}
SHELL = 6

STRANGERS = ("flowops.systems.connect", "flowops.systems.event_processing")

REPORT_SEES = ("report", "pictures", "model", "errors", "secrets", "documents", "")

SYSTEM = "flowops/systems/*/*"
GITHUB = ("flowops/github.py", "flowops/github/*")
# Every package we did not write has a home. One without a home is not a dependency
# of ours, even if something else happens to install it.
HOMES = {
    "boto3": (SYSTEM, *GITHUB),
    "botocore": (SYSTEM, *GITHUB),
    "confluent_kafka": (SYSTEM,),
    "git": ("flowops/git/*",),
    "jinja2": (
        "flowops/overlays.py",
        "flowops/overlays/*",
        "flowops/report.py",
        "flowops/report/*",
    ),
    "kubernetes": ("*/event_processing/targets/kubernetes/*",),
    "pg8000": (SYSTEM,),
    "pygraphviz": ("flowops/arrange/*",),
    "regex": ("flowops/*",),
    "requests": ("flowops/http_client.py",),
    "sqlite3": ("*/sandbox.py", "*/sandbox/*"),
    "typer": ("flowops/cli.py", "flowops/cli/*", *GITHUB),
    "urllib3": ("*/event_processing/targets/kubernetes/*",),
    "yaml": ("flowops/documents.py", "flowops/documents/*"),
}

# What only the shell does. Below it, a clock, a generator or a mapping is a parameter.
WORLD = (
    "builtins.breakpoint",
    "builtins.exit",
    "builtins.input",
    "builtins.print",
    "builtins.quit",
    "builtins.SystemExit",
    "datetime.date.today",
    "datetime.datetime.now",
    "datetime.datetime.today",
    "datetime.datetime.utcnow",
    "os._exit",
    "os.environ",
    "os.environb",
    "os.getenv",
    "os.putenv",
    "random.*",
    "secrets.*",
    "sys.argv",
    "sys.exit",
    "sys.stderr",
    "sys.stdin",
    "sys.stdout",
    "time.time",
    "time.time_ns",
    "uuid.uuid1",
    "uuid.uuid4",
)

# Exceptions to WORLD: (path, name) to the reason why it cannot be a parameter.
ALLOWED: dict[tuple[str, str], str] = {
    ("flowops/git/repository.py", "os.environ"): (
        "Git passes it to every program; what a hook has set must be hidden from it"
    ),
}


def room(name: str) -> str:
    """Return the part of a dotted name that LAYERS is about; "" for the root."""
    parts = name.split(".")
    return parts[1] if len(parts) > 1 and parts[1] in LAYERS else ""


def layer(name: str) -> int:
    return LAYERS.get(room(name), 0)


def imports(module: Module) -> Iterator[tuple[ast.stmt | ast.expr, str]]:
    """Find what is imported, as the longest name the import can mean."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = absolute(module, node)
            yield from ((node, f"{base}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Call) and is_dynamic(node):
            yield node, named_by(node)


def absolute(module: Module, node: ast.ImportFrom) -> str:
    if node.level == 0:
        return node.module or ""
    parts = module.package.split(".")
    base = ".".join(parts[: len(parts) - node.level + 1])
    return f"{base}.{node.module}" if node.module else base


def is_dynamic(node: ast.Call) -> bool:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
    name = node.func.id if isinstance(node.func, ast.Name) else name
    return name in {"import_module", "__import__"}


def named_by(node: ast.Call) -> str:
    match node.args:
        case [ast.Constant(value=str(name)), *_]:
            return name
    return ""


def misplaced(module: Module) -> Iterator[str]:
    parts = module.name.split(".")
    if len(parts) > 1 and parts[1] not in LAYERS:
        yield f"{module.path}: flowops.{parts[1]} has no layer in LAYERS"


def upward(module: Module) -> Iterator[str]:
    for node, target in imports(module):
        if target.split(".")[0] == "flowops" and layer(target) > layer(module.name):
            yield module.at(node, f"{module.name} is below {target}")


def between_systems(module: Module) -> Iterator[str]:
    for node, target in imports(module):
        for one, other in (STRANGERS, STRANGERS[::-1]):
            if within(module.name, one) and within(target, other):
                yield module.at(node, f"{one} must not know {other}")


def within(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def report_beyond_values(module: Module) -> Iterator[str]:
    if room(module.name) != "report":
        return
    for node, target in imports(module):
        if target.split(".")[0] == "flowops" and room(target) not in REPORT_SEES:
            yield module.at(node, f"a report must not know {target}")


def homeless(module: Module) -> Iterator[str]:
    for node, target in imports(module):
        top = target.split(".")[0]
        if top == "flowops" or (top in sys.stdlib_module_names and top not in HOMES):
            continue
        if not any(fnmatch(module.path, home) for home in HOMES.get(top, ())):
            yield module.at(node, f"{top or 'a computed name'} is not imported here")


def worldly(module: Module) -> Iterator[str]:
    if layer(module.name) == SHELL:
        return
    names = origins(module.tree)
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Name | ast.Attribute):
            origin = origin_of(node, names)
            if is_worldly(origin) and (module.path, origin) not in ALLOWED:
                yield module.at(node, f"only the shell uses {origin}")


def is_worldly(origin: str) -> bool:
    return any(fnmatch(origin, pattern) for pattern in WORLD)


def origins(tree: ast.Module) -> dict[str, str]:
    """Map each name the module makes its own to where it comes from."""
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.arg):
            found[node.arg] = ""
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found[node.id] = ""
        elif isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.split(".")[0]
                found[alias.asname or top] = alias.name if alias.asname else top
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            for alias in node.names:
                found[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return found


def origin_of(node: ast.expr, names: dict[str, str]) -> str:
    """Return the dotted name an expression stands for; "" when it has none."""
    if isinstance(node, ast.Attribute):
        base = origin_of(node.value, names)
        return f"{base}.{node.attr}" if base else ""
    if isinstance(node, ast.Name):
        return names.get(node.id, f"builtins.{node.id}")
    return ""


RULES: tuple[Rule, ...] = (
    misplaced,
    upward,
    between_systems,
    report_beyond_values,
    homeless,
    worldly,
)


@pytest.mark.parametrize("rule", RULES)
def test_the_package_keeps_the_rule(rule: Rule) -> None:
    assert violations(rule) == []


def test_every_exception_is_needed() -> None:
    texts = {module.path: module for module in package_modules()}
    unused = [
        (path, name)
        for path, name in ALLOWED
        if path not in texts or name not in used_names(texts[path])
    ]

    assert unused == []


def used_names(module: Module) -> set[str]:
    names = origins(module.tree)
    nodes = ast.walk(module.tree)
    return {origin_of(node, names) for node in nodes if isinstance(node, ast.expr)}


@pytest.mark.parametrize(
    ("rule", "path", "text"),
    [
        (misplaced, "flowops/utils.py", ""),
        (misplaced, "flowops/newcomer/part.py", ""),
        (upward, "flowops/model.py", "import flowops.plan"),
        (upward, "flowops/model.py", "import flowops.plan as later"),
        (upward, "flowops/model.py", "from flowops import plan"),
        (upward, "flowops/model.py", "from flowops.plan import make_plan"),
        (upward, "flowops/model.py", "from . import documents"),
        (upward, "flowops/__init__.py", "from .model import Flow"),
        (upward, "flowops/documents/text.py", "from ..systems import SYSTEMS"),
        (upward, "flowops/documents/text.py", "from .. import systems"),
        (upward, "flowops/diff.py", "def f():\n    from flowops import promote"),
        (upward, "flowops/git/branch.py", "if TYPE_CHECKING:\n    import flowops.cli"),
        (upward, "flowops/git/branch.py", "importlib.import_module('flowops.cli')"),
        (
            between_systems,
            "flowops/systems/connect/parser.py",
            "from flowops.systems.event_processing import parser",
        ),
        (
            between_systems,
            "flowops/systems/event_processing/__init__.py",
            "from flowops.systems import connect",
        ),
        (
            between_systems,
            "flowops/systems/connect/parser.py",
            "from ..event_processing import parser",
        ),
        (report_beyond_values, "flowops/report/text.py", "from flowops import git"),
        (report_beyond_values, "flowops/report.py", "import flowops.systems.connect"),
        (homeless, "flowops/plan.py", "import typer"),
        (homeless, "flowops/plan.py", "import yaml"),
        (homeless, "flowops/project.py", "from yaml import safe_load"),
        (homeless, "flowops/project.py", "from git import Repo"),
        (homeless, "flowops/plan.py", "from jinja2.sandbox import Environment"),
        (homeless, "flowops/systems/protocol.py", "import requests"),
        (homeless, "flowops/systems/connect/api.py", "import requests"),
        (homeless, "flowops/plan.py", "def f():\n    import boto3"),
        (homeless, "flowops/plan.py", "import botocore.session"),
        (homeless, "flowops/inventory.py", "import sqlite3"),
        (homeless, "flowops/cli/app.py", "import click"),
        (homeless, "flowops/plan.py", "importlib.import_module(name)"),
        (homeless, "flowops/plan.py", "__import__('yaml')"),
        (worldly, "flowops/plan.py", "import os\nos.environ['A']"),
        (worldly, "flowops/plan.py", "import os as system\nsystem.getenv('A')"),
        (worldly, "flowops/plan.py", "from os import environ\nenviron.get('A')"),
        (worldly, "flowops/plan.py", "import sys\nsys.exit(1)"),
        (worldly, "flowops/plan.py", "raise SystemExit(1)"),
        (worldly, "flowops/plan.py", "print('done')"),
        (worldly, "flowops/plan.py", "import sys\nsys.stdout.write('done')"),
        (worldly, "flowops/plan.py", "import datetime\ndatetime.datetime.now()"),
        (worldly, "flowops/plan.py", "from datetime import datetime\ndatetime.now()"),
        (worldly, "flowops/plan.py", "import datetime as d\nd.datetime.utcnow()"),
        (worldly, "flowops/plan.py", "from datetime import date\ndate.today()"),
        (worldly, "flowops/plan.py", "import time\nclock = time.time"),
        (worldly, "flowops/plan.py", "from uuid import uuid4\nuuid4()"),
        (worldly, "flowops/plan.py", "import random\nrandom.choice('ab')"),
        (worldly, "flowops/plan.py", "from secrets import token_hex\ntoken_hex()"),
    ],
)
def test_the_rule_refuses(rule: Rule, path: str, text: str) -> None:
    assert list(rule(Module(path, text))) != []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("flowops/__init__.py", "__version__ = '1'"),
        ("flowops/model.py", "from flowops import __version__"),
        ("flowops/plan/make.py", "from .digest import digest"),
        ("flowops/plan/make.py", "from flowops.plan import digest"),
        ("flowops/promote.py", "from flowops.model import Flow"),
        ("flowops/promote.py", "from flowops import plan, secrets\nsecrets.Secret"),
        ("flowops/systems/__init__.py", "from flowops.systems import connect"),
        ("flowops/systems/connect/target.py", "import boto3\nfrom . import parser"),
        ("flowops/systems/connect/sandbox/store.py", "import sqlite3"),
        ("flowops/report/text.py", "from jinja2 import Environment\nimport json"),
        ("flowops/cli/app.py", "import os\nimport typer\nprint(os.environ)"),
        ("flowops/plan.py", "import datetime\nt = datetime.datetime(2025, 1, 1)"),
        ("flowops/plan.py", "def f(clock):\n    return clock.now()"),
        ("flowops/plan.py", "input = 1\ndef f(exit):\n    return exit + input"),
        ("flowops/plan.py", "import time\ntime.sleep(1)"),
    ],
)
def test_the_rules_accept(path: str, text: str) -> None:
    module = Module(path, text)

    assert [found for rule in RULES for found in rule(module)] == []
