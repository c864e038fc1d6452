"""Servers that tests start always end, and one that fails says why."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import real
from tests.support.real import (
    HOST,
    free_ports,
    is_listening,
    lacking,
    running,
    wait_for,
)
from tests.support.sources import ROOT

STUBBORN = "trap '' TERM; echo started; sleep 100 & wait; sleep 100"


def is_running(pid: int) -> bool:
    try:
        said = Path(f"/proc/{pid}/stat").read_text()
    except OSError:  # it may go while it is looked at
        return False
    return said.rpartition(")")[2].split()[0] != "Z"


def wait_until(holds: Callable[[], bool]) -> bool:
    limit = time.monotonic() + 60
    while not holds() and time.monotonic() < limit:
        time.sleep(0.02)
    return holds()


def wait_until_gone(pid: int) -> bool:
    return wait_until(lambda: not is_running(pid))


def test_what_is_absent_is_a_skip_or_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(real, "IS_REQUIRED", False)
    with pytest.raises(pytest.skip.Exception, match="no Java"):
        lacking("there is no Java")
    monkeypatch.setattr(real, "IS_REQUIRED", True)
    with pytest.raises(pytest.fail.Exception, match="no Java"):
        lacking("there is no Java")


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="asks /proc")
def test_a_server_that_does_not_obey_is_killed_with_what_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(real, "STOP_SECONDS", 0.2)
    log = tmp_path / "server.log"
    with running(["sh", "-c", STUBBORN], log) as made:
        wait_for(lambda: "started" in log.read_text(), made, log, 60)
        children = Path(f"/proc/{made.pid}/task/{made.pid}/children").read_text()
    assert made.returncode == -signal.SIGKILL
    assert all(wait_until_gone(int(child)) for child in children.split())


@pytest.mark.skipif(not shutil.which("setpriv"), reason="needs setpriv")
def test_a_server_ends_with_a_process_that_is_killed(tmp_path: Path) -> None:
    text = (
        "import sys, time; from pathlib import Path; "
        "from tests.support.real import running\n"
        f"with running(['sleep', '100'], Path({str(tmp_path / 'log')!r})) as made:\n"
        "    print(made.pid, flush=True); time.sleep(100)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", text], stdout=subprocess.PIPE, cwd=ROOT, text=True
    ) as parent:
        assert parent.stdout
        pid = int(parent.stdout.readline())
        name = Path(f"/proc/{pid}/comm")  # setpriv, until it has tied the two
        assert wait_until(lambda: name.read_text() == "sleep\n")
        os.kill(parent.pid, signal.SIGKILL)
    assert wait_until_gone(pid)


def test_a_server_that_ends_shows_its_log(tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    words = ["sh", "-c", "echo no such setting; exit 1"]
    with (
        pytest.raises(pytest.fail.Exception, match=r"server ended:\nno such setting"),
        running(words, log) as made,
    ):
        wait_for(lambda: False, made, log, 20)


def test_a_server_that_is_late_is_not_waited_for(tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    with (
        pytest.raises(pytest.fail.Exception, match="is not ready after 0 s"),
        running(["sleep", "100"], log) as made,
    ):
        wait_for(lambda: False, made, log, 0)


def test_ports_are_free_and_differ() -> None:
    ports = free_ports(5)
    assert len(set(ports)) == 5
    assert not any(map(is_listening, ports))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps a port so")
def test_a_port_is_kept_for_the_server_it_was_given_to() -> None:
    (port,) = free_ports(1)
    with socket.socket() as other, pytest.raises(OSError, match="in use"):
        other.bind((HOST, port))
    with socket.create_server((HOST, port)):
        assert is_listening(port)
    assert not is_listening(port)
