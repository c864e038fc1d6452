"""A bad environment is one line and the right code, and nothing is ever written."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.projects import STAGING, SandboxProject

LAUGHS = "variables:\n  a: &a x\n" + "".join(
    f"flows{i}: &b{i} [{', '.join([f'*b{i - 1}' if i else '*a'] * 9)}]\n"
    for i in range(9)
)
EDITS: dict[str, tuple[Callable[[str], str], str]] = {
    "circle": (lambda t: t.replace("extends: base", "extends: staging"), "in a circle"),
    "extends-nothing": (
        lambda t: t.replace("extends: base", "extends: bse"),
        "did you mean 'base'",
    ),
    "duplicate-key": (lambda t: t + "targets: {}\n", "stands twice"),
    "unknown-key": (lambda t: t + "protect: true\n", "did you mean 'protected'"),
    "yes-is-text": (lambda t: t + "protected: yes\n", "must be true or false"),
    "on-is-text": (lambda t: t + "protected: on\n", "must be true or false"),
    "anchors-that-explode": (lambda _: LAUGHS, ""),
    "merge-key": (
        lambda t: t + "secrets: &s {}\nx: {<<: *s}\n",
        "merge keys (<<) are not YAML 1.2",
    ),
    "tag": (lambda t: t + "protected: !!python/name:os.system x\n", "tag"),
    "place-to-ask-with-nothing-in-it": (
        lambda t: t.replace(
            "    path: deploy", "    ask: {kafak: {}}\n    path: deploy"
        ),
        "ask.kafak has nothing in it",
    ),
    "pattern-of-properties": (
        lambda t: t.replace("scan.startup.mode:", '"scan.*":'),
        "'scan.*' is no property",
    ),
    "status-of-a-stream": (
        lambda t: t.replace("Large orders:", "Large orders:\n    status: saved"),
        "the flow has no status, so this is for nothing",
    ),
    "nul-in-a-target": (
        lambda t: t.replace("deploy/staging", '"deploy/\\0staging"'),
        "path of event_processing has a NUL in it",
    ),
    "tab": (lambda t: t + "\tprotected: true\n", "this is not YAML"),
    "two-documents": (lambda t: t + "---\nprotected: true\n", "document"),
    "undefined-variable": (
        lambda t: t.replace("latest-offset", "'{{ nothing }}'"),
        "'nothing', which is not defined",
    ),
    "loop-in-a-template": (
        lambda t: t.replace("latest-offset", "'{% for x in y %}{% endfor %}'"),
        "templates may not use for",
    ),
    "secret-in-the-file": (
        lambda t: t + "secrets: {kafka_password: hunter2}\n",
        "must name one source",
    ),
    "unknown-system": (
        lambda t: t.replace("  connect:", "  conect:"),
        "there is no system 'conect'",
    ),
    "unknown-flow": (
        lambda t: t.replace("Main IVR", "Main IRV"),
        "no flow is called 'Main IRV'",
    ),
    "unknown-queue": (
        lambda t: t.replace("Sales: Sales", "Slaes: Sales"),
        "does not refer to queue 'Slaes'",
    ),
    "unknown-node": (
        lambda t: t.replace("      orders:", "      order:"),
        "no node is called 'order'",
    ),
}


@pytest.mark.parametrize("name", EDITS)
def test_bad_environment(example: SandboxProject, name: str) -> None:
    edit, words = EDITS[name]
    path = example.root / STAGING
    path.write_text(edit(path.read_text("utf-8")), "utf-8")
    for command in (["check"], ["plan", "staging"], ["promote", "staging", "--yes"]):
        result = example.run(*command)
        text = result.out + result.err
        assert result.code == 1, text
        assert words in text
        assert "Traceback" not in text
        assert "hunter2" not in text
        assert text.count("error: ") <= 3, text
    assert example.sandbox.writes() == []
    assert not (example.root / "deploy").exists()
