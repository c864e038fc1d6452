"""Write the inputs of the action from the command line's own options.

Usage: action_inputs.py [--check]. The block between the two marks in action.yml, and
the table in docs/github-actions.md, are made here; ``--check`` writes nothing and ends
with 1 when either would change.
"""

from __future__ import annotations

import sys
from pathlib import Path

from flowops.github.inputs import COMMANDS, COMMENTS, Input, command_inputs, variable

ROOT = Path(__file__).resolve().parents[1]
ACTION = ROOT / "action.yml"
PAGE = ROOT / "docs/github-actions.md"
# What has a value when nothing is said; everything else is empty.
DEFAULTS = {"project": "."}
OWN = (
    Input(
        "command", f"What to do. One of {', '.join(COMMANDS)}.", "value", commands=()
    ),
    Input(
        "comment",
        "When to comment on the pull request of a plan. "
        f"One of {', '.join(COMMENTS)}; changes, when absent.",
        "value",
        commands=("plan",),
    ),
)


def sentence(one: Input) -> str:
    """Say what an input is, how it is written, and which commands take it."""
    how = {"flag": " true or false.", "values": " One a line.", "words": " One a line."}
    text = one.help.rstrip(".") + "."
    taken = f" For {', '.join(one.commands)}." if one.commands else ""
    return f"{text}{how.get(one.sort, '')}{taken}"


def inputs() -> tuple[Input, ...]:
    """Return every input, the action's own first."""
    return (OWN[0], *command_inputs(), OWN[1])


def quoted(text: str) -> str:
    """Write a text as a YAML scalar in double quotes."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def input_block() -> str:
    """Return the keys of ``inputs``, indented as action.yml has them."""
    lines = []
    for one in inputs():
        lines.append(f"  {one.name}:")
        lines.append(f"    description: {quoted(sentence(one))}")
        if one.name == "command":
            lines.append("    required: true")
        else:
            lines.append(f"    default: {quoted(DEFAULTS.get(one.name, ''))}")
    return "".join(f"{line}\n" for line in lines)


def variable_block() -> str:
    """Return the variables that carry the inputs to the program."""
    lines = [
        f"        {variable(one.name)}: ${{{{ inputs.{one.name} }}}}"
        for one in inputs()
    ]
    return "".join(f"{line}\n" for line in lines)


def table() -> str:
    """Return the inputs as a Markdown table."""
    rows = ["| input | what it is |", "|---|---|"]
    rows += [f"| `{one.name}` | {sentence(one)} |" for one in inputs()]
    return "".join(f"{row}\n" for row in rows)


def between(text: str, name: str, block: str) -> str:
    """Put a block between its marks; raises ``ValueError`` where they are missing."""
    lines = text.splitlines(keepends=True)
    first = next(i for i, line in enumerate(lines) if f"begin {name}" in line)
    last = next(i for i, line in enumerate(lines) if f"end {name}" in line)
    return "".join([*lines[: first + 1], block, *lines[last:]])


def wanted() -> dict[Path, str]:
    """Return the files as they should be."""
    action = between(ACTION.read_text("utf-8"), "inputs", input_block())
    page = between(PAGE.read_text("utf-8"), "inputs", table())
    return {ACTION: between(action, "variables", variable_block()), PAGE: page}


def main() -> int:
    """Write the files, or say which are old."""
    old = [path for path, text in wanted().items() if path.read_text("utf-8") != text]
    if "--check" in sys.argv[1:]:
        for path in old:
            sys.stderr.write(f"{path.name} is old: run tools/action_inputs.py\n")
        return 1 if old else 0
    for path in old:
        path.write_text(wanted()[path], "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
