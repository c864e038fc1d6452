"""What every real component shares: ports, certificates, processes that always end.

A component that cannot be had is a skip with its reason, or a failure where
FLOWOPS_REAL=1 says that it has to be there.
"""

from __future__ import annotations

import atexit
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NoReturn

import pytest

IS_REQUIRED = os.environ.get("FLOWOPS_REAL") == "1"  # read before tests clear it
HOST = "127.0.0.1"
STOP_SECONDS = 10
KILLED_SECONDS = 60  # nothing outlives the last signal, but a machine may be slow
_HELD = ExitStack()  # the sockets of ports that were given out
atexit.register(_HELD.close)


def lacking(reason: str) -> NoReturn:
    """Skip the tests that need a component, or fail them where it has to be there."""
    if IS_REQUIRED:
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def free_ports(count: int) -> list[int]:
    """Return ports of loopback that nobody listens on, and that nobody else is given.

    On Linux a socket that is bound and does not listen keeps each for this process: no
    other program gets it as one of its choice, and one that is told to, as a server
    that starts, can listen on it (SO_REUSEADDR, which servers set).
    """
    sockets = [_HELD.enter_context(socket.socket()) for _ in range(count)]
    for one in sockets:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        one.bind((HOST, 0))
    ports = [one.getsockname()[1] for one in sockets]
    if sys.platform != "linux":
        _HELD.close()
    return ports


def is_listening(port: int) -> bool:
    """Tell whether somebody takes connections on a port of loopback."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0


@contextmanager
def running(
    words: Sequence[str],
    log: Path,
    *,
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
    user: str | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server in a group of its own, and end the whole group afterwards.

    ``log`` takes what it says; ``user`` is who it runs as, if somebody else. Where
    ``setpriv`` exists the server also ends with the process that started it, even
    with one that was killed.
    """
    tied = ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []
    with log.open("ab") as output:
        process = subprocess.Popen(
            [*tied, *words],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            cwd=cwd,
            env=environment,
            user=user,
            group=user_group(user),
            extra_groups=None if user is None else (),
        )
        try:
            yield process
        finally:
            end(process)


def user_group(user: str | None) -> int | None:
    """Return the first group of a user."""
    return None if user is None else pwd.getpwnam(user).pw_gid


def end(process: subprocess.Popen[bytes], first: int = signal.SIGTERM) -> None:
    """End a process and everything it started; what does not obey is killed."""
    for sign in (first, signal.SIGKILL):
        try:
            os.killpg(process.pid, sign)
        except ProcessLookupError:
            break
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            continue
    process.wait(KILLED_SECONDS)


def wait_for(
    ready: Callable[[], bool],
    process: subprocess.Popen[bytes],
    log: Path,
    seconds: float,
) -> None:
    """Wait until a server is ready; fails with its log when it ends or is late."""
    limit = time.monotonic() + seconds
    while not ready():
        ended = process.poll() is not None
        if ended or time.monotonic() > limit:
            said = log.read_text("utf-8", "replace")[-4000:]
            words = "ended" if ended else f"is not ready after {seconds:.0f} s"
            pytest.fail(f"{log.stem} {words}:\n{said}", pytrace=False)
        time.sleep(0.05)


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """Make a certificate that is its own authority, and its key.

    It is for the address 127.0.0.1, and not for the name ``localhost``.
    """
    if not shutil.which("openssl"):
        lacking("there is no openssl on this machine")
    certificate, key = folder / "ca.pem", folder / "key.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec"),
            *("-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"),
            *("-subj", "/CN=flowops tests"),
            *("-addext", f"subjectAltName=IP:{HOST}"),
            *("-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
        timeout=60,
    )
    key.chmod(0o600)
    return certificate, key


@contextmanager
def silent_port() -> Iterator[int]:
    """Give a port that takes every connection and never answers."""
    with socket.create_server((HOST, 0)) as server:
        yield server.getsockname()[1]
