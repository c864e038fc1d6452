"""The command that says where a value comes from, or what a rule is: ``explain``."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from flowops import __version__
from flowops.cli.commands.options import Format
from flowops.cli.workspace import sources_of, write_out
from flowops.documents.canonical import pretty_json
from flowops.errors import FAILED, OK, UsageError
from flowops.explain.rules import explain_rule, known_rules
from flowops.explain.values import explain_value
from flowops.project import find_root, open_project
from flowops.report.model import FORMAT_VERSION
from flowops.report.text import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from flowops.documents.json_text import JsonValue
    from flowops.explain.rules import Rule
    from flowops.explain.values import ExplainedValue


def explain_command(
    folder: Path,
    word: str | None,
    *,
    environment: str | None,
    listed: bool,
    output: Format,
) -> int:
    """Explain a value with an environment, else a rule or a guard."""
    if listed and (word is not None or environment is not None):
        raise UsageError("--list stands alone: it names every rule and guard")
    if environment is not None:
        return _explain_values(folder, word or "", environment, output)
    if word is None and not listed:
        raise UsageError(
            "nothing to explain", hint="name a rule or guard, or a value with --env"
        )
    rules = known_rules() if word is None else (explain_rule(word),)
    if output is Format.JSON:
        write_out(_document({"rules": [asdict(rule) for rule in rules]}))
    elif word is None:
        write_out("".join(_listed(rules)))
    else:
        write_out("".join(_rule(rules[0])))
    return OK


def _explain_values(folder: Path, path: str, environment: str, output: Format) -> int:
    project = open_project(find_root(folder))
    values = explain_value(path, environment, sources_of(project))
    if output is Format.JSON:
        shown: list[JsonValue] = [_value_json(value) for value in values]
        write_out(_document({"environment": environment, "values": shown}))
    else:
        write_out("\n".join("".join(_value(value)) for value in values))
    return FAILED if any(value.problem for value in values) else OK


def _document(content: dict[str, JsonValue]) -> str:
    return pretty_json(
        {"format_version": FORMAT_VERSION, "flowops_version": __version__, **content}
    )


def _value(value: ExplainedValue) -> Iterator[str]:
    shown = "taken away" if value.value is None else value.value
    yield f"{visible(value.path)}: {visible(shown)}\n"
    for used, place in zip(value.uses, value.places, strict=True):
        yield f"    filled from {visible(used)} at {visible(str(place))}\n"
    if value.problem:
        yield f"    cannot be filled: {visible(value.problem)}\n"
    for index, origin in enumerate(value.chain):
        words = "null, which takes away" if origin.typed == "null" else origin.typed
        instead = "    instead of " if index else "    "
        yield f"{instead}{visible(str(origin.location))}: {visible(words)}\n"


def _value_json(value: ExplainedValue) -> dict[str, JsonValue]:
    return {
        "path": value.path,
        "value": value.value,
        "removed": value.value is None,
        "uses": list(value.uses),
        "used_places": [
            {"path": place.path, "line": place.line, "column": place.column}
            for place in value.places
        ],
        "problem": value.problem or None,
        "chain": [
            {
                "path": origin.location.path,
                "line": origin.location.line,
                "column": origin.location.column,
                "typed": origin.typed,
            }
            for origin in value.chain
        ],
    }


def _listed(rules: Sequence[Rule]) -> Iterator[str]:
    width = max(len(rule.name) for rule in rules)
    for rule in rules:
        yield f"{rule.sort:5}  {rule.name:{width}}  {rule.title}\n"


def _rule(rule: Rule) -> Iterator[str]:
    yield f"{rule.sort} {rule.name}: {rule.title}\n\n"
    yield f"{rule.text}\n\n"
    yield f"What to do: {rule.hint}\n"
