"""A secret that has no value here is one note, however many flows use it."""

from __future__ import annotations

import json
from pathlib import Path

from tests.support.projects import copy_example, run

TARGETS = "targets: {event_processing: {kind: directory, path: deploy}}\n"


def planned(root: Path, environment: str, *words: str) -> list[tuple[str, str]]:
    path = root / "environments" / "this.yaml"
    path.write_text(TARGETS + environment, "utf-8")
    result = run("plan", "this", *words, "--format", "json", "--project", str(root))
    return [
        (finding["message"], finding["hint"])
        for finding in json.loads(result.out)["findings"]
        if finding["rule"] == "secret/source-missing"
    ]


def test_ten_flows_with_one_secret_are_one_note(tmp_path: Path) -> None:
    root = copy_example(tmp_path / "project")
    name = next((root / "flows" / "event_processing").glob("*.json"))
    text = name.read_text("utf-8")
    title = "Large orders"
    for number in range(9):
        other = text.replace(json.dumps(title), json.dumps(f"{title} {number}"))
        name.with_name(f"copy-{number}.json").write_text(other, "utf-8")
    environment = (
        "secrets: {password: {env: NOT_SET_HERE}, one: {env: NOR_THIS}}\nflows:\n"
        '  "*": {config: {"*": {"*": {properties.x.password: "{{ password }}"}}}}\n'
        f'  "{title} 3": {{config: {{"*": {{"*": {{properties.y: "'
        '{{ one }}"}}}}\n'
    )

    assert planned(root, environment) == [
        (
            "the secret password has no value here: env NOT_SET_HERE is not set",
            "10 flows use it: set it where they are deployed",
        ),
        (
            "the secret one has no value here: env NOR_THIS is not set",
            "1 flow uses it: set it where the flow is deployed",
        ),
    ]
    ((_, hint),) = planned(root, environment, f"{title} [0-24]")
    assert hint.startswith("4 flows use it")
