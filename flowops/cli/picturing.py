"""The command that draws a flow: ``show``."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from flowops import __version__
from flowops.cli.talking import talk
from flowops.cli.workspace import write_out
from flowops.documents.files import is_file, write_whole
from flowops.errors import OK, UsageError
from flowops.git import tree_at
from flowops.model import Graph
from flowops.project import WorkingTree, find_root, open_project, read_flow, read_flows
from flowops.report.visible import visible
from flowops.systems import SYSTEMS
from flowops.systems.protocol import BoundFlow, FlowState

if TYPE_CHECKING:
    from flowops.cli.commands.options import Picture
    from flowops.report.model import ChangeReport
    from flowops.systems.protocol import Flow


def show_command(
    folder: Path,
    word: str,
    *,
    diff: str,
    out: Path | None,
    opens: bool,
    output: Picture,
) -> int:
    """Draw a flow, and with ``diff`` how it differs from a Git ref.

    A page is written to a file and opened, the other formats go to stdout.
    """
    root, path = find_flow(folder, word)
    flow = read_flow(path, WorkingTree(root))
    report = _report(root, flow, diff)
    text = _written(report, output)
    if out is None and output.value != "html":
        write_out(text)
        return OK
    place = out or _new_file(flow)
    write_whole(place, text.encode())
    talk(f"The picture of {visible(str(flow.address))} is in {visible(str(place))}")
    if opens and output.value == "html" and _is_watched():
        _open(place)
    return OK


def find_flow(folder: Path, word: str) -> tuple[Path, str]:
    """Return where a flow lies: a folder, and the path below it.

    A file is taken as it is; any other word is looked for in the project, as a name,
    an address or a path. Raises ``UsageError`` when there is none.
    """
    if is_file(Path(word)):
        place = Path(word).resolve()
        return place.parent, place.name
    root = find_root(folder)
    flows = read_flows(open_project(root)).flows
    for flow in flows:
        if word in (flow.address.name, str(flow.address), flow.source.path):
            return root, flow.source.path
    names = ", ".join(repr(flow.address.name) for flow in flows[:5])
    raise UsageError(
        f"no file and no flow is called {word!r}", hint=f"there are: {names or 'none'}"
    )


def flow_graph(flow: Flow) -> Graph:
    """Return the graph of a flow as its file says it, for no environment."""
    from flowops.systems.connect.language import ContactFlow
    from flowops.systems.connect.legacy.language import LegacyFlow
    from flowops.systems.connect.rendering import CONTENT

    system = SYSTEMS[flow.address.system]
    if isinstance(flow.body, (ContactFlow, LegacyFlow)):
        files = {CONTENT: flow.body.source.text}
        return system.describe(FlowState(flow.address, files))
    bound = BoundFlow(flow, settings=flow.settings, type=flow.type)
    return system.describe(system.render(bound).state())


def _report(root: Path, flow: Flow, ref: str) -> ChangeReport:
    from flowops.plan.reporting import report_difference
    from flowops.report.model import ChangeReport

    now, address, path = flow_graph(flow), str(flow.address), flow.source.path
    if not ref:
        return ChangeReport(address, path, "show", after=now)
    tree = tree_at(root, ref)
    if tree.read(path) is None:
        talk(f"{visible(path)} was not there at {visible(ref)}: all of it is new")
        return report_difference(address, path, Graph(), now)
    return report_difference(address, path, flow_graph(read_flow(path, tree)), now)


def _written(report: ChangeReport, output: Picture) -> str:
    if output.value == "html":
        from flowops.report.html import flow_html

        return flow_html(report, __version__)
    from flowops.pictures.marks import UNMARKED, both, compare

    before = report.before if report.before and report.before.blocks else None
    graph = both(before, report.after)
    compared = report.before is not None
    marks = compare(report.before, report.after).marks if compared else UNMARKED
    if output.value == "mermaid":
        from flowops.pictures.mermaid import graph_mermaid

        diagram = graph_mermaid(graph, marks)
        if diagram.note:
            talk(diagram.note)
        return diagram.text
    from flowops.pictures.picture import draw
    from flowops.pictures.svg import picture_svg

    return picture_svg(draw(graph, marks), report.address)


def _new_file(flow: Flow) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="flowops-"))
    kept = "".join(c if c.isalnum() or c in "-_" else "-" for c in flow.address.name)
    return folder / f"{kept[:60] or 'flow'}.html"


def _is_watched() -> bool:
    """Tell whether somebody sits at a terminal, and no service runs this."""
    return sys.stderr.isatty() and not os.environ.get("CI")


def _open(place: Path) -> None:
    import webbrowser

    if not webbrowser.open(place.resolve().as_uri()):
        talk("No browser could be opened; open the file yourself.")
