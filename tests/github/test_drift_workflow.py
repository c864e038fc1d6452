"""The script of the nightly workflow: one open issue as long as there is drift."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from flowops.documents.source import decode
from flowops.documents.yaml_text import parse_yaml, plain
from tests.support.sources import ROOT

TITLE = "Drift of staging"
# What gh does with these words, and no others; its jq program is checked by its text.
GH = """\
#!{python}
import json, os, sys
from pathlib import Path
place = Path({place!r})
issues = json.loads(place.read_text())
words = sys.argv[1:]
if os.environ.get("FAIL") == words[1]:
    sys.exit("gh: HTTP 502")
assert os.environ["GH_TOKEN"] and os.environ["GH_REPO"]
match words:
    case ["issue", "list", "--state", "open", "--app", "github-actions",
          "--search", search, "--json", "number,title", "--jq", program]:
        assert search == f'"{{os.environ["TITLE"]}}" in:title'
        assert program == ('[.[] | select(.title == env.TITLE) | .number][0]'
                           ' // empty')
        found = [i["number"] for i in issues if i["open"] and i["bot"]
                 and i["title"] == os.environ["TITLE"]]
        print(*found[:1])
    case ["issue", "create", "--title", title, "--body-file", body]:
        issues.append(dict(number=len(issues) + 1, title=title, open=True, bot=True,
                           body=Path(body).read_text()))
    case ["issue", "edit", number, "--body-file", body]:
        issues[int(number) - 1]["body"] = Path(body).read_text()
    case ["issue", "close", number, "--comment", comment]:
        issues[int(number) - 1] |= dict(open=False, comment=comment)
    case _:
        sys.exit(f"gh: unknown words {{words}}")
place.write_text(json.dumps(issues))
"""


def script(path: Path) -> str:
    document: Any = plain(parse_yaml(decode(path.name, path.read_bytes())))
    steps = document["jobs"]["drift"]["steps"]
    (found,) = [s["run"] for s in steps if s.get("name") == "Keep one issue"]
    assert isinstance(found, str)
    return found


@dataclass
class Night:
    """The issues of a repository, and a ``gh`` that keeps them."""

    folder: Path
    script: str
    issues: list[dict[str, Any]] = field(default_factory=list)

    def run(self, drifted: str, report: str = "the report", **more: str) -> int:
        place, gh = self.folder / "issues", self.folder / "bin" / "gh"
        place.write_text(json.dumps(self.issues))
        gh.parent.mkdir(exist_ok=True)
        gh.write_text(GH.format(python=sys.executable, place=str(place)))
        gh.chmod(gh.stat().st_mode | stat.S_IXUSR)
        (self.folder / "report.md").write_text(report)
        # A runner starts a script so when no shell is named.
        done = subprocess.run(
            ["bash", "-e", "-c", self.script],
            capture_output=True,
            check=False,
            text=True,
            env={
                "PATH": f"{gh.parent}{os.pathsep}{os.environ['PATH']}",
                "GH_TOKEN": "token",
                "GH_REPO": "acme/flows",
                "TITLE": TITLE,
                "DRIFTED": drifted,
                "REPORT": str(self.folder / "report.md"),
                **more,
            },
        )
        assert "unknown words" not in done.stderr
        assert "Traceback" not in done.stderr, done.stderr
        self.issues = json.loads(place.read_text())
        return done.returncode

    def open(self) -> list[str]:
        """Return the bodies of our open issues."""
        return [i["body"] for i in self.issues if i["open"] and i["bot"]]


@pytest.fixture(params=[".github/workflows", "templates/github"])
def night(request: pytest.FixtureRequest, tmp_path: Path) -> Night:
    return Night(tmp_path, script(ROOT / request.param / "drift.yml"))


def test_one_issue_while_there_is_drift(night: Night) -> None:
    assert night.run("false") == 0
    assert night.issues == []
    assert night.run("true", "first") == 0
    assert night.run("true", "second") == 0
    assert night.open() == ["second"]
    assert night.run("false") == 0
    assert night.open() == []
    assert night.issues[0]["comment"] == "There is no drift any more."
    assert night.run("true", "third") == 0
    assert [i["number"] for i in night.issues if i["open"]] == [2]


def test_issues_of_others_are_left_alone(night: Night) -> None:
    other = {"number": 1, "title": TITLE, "open": True, "bot": False, "body": "mine"}
    near = {"number": 2, "title": f"{TITLE} 2", "open": True, "bot": True, "body": "x"}
    night.issues = [other, near]
    assert night.run("true", "ours") == 0
    assert night.run("false") == 0
    assert night.issues[:2] == [other, near]
    assert not night.issues[2]["open"]


@pytest.mark.parametrize("word", ["list", "create"])
def test_a_failure_of_github_is_a_failure_of_the_job(night: Night, word: str) -> None:
    """And no second issue because the first could not be looked up."""
    assert night.run("true", FAIL=word) != 0
    assert night.issues == []
