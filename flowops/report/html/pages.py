"""Put a page together: a template, one style sheet, one script, and a policy.

The policy of a page lets nothing run or load but the style sheet and the script it
carries, known by their hashes. Source: Content Security Policy Level 3, of the W3C.
"""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING

from flowops.model import Severity
from flowops.pictures.words import title
from flowops.report.details import (
    SIGNS,
    WORDS,
    details_of,
    summary_line,
)
from flowops.report.html.drawings import Drawer
from flowops.report.html.flows import FlowView, view_flow
from flowops.report.visible import clipped, plural, visible

if TYPE_CHECKING:
    from jinja2 import Environment

    from flowops.model import Finding, Graph
    from flowops.report.model import ChangeReport, PlanReport

_SORTS = (
    ("create", "to create"),
    ("update", "to update"),
    ("replace", "replaced as asked"),
    ("delete", "to delete"),
    ("move", "to move"),
    ("layout", "layout only"),
    ("blocked", "cannot be promoted"),
)
_SEVERITIES = (
    (Severity.ERROR, "error"),
    (Severity.WARNING, "warning"),
    (Severity.INFO, "note"),
)
_ORDER = ("blocked", "delete", "update", "replace", "create", "layout")


def plan_html(report: PlanReport, version: str) -> str:
    """Write a plan as one page: sums, findings, and every flow with its pictures."""
    drawer = Drawer()
    changes = [change for change in report.changes if change.action in _ORDER]
    changes.sort(key=lambda change: _ORDER.index(change.action))
    views = [view_flow(change, drawer, number) for number, change in enumerate(changes)]
    return _page(
        "plan.html.j2",
        title=f"FlowOps plan for {visible(report.environment)}",
        version=version,
        report=report,
        findings=_findings(report),
        summary=summary_line(report),
        sorts=[
            (count, words, key)
            for key, words in _SORTS
            if (count := report.summary.get(key, 0)) or key != "replace"
        ],
        lost=sum(change.state_safety == "state dropping" for change in changes),
        flows=views,
    )


def _findings(report: PlanReport) -> list[tuple[str, str, list[Finding]]]:
    """Return the findings of each severity there is, the worst first."""
    groups = (
        (severity, word, [f for f in report.findings if f.severity is severity])
        for severity, word in _SEVERITIES
    )
    return [(str(severity), word, found) for severity, word, found in groups if found]


def flow_html(change: ChangeReport, version: str) -> str:
    """Write one flow as a page: its picture, or two where it is compared."""
    view = view_flow(change, Drawer(), 0)
    return _page(
        "flow.html.j2",
        title=f"{visible(change.address)}",
        version=version,
        flow=view,
        blocks=_block_list(change.after or change.before),
    )


def _block_list(
    graph: Graph | None,
) -> list[tuple[str, str, str, list[tuple[str, str]]]]:
    """Return every block with its properties and where it leads."""
    if graph is None:
        return []
    names = {block.id: clipped(title(block)) for block in graph.blocks}
    return [
        (
            block.id,
            names[block.id],
            block.type,
            [
                *((path, clipped(value)) for path, value in block.properties.items()),
                *(
                    (e.branch or "next", f"leads to {names.get(e.target, e.target)}")
                    for e in graph.edges
                    if e.source == block.id
                ),
            ],
        )
        for block in graph.blocks
    ]


def _page(template: str, **values: object) -> str:
    style, script = _style(), _text("page.js")
    policy = "; ".join(
        (
            "default-src 'none'",
            f"style-src '{_hash(style)}'",
            f"script-src '{_hash(script)}'",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )
    text = _environment().get_template(template)
    return text.render(style=style, script=script, policy=policy, **values)


def _hash(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def _style() -> str:
    """Return the style sheet, with the colours that pictures have everywhere."""
    from flowops.pictures.svg import COLOURS, DARK, SHAPES

    chosen = DARK.replace(".picture", ":root[data-theme=dark] .picture")
    wanted = DARK.replace(".picture", ":root:not([data-theme=light]) .picture")
    media = f"@media (prefers-color-scheme:dark){{\n{wanted}}}\n"
    return _text("page.css") + COLOURS + media + chosen + SHAPES


@cache
def _text(name: str) -> str:
    return files(__package__).joinpath("templates", name).read_text("utf-8")


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    environment = Environment(
        autoescape=True,
        loader=FunctionLoader(_text),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"visible": visible, "clipped": clipped}
    environment.globals |= {
        "signs": SIGNS,
        "words": WORDS,
        "plural": plural,
        "details_of": details_of,
    }
    return environment


__all__ = ["FlowView", "flow_html", "plan_html"]
