"""The first thing a newcomer runs: the whole job on a sandbox, with no account.

It copies the example project to a folder of its own, runs the same commands a
person would type, and prints each before its output.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flowops.cli import main
from flowops.cli.sandboxing import read_inventory_file
from flowops.documents.files import files_below
from flowops.documents.yaml_edit import set_yaml_value
from flowops.errors import FAILED, OK, InputError
from flowops.git import commit_all

if TYPE_CHECKING:
    from flowops.systems.connect.sandbox import Sandbox

_PACKAGED = Path(__file__).parent / "example"
_CHECKOUT = Path(__file__).parent.parent
_PARTS = ("flowops.yaml", "flows", "environments")
_BY_HAND = "http://127.0.0.1:8700"
_QUEUE = ("flows", "Main IVR", "references", "queue", "Sales")


@dataclass(frozen=True, slots=True)
class _Demo:
    """The demo's own copy of the example, and the sandbox it is promoted to."""

    project: Path
    sandbox: Sandbox

    @property
    def staging(self) -> Path:
        return self.project / "environments" / "staging.yaml"

    def edit(self, value: str, *keys: str) -> None:
        text = set_yaml_value(self.staging.read_text(encoding="utf-8"), keys, value)
        self.staging.write_text(text, encoding="utf-8")

    def commit(self, message: str) -> None:
        """Commit everything, as a promote asks for."""
        _say(f"\n$ git commit --all --message '{message}'")
        commit_all(self.project, message)

    def run(self, expected: int, *words: str) -> None:
        """Run a command as a person would, and insist on its exit code."""
        shown = " ".join(w if " " not in w else f"'{w}'" for w in words)
        _say(f"\n$ flowops {shown} --project {self.project}")
        sys.stdout.flush()
        code = main([*words, "--project", str(self.project)])
        sys.stderr.flush()
        _say(f"[exit code {code}]")
        if code != expected:
            raise _unexpected(shown, code, expected)


def run_demo(keep: Path | None) -> int:
    """Tell the story; 0 when every step ended as it should.

    Raises ``InputError`` when the folder to keep already exists.
    """
    with ExitStack() as stack:
        if keep is None:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="flowops-"))
            project = Path(folder) / "project"
        elif keep.exists():
            raise InputError(f"{keep} already exists", hint="name a new folder")
        else:
            project = keep
        _copy_example(project)
        demo = _start(stack, project)
        _tell_connect(demo)
        _tell_event_processing(demo)
        demo.edit(_BY_HAND, "targets", "connect", "url")
        demo.commit("Name the sandbox to run by hand")
    _say("\nDone. Every step ended as it should.")
    _say(f"\nTo run it by hand:\n{_how_to(keep or Path('DIR'), kept=keep is not None)}")
    return OK


def _how_to(project: Path, *, kept: bool) -> str:
    steps = [] if kept else [f"flowops demo --keep {project}"]
    held = project / "environments" / "sandbox" / "staging.yaml"
    port = urlsplit(_BY_HAND).port
    steps.append(f"flowops sandbox {held} --port {port}      (in another terminal)")
    steps.append(f"flowops plan staging --project {project}")
    return "\n".join(f"  {step}" for step in steps)


def _start(stack: ExitStack, project: Path) -> _Demo:
    from flowops.systems.connect.sandbox import Sandbox, SandboxInventory, SandboxServer

    held = project / "environments" / "sandbox" / "staging.yaml"
    sandbox = Sandbox(SandboxInventory.parse(read_inventory_file(held)))
    stack.callback(sandbox.close)
    server = stack.enter_context(SandboxServer(sandbox))
    demo = _Demo(project, sandbox)
    demo.edit(server.url, "targets", "connect", "url")
    demo.commit("Copy the example")
    _say(f"The project is a copy of the example, in {project}")
    _say(f"An Amazon Connect instance is running here, at {server.url}")
    return demo


def _tell_connect(demo: _Demo) -> None:
    _heading("1. An environment names a queue that the instance does not have")
    demo.edit("Sales EMAE", *_QUEUE)
    demo.commit("Take calls to another queue")
    _say("environments/staging.yaml now says that the queue Sales is Sales EMAE.")
    demo.run(FAILED, "plan", "staging", "Main IVR")
    demo.run(FAILED, "promote", "staging", "Main IVR", "--yes")
    writes = demo.sandbox.writes()
    _say(f"Calls that changed the instance so far: {len(writes)}")
    if writes:
        raise InputError("the demo wrote to the instance before it could")
    _heading("2. The overlay is mended, and the flow promoted")
    demo.edit("Sales EMEA", *_QUEUE)
    demo.commit("Mend the name of the queue")
    demo.run(OK, "promote", "staging", "Main IVR", "--yes")
    names = ", ".join(call.operation for call in demo.sandbox.writes())
    _say(f"Calls that changed the instance: {names}")
    _heading("3. A second plan has nothing to do")
    demo.run(OK, "plan", "staging", "Main IVR")


def _tell_event_processing(demo: _Demo) -> None:
    _heading("4. An Event Processing flow, rendered for two environments")
    folders = {name: demo.project / "out" / name for name in ("staging", "production")}
    for name, folder in folders.items():
        demo.run(OK, "render", name, "Large orders", "--out", str(folder))
    _say("\nThe difference between the two environments:")
    _say("".join(_difference(folders["staging"], folders["production"])))
    _heading("5. It is promoted to a folder that a GitOps controller reads")
    demo.run(OK, "promote", "staging", "Large orders", "--yes")
    demo.run(OK, "plan", "staging")


def _difference(one: Path, other: Path) -> list[str]:
    lines: list[str] = []
    for path in files_below(one):
        below = path.relative_to(one)
        if path.suffix not in (".sql", ".yaml"):
            continue
        before = path.read_text(encoding="utf-8").splitlines(keepends=True)
        after = (other / below).read_text(encoding="utf-8").splitlines(keepends=True)
        names = (f"staging/{below}", f"production/{below}")
        lines += unified_diff(before, after, *names, n=0)
    return lines


def _copy_example(project: Path) -> None:
    source = _PACKAGED if _PACKAGED.is_dir() else _CHECKOUT
    project.mkdir(parents=True)
    for part in _PARTS:
        if (source / part).is_dir():
            shutil.copytree(source / part, project / part)
        else:
            shutil.copy2(source / part, project / part)


def _unexpected(shown: str, code: int, expected: int) -> InputError:
    return InputError(
        f"the demo expected `flowops {shown}` to end with {expected}, not {code}",
        hint="please report it with what stands above",
    )


def _heading(text: str) -> None:
    _say(f"\n=== {text}")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
