"""What a live instance answers to references it does not list."""

from __future__ import annotations

import json

from tests.support.contact_flows import ID, action, contact_flow
from tests.support.projects import SandboxProject

MANAGED = "arn:aws:connect:us-east-1:aws:view/form:1"


def test_a_managed_view_is_promoted_to_the_region_of_the_instance(
    example: SandboxProject,
) -> None:
    view = {"ViewResource": {"Id": MANAGED}}
    flow = contact_flow(
        [
            action("show", "ShowView", view, "ask"),
            action("ask", "CreateCase", {"CaseTemplateId": ID}, "x"),
            action("x", "DisconnectParticipant"),
        ],
        name="Guide",
    )
    path = example.root / "flows" / "connect" / "guide.json"
    path.write_text(json.dumps(flow), "utf-8")
    plan = example.json("plan", "staging", "Guide")
    (change,) = plan["changes"]
    states = {r["kind"]: (r["state"], r["evidence"]) for r in change["references"]}
    assert states == {
        "view": ("resolved", "managed by AWS, the Region changes"),
        "case-template": ("unchecked", "cannot be checked"),
    }
    warnings = [f["rule"] for f in plan["findings"]]
    assert warnings == ["reference/unchecked"]
    assert example.run("promote", "staging", "Guide", "--yes").code == 0
    content = example.content("Guide")
    region = example.sandbox.region
    expected = f"arn:aws:connect:{region}:aws:view/form:1"
    assert content["Actions"][0]["Parameters"]["ViewResource"]["Id"] == expected


def test_a_legacy_export_blocks_the_plan_and_a_converted_one_does_not(
    example: SandboxProject,
) -> None:
    old = {
        "modules": [
            {"id": "a", "type": "Disconnect", "branches": [], "parameters": []}
        ],
        "version": "1",
        "type": "contactFlow",
        "start": "a",
        "metadata": {"name": "Old"},
    }
    path = example.root / "flows" / "connect" / "old.json"
    path.write_text(json.dumps(old), "utf-8")
    assert example.run("check").code == 0
    refused = example.run("plan", "staging", "Old")
    assert refused.code == 1
    assert "a legacy export cannot be promoted" in refused.out
    assert "flowops convert flows/connect/old.json --out NEW" in refused.out
    assert run_convert(example, path.as_posix()) == 0
    path.unlink()
    assert example.run("promote", "staging", "Old", "--yes").code == 0
    assert example.content("Old")["StartAction"] == "a"


def run_convert(example: SandboxProject, path: str) -> int:
    from tests.support.projects import run

    return run("convert", path, "--out", path.replace("old", "new")).code
