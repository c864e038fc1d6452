"""The package as text: what the architecture tests look at, never imported."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Module:
    """One source file, under its path from the root of the repository."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)

    @property
    def name(self) -> str:
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    @property
    def package(self) -> str:
        """The package that a relative import starts from."""
        inside = self.path.endswith("/__init__.py")
        return self.name if inside else self.name.rpartition(".")[0]

    def at(self, node: ast.stmt | ast.expr, message: str) -> str:
        return f"{self.path}:{node.lineno}: {message}"


Rule = Callable[[Module], Iterator[str]]


@cache
def package_modules() -> tuple[Module, ...]:
    """Read every module of flowops."""
    return tuple(
        Module(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8"))
        for path in sorted((ROOT / "flowops").rglob("*.py"))
    )


def violations(rule: Rule) -> list[str]:
    """Apply a rule to the whole package."""
    return [found for module in package_modules() for found in rule(module)]
