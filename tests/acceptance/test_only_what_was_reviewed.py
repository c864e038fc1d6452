"""A promote writes what was reviewed and agreed to, and else nothing at all."""

from __future__ import annotations

import json
import os
import re
import subprocess
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from flowops.guards import GUARDS, Override
from tests.acceptance.command_line import FLOWOPS, TIME_LIMIT, flowops, variables
from tests.support.contact_flows import action, contact_flow
from tests.support.projects import STAGING, SandboxProject, run

CALL = "flows/connect/main-ivr.json"
OTHER_INSTANCE = "arn:aws:connect:eu-central-1:444455556666:instance/" + "0" * 8
PROMOTE = ("promote", "staging")


def promote(project: SandboxProject, *words: str) -> tuple[int, str]:
    """Promote by the installed command; return its exit code and what it says."""
    done = flowops(*PROMOTE, *words, cwd=project.root)
    assert b"Traceback" not in done.stderr
    return done.returncode, done.stderr.decode()


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def digest(project: SandboxProject, environment: str = "staging", *words: str) -> str:
    """Return the digest of a plan that asks no target but is for one."""
    options = ("--base", "HEAD", "--format", "json", "--project", str(project.root))
    result = run("plan", environment, *words, *options)
    assert result.code == 0, result.err
    found = json.loads(result.out)["digest"]
    assert isinstance(found, str)
    return found


def restyle(project: SandboxProject) -> None:
    """Write the same in another way: key order, indentation, quotes, comments."""
    path = project.root / CALL
    flow = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps(dict(reversed(flow.items())), indent=7), "utf-8")
    text = (project.root / STAGING).read_text("utf-8")
    text = text.replace("kafka: kafka.staging:9093", 'kafka:  "kafka.staging:9093"')
    (project.root / STAGING).write_text(f"# a comment\n\n{text}", "utf-8")


def test_the_digest_covers_what_would_be_done_and_where(
    example: SandboxProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (example.root / STAGING).read_text("utf-8")
    (example.root / "environments/other.yaml").write_text(text, "utf-8")
    example.commit()
    replace(example.root / CALL, "We are closed", "Closed")
    first = digest(example)
    same, different = set[str](), set[str]()

    restyle(example)
    same.add(digest(example))
    (example.root / CALL).rename(example.root / "flows/connect/renamed.json")
    same.add(digest(example))
    (example.root / "flows/connect/renamed.json").rename(example.root / CALL)
    monkeypatch.setattr("flowops.cli.reading.__version__", "99.0")
    same.add(digest(example))

    different.add(digest(example, "other"))
    replace(example.root / CALL, "Closed", "Closed!")
    different.add(digest(example))
    replace(example.root / CALL, "Closed!", "Closed")
    replace(example.root / CALL, '"Main IVR"', '"Other IVR"')
    replace(example.root / STAGING, "Main IVR", "Other IVR")
    different.add(digest(example))
    replace(example.root / CALL, '"Other IVR"', '"Main IVR"')
    replace(example.root / STAGING, "Other IVR", "Main IVR")
    same.add(digest(example))

    assert same == {first}
    assert len(different) == 3
    assert first not in different


def test_the_digest_covers_the_target(example: SandboxProject) -> None:
    example.commit()
    path = example.root.parent / "plan.json"
    run("plan", "staging", "--save", str(path), "--project", str(example.root))
    before = json.loads(path.read_text("utf-8"))
    example.edit_environment("deploy/other", "targets", "event_processing", "path")
    run("plan", "staging", "--save", str(path), "--project", str(example.root))
    after = json.loads(path.read_text("utf-8"))
    assert before["targets"] != after["targets"]
    assert before["digest"] != after["digest"]


@pytest.mark.parametrize(
    "words",
    [
        ["--expect-digest", ""],
        ["--expect-digest="],
        ["--expect-digest", "sha256:"],
        ["--expect-digest", "deadbeef"],
        ["--expect-digest", "sha256:" + "0" * 64],
        ["--expect-digest", "none", "--yes"],
    ],
    ids=" ".join,
)
def test_another_digest_writes_nothing(
    example: SandboxProject, words: list[str]
) -> None:
    example.commit()
    code, said = promote(example, *words)
    assert (code, example.sandbox.writes()) == (3, [])
    assert "refused: plan-changed: " in said
    assert not (example.root / "deploy").exists()


def test_a_digest_that_is_nearly_right_writes_nothing(example: SandboxProject) -> None:
    example.commit()
    right = example.json("plan", "staging")["digest"]
    for wrong in (right.upper(), right[:-1], f"{right} ", right[7:], f"{right}\n"):
        code, said = promote(example, "--expect-digest", wrong)
        assert (code, example.sandbox.writes()) == (3, []), wrong
        assert "refused: plan-changed: " in said
    assert promote(example, "--expect-digest", right)[0] == 0


def test_an_empty_variable_is_a_digest_and_no_consent(example: SandboxProject) -> None:
    """A job that forgot to pass the digest on must not promote."""
    example.commit()
    given = variables(FLOWOPS_EXPECT_DIGEST="")
    done = flowops(*PROMOTE, cwd=example.root, environment=given)
    assert (done.returncode, example.sandbox.writes()) == (3, [])


@pytest.mark.parametrize("closed", [(), (0,), (0, 1), (0, 1, 2)])
def test_without_a_terminal_and_without_consent_nothing_is_written(
    example: SandboxProject, closed: tuple[int, ...]
) -> None:
    """Also where stdin, stdout or all streams are closed."""
    example.commit()
    shut = "".join(f" {n}{'<' if n == 0 else '>'}&-" for n in closed)
    done = subprocess.run(
        ["bash", "-c", f'exec "$0" promote staging{shut}', FLOWOPS],
        cwd=example.root,
        env=variables(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=TIME_LIMIT,
    )
    assert (done.returncode, example.sandbox.writes()) == (3, []), done.stderr
    if 2 not in closed:
        assert b"refused: not-approved: " in done.stderr


def write_flows(project: SandboxProject, text: str) -> None:
    for number in range(10):
        actions = [
            action("say", "MessageParticipant", {"Text": text}, "end"),
            action("end", "DisconnectParticipant"),
        ]
        document: Any = contact_flow(actions, name=f"F{number}")
        path = project.root / "flows" / "connect" / f"F{number}.json"
        path.write_text(json.dumps(document), "utf-8")


def refusing(project: SandboxProject, *allowed: str) -> set[str]:
    """Return the guards that refuse when these are set aside."""
    words = [word for name in allowed for word in ("--allow", name)]
    result = run(*PROMOTE, "--yes", "--dry-run", *words, "--project", str(project.root))
    names = {*re.findall(r"^refused: ([a-z-]+):", result.err, re.MULTILINE)}
    assert result.code == (3 if names else 0), result.err
    return names


def test_each_guard_is_set_aside_alone(example: SandboxProject) -> None:
    """Three refuse at once; whichever are allowed, just the others go on refusing."""
    write_flows(example, "one")
    assert example.run(*PROMOTE, "--yes").code == 0
    example.client.update_contact_flow_content(
        InstanceId=example.sandbox.instance_id,
        ContactFlowId=f"{example.flow_id('F1')}:$SAVED",
        Content=example.live("F1")["Content"].replace("one", "a draft"),
    )
    write_flows(example, "two")
    guards = {"dirty-tree", "too-many-changes", "unpublished-draft"}
    before = len(example.sandbox.writes())
    for count in range(len(guards) + 1):
        for allowed in combinations(sorted(guards), count):
            assert refusing(example, *allowed) == guards - {*allowed}
    assert len(example.sandbox.writes()) == before


def test_each_guard_has_a_test_that_makes_it_refuse() -> None:
    """Their words are kept beside the tests of the guards, one folder for each."""
    kept = Path(__file__).parents[1] / "golden" / "guards"
    for guard in GUARDS:
        texts = [path.read_text("utf-8") for path in (kept / guard.name).iterdir()]
        assert texts
        for text in texts:
            assert f"refused: {guard.name}: " in text
            assert text.endswith("Nothing was written.\n")


@pytest.mark.parametrize(
    "guard", [g.name for g in GUARDS if g.override is Override.NEVER]
)
def test_the_others_cannot_be_set_aside(example: SandboxProject, guard: str) -> None:
    result = example.run(*PROMOTE, "--yes", "--allow", guard)
    assert (result.code, example.sandbox.writes()) == (64, [])


def test_there_is_no_way_to_set_everything_aside(example: SandboxProject) -> None:
    for word in ("--force", "--allow=all", "--allow=*", "--allow="):
        result = example.run(*PROMOTE, "--yes", word)
        assert (result.code, example.sandbox.writes()) == (64, []), word


def test_the_tests_do_not_lend_the_command_their_terminal() -> None:
    assert "FLOWOPS_EXPECT_DIGEST" not in os.environ
