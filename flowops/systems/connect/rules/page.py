"""The page of the documentation about rules, made from the registry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.systems.connect.rules.registry import RULES
from flowops.systems.connect.rules.view_registry import VIEW_RULES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowops.systems.connect.rules.rule import Rule
    from flowops.systems.connect.rules.view_rule import ViewRule

_HEAD = """\
# Rules for Amazon Connect flows

`flowops check` says these things about a flow without asking an instance; those under
*when it is planned* need an environment. An error fails the check and blocks a
promote, a warning fails only with `--strict`, an info never fails. A rule
that rests on what others saw, and not on a promise of AWS, is a warning.

This page is made from the rules themselves; a test holds the two together.
"""


def rules_page(
    rules: Sequence[Rule] = RULES, views: Sequence[ViewRule] = VIEW_RULES
) -> str:
    """Return the page as Markdown, the same for the same rules."""
    every: list[Rule | ViewRule] = [*rules, *views]
    read = [rule for rule in rules if rule.find or rule.find_together]
    bound = [rule for rule in rules if rule.find_bound]
    return (
        "\n".join(
            [
                _HEAD,
                "| rule | severity | what it says |\n|---|---|---|",
                *(
                    f"| [`{r.id}`](#{_anchor(r)}) | {r.severity} | {r.title} |"
                    for r in every
                ),
                "\n## When a flow is read\n",
                *(_section(rule) for rule in read),
                "## When it is planned\n",
                *(_section(rule) for rule in bound),
                "## Views, and the flows that show them\n",
                *(_section(rule) for rule in views),
            ]
        ).rstrip("\n")
        + "\n"
    )


def _section(rule: Rule | ViewRule) -> str:
    head = f"### {rule.id}\n\n*{rule.severity}*: {rule.title}."
    return f"{head}\n\n{rule.text}\n\nSource: {rule.source}.\n"


def _anchor(rule: Rule | ViewRule) -> str:
    return rule.id.replace("/", "")
