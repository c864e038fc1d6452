"""Pages and diagrams in a real browser: Chromium, with axe and with Mermaid itself.

Needs what tools/browser_parts.py fetches, and Playwright; without them the tests are
skipped, or fail where FLOWOPS_BROWSER=1 says that they have to be there.
"""

from __future__ import annotations

import importlib.util
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from flowops.cli.picturing import flow_graph
from flowops.model import Graph
from flowops.pictures.marks import UNMARKED
from flowops.pictures.mermaid import (
    MAXIMUM_EDGES,
    MAXIMUM_TEXT,
    graph_mermaid,
    mermaid,
)
from flowops.pictures.picture import draw
from flowops.pictures.svg import picture_svg
from flowops.project import WorkingTree, read_flow
from flowops.report.html import flow_html, plan_html
from flowops.report.model import ChangeReport
from tests.support.pictures import (
    CORPUS,
    changed,
    hostile,
    large_flow,
    numbered,
    small_after,
    small_before,
)
from tests.support.report_cases import CASES, many, new_case
from tools import browser_parts

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

IS_REQUIRED = os.environ.get("FLOWOPS_BROWSER") == "1"
KEEP = os.environ.get("FLOWOPS_SCREENSHOTS", "")
"""A folder that pictures of the pages are left in, for a person to look at."""

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("browser")]

LATE = 120_000  # milliseconds, for a machine that has much to do
WIDTHS = (360, 1440)
PAGES = ("small", "large", "alone", "hostile", "plan", "errors", "many")


def absent() -> str:
    if importlib.util.find_spec("playwright") is None:
        return "Playwright is not installed"
    return browser_parts.lacking()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if reason := absent():
        pytest.fail(reason) if IS_REQUIRED else pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    libraries = f"{browser_parts.LIBRARIES}:{os.environ.get('LD_LIBRARY_PATH', '')}"
    with sync_playwright() as driver:
        found = driver.chromium.launch(
            executable_path=browser_parts.CHROMIUM,
            args=["--headless", "--no-sandbox"],
            env={**os.environ, "LD_LIBRARY_PATH": libraries},
            timeout=LATE,
        )
        yield found
        found.close()


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return where a page lies; each is written once."""
    folder = tmp_path_factory.mktemp("pages")

    def page(name: str) -> Path:
        place = folder / f"{name}.html"
        if not place.exists():
            place.write_text(written(name, folder), "utf-8")
        return place

    return page


def written(name: str, folder: Path) -> str:
    if name == "small":
        return flow_html(changed(small_before(), small_after()), "1.2.3")
    if name == "large":
        return flow_html(changed(*large()), "1.2.3")
    if name == "alone":
        return flow_html(shown(small_after()), "1.2.3")
    if name == "hostile":
        return flow_html(changed(Graph(), hostile(), "<b>&hostile;"), "1.2.3")
    case = {"plan": "update", "errors": "unresolved", "many": "update"}[name]
    report = CASES[case](new_case(folder / f"project-{name}"))
    return plan_html(many(report, 500) if name == "many" else report, "1.2.3")


def shown(graph: Graph) -> ChangeReport:
    return ChangeReport("connect/contact-flow/IVR", "ivr.json", "show", after=graph)


def large() -> tuple[Graph, Graph]:
    """A flow of more than 90 blocks with three changed, and without one of them."""
    if not CORPUS.is_dir():
        pytest.skip("the corpus of real flows is not on this machine")
    document = large_flow()
    before = read(document)
    for number in (3, 20, 60):
        document["Actions"][number]["Parameters"]["Text"] = "other words"
    gone = document["Actions"].pop(30)["Identifier"]
    text = json.dumps(document).replace(gone, document["StartAction"])
    after = read(json.loads(text))
    assert len(after.blocks) > 90
    return before, after


def read(document: dict[str, Any]) -> Graph:
    class Tree(WorkingTree):
        def read(self, path: str) -> bytes:
            return json.dumps(document).encode()

    return flow_graph(read_flow("large.json", Tree(Path())))


@pytest.fixture
def open_page(
    browser: Browser, pages: Callable[[str], Path]
) -> Iterator[Callable[..., Page]]:
    """Open pages that may say nothing on the console and ask for nothing else."""
    said: list[str] = []
    contexts = []

    def open_one(name: str, width: int = 1440, scheme: Any = "light") -> Page:
        size: Any = {"width": width, "height": 900}
        context = browser.new_context(viewport=size, color_scheme=scheme)
        context.set_default_timeout(LATE)
        contexts.append(context)
        page = context.new_page()
        place = pages(name).as_uri()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda r: said.append(r.url) if r.url != place else None)
        page.goto(place)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert said == []


def open_flow(page: Page) -> None:
    """Unfold the first flow of a plan; other pages have theirs open."""
    summary = page.locator("details.flow:not([open]) > summary")
    if (
        page.locator("details.flow").count()
        and not page.locator("details[open]").count()
    ):
        summary.first.click()
        until_prepared(page)


def until_prepared(page: Page) -> None:
    """Wait until the unfolded pictures can be used: the page hears of them late."""
    every = "[...document.querySelectorAll('details[open] svg.picture')].every"
    page.wait_for_function(f"{every}(svg => svg.dataset.scale)")


def keep(page: Page, name: str) -> None:
    if KEEP:
        page.screenshot(path=Path(KEEP) / f"{name}.png")


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_its_window(
    name: str, width: int, open_page: Callable[..., Page]
) -> None:
    page = open_page(name, width)
    open_flow(page)
    wide = "document.documentElement.scrollWidth - window.innerWidth"
    assert page.evaluate(wide) <= 0
    keep(page, f"{name}-{width}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", [name for name in PAGES if name != "many"])
def test_axe_finds_nothing(
    name: str, scheme: str, open_page: Callable[..., Page]
) -> None:
    page = open_page(name, 1440, scheme)
    open_flow(page)
    if page.locator(".block").count():
        page.locator(".block").first.click()
    page.evaluate(browser_parts.AXE.read_text("utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    assert [
        (v["id"], [n["html"] for n in v["nodes"]]) for v in found["violations"]
    ] == []
    keep(page, f"{name}-{scheme}")


def test_a_click_shows_what_changes_in_a_block(open_page: Callable[..., Page]) -> None:
    page = open_page("small")
    panel = page.locator(".detail")
    assert panel.is_hidden()
    page.locator("figure").nth(1).locator("[data-block=Welcome]").click()
    assert panel.is_visible()
    words = panel.inner_text()
    assert "changed: Welcome" in words
    assert "Hello\tHello & welcome" in words
    assert page.locator(".block.chosen").count() == 2, "in both pictures"
    panel.get_by_role("button", name="Close").click()
    assert panel.is_hidden()


def test_a_block_that_stays_says_so(open_page: Callable[..., Page]) -> None:
    page = open_page("plan")
    open_flow(page)
    page.locator("figure").nth(1).locator("[data-block='Hang up']").click()
    words = page.locator(".detail").inner_text()
    assert "Hang up, DisconnectParticipant" in words
    assert "This block does not change." in words


def test_a_keyboard_is_enough(open_page: Callable[..., Page]) -> None:
    page = open_page("small")
    focused = "document.activeElement.dataset.block"

    def walk(*keys: str) -> str:
        for key in keys:
            page.keyboard.press(key)
        return str(page.evaluate(focused))

    for _ in range(12):  # past the buttons, into the first picture
        if walk("Tab") == "Welcome":
            break
    assert walk() == "Welcome"
    assert page.locator(".link.near").count() == 3
    assert walk("ArrowRight") == "Ask"
    assert walk("ArrowRight") == "Bye"
    assert walk("ArrowRight") == "Bye", "nothing lies further on"
    assert walk("ArrowLeft", "ArrowLeft") == "Welcome"
    assert walk("End") == "Bye"
    assert walk("Home") == "Welcome"
    assert page.locator(".detail").is_hidden()
    walk("Enter")
    assert page.locator(".detail").is_visible()
    assert walk("Escape") == "Welcome"
    assert page.locator(".detail").is_hidden()
    walk("Enter")
    page.locator(".detail .dismiss").focus()
    assert walk("Escape") == "Welcome", "the way back leads to the block"
    assert (
        page.evaluate("document.querySelectorAll('svg [tabindex=\"0\"]').length") == 2
    )


def test_a_screen_reader_hears_what_a_block_is(open_page: Callable[..., Page]) -> None:
    page = open_page("small")
    session = page.context.new_cdp_session(page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    said = [
        (node["role"]["value"], node["name"]["value"])
        for node in nodes
        if not node["ignored"] and node.get("name", {}).get("value")
    ]
    assert ("group", "Before: 3 blocks") in said
    assert ("group", "After: 4 blocks") in said
    assert (
        "button",
        (
            "Ask, GetParticipantInput, + if Equals 1 leads to Queue (added), "
            "next, error NoMatchingError leads to Bye"
        ),
    ) in said


def test_the_colours_follow_the_system_and_the_button(
    open_page: Callable[..., Page],
) -> None:
    page = open_page("small", 1440, "dark")
    ground = "getComputedStyle(document.body).backgroundColor"
    box = "getComputedStyle(document.querySelector('.block:last-of-type .box')).fill"
    dark = page.evaluate(ground), page.evaluate(box)
    page.get_by_role("button", name="Light colours").click()
    light = page.evaluate(ground), page.evaluate(box)
    assert dark == ("rgb(13, 17, 23)", "rgb(28, 33, 40)")
    assert light == ("rgb(255, 255, 255)", "rgb(246, 248, 250)")
    page.get_by_role("button", name="Dark colours").click()
    assert (page.evaluate(ground), page.evaluate(box)) == dark


def test_the_pictures_can_be_enlarged_and_put_below_each_other(
    open_page: Callable[..., Page],
) -> None:
    page = open_page("small")
    svg = page.locator("svg.picture").first
    size = svg.bounding_box()
    page.get_by_role("button", name="zoom into Before").click()
    larger = svg.bounding_box()
    assert size
    assert larger
    assert larger["width"] == pytest.approx(size["width"] * 1.25, abs=2)
    places = "[...document.querySelectorAll('figure')].map(f => f.offsetTop)"
    first, second = page.evaluate(places)
    assert first < second, "pictures this wide are put below each other"
    page.get_by_role("button", name="Side by side").click()
    first, second = page.evaluate(places)
    assert first == second
    page.get_by_role("button", name="One above the other").click()
    first, second = page.evaluate(places)
    assert first < second


def test_500_flows_can_be_searched(open_page: Callable[..., Page]) -> None:
    page = open_page("many")
    count = page.locator("#count")
    assert count.inner_text() == "500 of 500 flows shown"
    page.fill("#search", "FLOW 04")
    assert count.inner_text() == "15 of 500 flows shown"
    page.fill("#search", "flow identify caller 123")
    assert count.inner_text() == "1 of 500 flows shown"
    page.select_option("#action", "delete")
    assert count.inner_text() == "0 of 500 flows shown"
    page.select_option("#action", "")
    page.locator("details.flow:not([hidden]) > summary").click()
    until_prepared(page)
    assert page.locator("details[open] svg.picture").count() == 2
    assert page.locator("svg[data-scale]").count() == 2, "the others wait"


def test_the_flows_that_are_shown_can_be_unfolded(
    open_page: Callable[..., Page],
) -> None:
    page = open_page("many")
    page.fill("#search", "flow 04")
    page.get_by_role("button", name="Unfold all").click()
    assert page.locator("details.flow[open]").count() == 15
    page.get_by_role("button", name="Fold all").click()
    assert page.locator("details.flow[open]").count() == 0
    page.fill("#search", "nothing is called so")
    assert page.locator("#unfold").is_hidden()


def test_paper_is_white_and_no_picture_is_wider(open_page: Callable[..., Page]) -> None:
    page = open_page("large", 700, "dark")
    ground = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(ground)
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate(ground) == "rgb(255, 255, 255)"
    widths = "[...document.querySelectorAll('svg.picture')].map(s => s.clientWidth)"
    assert max(page.evaluate(widths)) <= 700
    assert page.locator(".zoom").first.is_hidden()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.evaluate(ground) == dark == "rgb(13, 17, 23)"


def test_a_narrow_window_has_values_below_each_other(
    open_page: Callable[..., Page],
) -> None:
    page = open_page("small", 390)
    cells = page.locator(".pairs tbody tr").first.locator("td")
    one, other = (cells.nth(n).bounding_box() for n in (0, 1))
    assert one
    assert other
    assert other["y"] >= one["y"] + one["height"]
    words = "getComputedStyle(document.querySelectorAll('.pairs td')[%d], '::before')"
    told = [page.evaluate(f"{words % n}.content") for n in (0, 1)]
    assert told == ['"before "', '"after "']


def test_hostile_words_are_read_and_do_nothing(open_page: Callable[..., Page]) -> None:
    page = open_page("hostile")
    for block in page.locator(".block").all():
        block.dispatch_event("click")
        assert page.locator(".detail .body > *").count() >= 1
    assert page.title() == "connect/contact-flow/<b>&hostile;"
    assert page.locator("img, .detail script, main style").count() == 0
    assert page.locator("script").count() == 1
    words = page.locator(".block").nth(1).locator("title").text_content()
    assert str(words).startswith("</script><script>document.title='broken'</script>")


def test_a_page_is_readable_without_its_script(
    browser: Browser, pages: Callable[[str], Path]
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(pages("plan").as_uri())
    assert page.locator("details[open] svg.picture").count() == 2
    assert page.locator("ul.blocks > li").count() >= 3
    assert page.locator("form").is_hidden()
    context.close()


@pytest.mark.parametrize("graph", [small_after(), hostile()], ids=["small", "hostile"])
def test_an_svg_file_is_shown_as_an_image(
    graph: Graph, browser: Browser, tmp_path: Path
) -> None:
    picture = draw(graph, UNMARKED)
    (tmp_path / "flow.svg").write_text(picture_svg(picture, "A flow"), "utf-8")
    (tmp_path / "page.html").write_text('<img src="flow.svg">', "utf-8")
    page = browser.new_page()
    page.goto((tmp_path / "page.html").as_uri())
    width = page.evaluate("document.images[0].naturalWidth")
    page.close()
    assert width == picture.width


def diagrams() -> dict[str, str]:
    return {
        "difference": mermaid(small_before(), small_after()).text,
        "hostile": graph_mermaid(hostile()).text,
        "empty": graph_mermaid(Graph()).text,
    }


_RENDER = """
async (text) => {
  mermaid.initialize({startOnLoad: false, securityLevel: "strict"});
  const {svg} = await mermaid.render("drawn", text);
  document.body.innerHTML = svg;
  return document.body.textContent;
}
"""


def mermaid_page(browser: Browser) -> Page:
    page = browser.new_page()
    page.set_content("<body></body>")
    page.add_script_tag(path=browser_parts.MERMAID)
    return page


@pytest.mark.parametrize("name", diagrams())
def test_mermaid_draws_every_diagram(name: str, browser: Browser) -> None:
    text, page = diagrams()[name], mermaid_page(browser)
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    words = page.evaluate(_RENDER, text)
    assert "Unsupported markdown" not in words
    assert page.locator("g.node").count() == text.count('["')
    assert page.locator("body script, img, a").count() == 0
    assert page.title() == ""
    if name == "hostile":
        assert "<img src=x onerror=" in words
        assert "`end` #quot; &lt;b&gt; 1. - {{ 7*7 }}" in words
    if KEEP and name != "empty":
        page.locator("svg").first.screenshot(path=Path(KEEP) / f"mermaid-{name}.png")
    page.close()
    assert said == []


def test_our_limits_are_those_of_mermaid(browser: Browser) -> None:
    """The largest diagram we write passes; one edge or one character more does not."""
    ring = [(n, (n + 1) % 300) for n in range(300)] + [(n, 0) for n in range(1, 299)]
    text = graph_mermaid(numbered(300, ring)).text
    page = mermaid_page(browser)
    assert text.count(" --> ") + text.count(" -->|") == MAXIMUM_EDGES
    parse = "text => mermaid.parse(text).then(() => 'fine', error => String(error))"
    assert page.evaluate(parse, text) == "fine"
    assert "Edge limit exceeded" in page.evaluate(parse, f"{text}  b0 --> b1\n")
    for size, words in (
        (MAXIMUM_TEXT, "words"),
        (MAXIMUM_TEXT + 1, "Maximum text size"),
    ):
        start, end = "flowchart LR\n  b0[words ", "]\n"
        padded = start + "x" * (size - len(start) - len(end)) + end
        assert words in page.evaluate(_RENDER, padded)
    page.close()
