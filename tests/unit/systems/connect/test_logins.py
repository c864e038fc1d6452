"""A login inside an address is hidden wherever a flow or a view is shown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from flowops.secrets import Secret, open_text
from flowops.systems import connect
from flowops.systems.protocol import BoundFlow
from tests.support.contact_flows import INSTANCE, action, contact_flow, read
from tests.support.legacy_flows import legacy_flow, module, parameter
from tests.support.projects import Result, SandboxProject, run
from tests.support.views import component, template, view

MARKER = "hunter2"
URL = f"https://me:{MARKER}@host.test/path?q=a@b"
SHOWN = "https://<username_redacted>:<password_redacted>@host.test/path?q=a@b"


def flow(value: str) -> dict[str, Any]:
    parameters = {"LambdaInvocationAttributes": {"endpoint": value}}
    set_it = action("a", "UpdateContactAttributes", parameters, "z")
    set_it["Transitions"]["Errors"] = [
        {"NextAction": "z", "ErrorType": "NoMatchingError"}
    ]
    return contact_flow([set_it, action("z", "DisconnectParticipant")])


def old_flow(value: str) -> dict[str, Any]:
    given = parameter("Attribute", value, key="endpoint", namespace=None)
    return legacy_flow([module("a", "SetAttributes", [given])])


def page(value: str, *, is_text: bool = False) -> dict[str, Any]:
    shown = template()
    shown["Body"][0]["Content"].append(component("link", "Link", Href=value))
    document = view(shown)
    if is_text:
        content = document["Content"]
        content["Template"] = json.dumps(content["Template"], indent=1)
    return document


DOCUMENTS = [flow(URL), old_flow(URL), page(URL), page(URL, is_text=True)]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_no_login_is_described_or_rendered_in_the_clear(
    document: dict[str, Any],
) -> None:
    found = read(document)
    rules = {f.rule for f in found.findings}
    if "modules" in document:
        assert "connect/legacy" in rules
        return
    assert rules & {"connect/secret-in-file", "connect/view-secret"}
    bundle = connect.render(BoundFlow(found))
    (text,) = bundle.files.values()
    assert isinstance(text, Secret)
    assert MARKER in open_text(text)
    assert MARKER not in str(text)
    graph = connect.describe(bundle.state())
    values = [v for block in graph.blocks for v in block.properties.values()]
    assert SHOWN in values
    assert MARKER not in repr(graph)
    assert MARKER not in repr(found.findings)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_redact_takes_the_login_out_and_nothing_else(
    tmp_path: Path, document: dict[str, Any]
) -> None:
    path = tmp_path / "flow.json"
    text = json.dumps(document, indent=3)
    path.write_text(text, "utf-8")
    result = run("redact", str(path), "--write")

    assert result.code == 0
    assert path.read_text("utf-8") == text.replace(f"me:{MARKER}", SHOWN[8:47])
    assert run("redact", str(path)).err.startswith("Nothing in ")


def test_redact_hides_what_a_view_names_a_secret(tmp_path: Path) -> None:
    shown = template()
    shown["Body"][0]["Content"].append(component("x", "Text", apiKey=MARKER, a="é"))
    for number, document in enumerate((view(shown), {"View": view(shown)})):
        path = tmp_path / f"{number}.json"
        path.write_text(json.dumps(document), "utf-8")
        result = run("redact", str(path), "--write")
        assert result.code == 0
        expected = json.dumps(document).replace(MARKER, "<value_redacted>")
        assert path.read_text("utf-8") == expected


@pytest.mark.parametrize(
    "value",
    [
        "https://host.test/a@b",
        "https://$.Attributes.user:$.External.password@host.test",
        SHOWN,
        "write to me:you@host.test",
        "https://host.test, me@host.test",
    ],
)
def test_what_holds_no_login_is_shown(value: str) -> None:
    found = read(flow(value))

    assert "connect/secret-in-file" not in {f.rule for f in found.findings}
    (text,) = connect.render(BoundFlow(found)).files.values()
    assert isinstance(text, str)


def test_an_address_with_an_arn_is_hidden_whole() -> None:
    found = read(flow(f"https://me:{MARKER}@host.test/{INSTANCE}/queue/x"))
    (text,) = connect.render(BoundFlow(found)).files.values()

    assert '"endpoint": "<value_redacted>"' in str(text)


def test_no_plan_shows_a_login(example: SandboxProject) -> None:
    path = example.root / "flows" / "connect" / "link.json"
    outputs: list[Result] = []
    for host in ("host.test", "other.test"):
        document = flow(URL.replace("host.test", host))
        document["Metadata"]["name"] = "Link"
        path.write_text(json.dumps(document), "utf-8")
        forms = ("text", "json", "markdown", "html", "sarif")
        outputs += [example.run("plan", "staging", "--format", f) for f in forms]
        outputs.append(example.run("promote", "staging", "--yes"))
    outputs.append(example.run("show", "connect/contact-flow/Link", "--format", "svg"))
    assert outputs[-2].code == 0, outputs[-2].err
    assert "<password_redacted>@other.test" in outputs[6].out
    for output in outputs:
        assert MARKER not in output.out + output.err
    for record in (example.root / ".flowops").rglob("*.json"):
        assert MARKER not in record.read_text("utf-8")
