"""A real PostgreSQL server on loopback, its data in a folder of its own.

``postgresql_server()`` starts it and always ends it. The programs are those of the
machine: on ``PATH``, or where Debian and Ubuntu lay them (package ``postgresql``). It
refuses to run as root; then the user ``postgres``, or ``nobody``, runs it. Passwords
are SCRAM-SHA-256, and TLS is offered, with ``certificate`` as the authority to trust.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.real import (
    HOST,
    free_ports,
    is_listening,
    lacking,
    make_certificate,
    running,
    user_group,
    wait_for,
)

USER, PASSWORD = "admin", "admin-password"
DATABASE = "postgres"
START_SECONDS = 180.0
DEBIAN = Path("/usr/lib/postgresql")


@dataclass(frozen=True, slots=True)
class Database:
    """A server that runs: where it listens, whom to trust, its process and its log."""

    port: int
    certificate: Path
    pid: int
    log: Path

    @property
    def jdbc(self) -> str:
        """Return the address of its database, as a flow writes it."""
        return f"jdbc:postgresql://{HOST}:{self.port}/{DATABASE}"

    def answers(self) -> bool:
        """Tell whether it is there and has finished starting."""
        from pg8000.exceptions import DatabaseError, InterfaceError

        try:
            return is_listening(self.port) and bool(self.run("select 1"))
        except (DatabaseError, InterfaceError):
            return False

    def run(self, statement: str) -> list[list[Any]]:
        """Run a statement as the user who may do everything; returns its rows."""
        from pg8000.native import Connection

        given = (USER, HOST, DATABASE, self.port, PASSWORD)
        with closing(Connection(*given, timeout=START_SECONDS)) as connection:
            rows = connection.run(statement)
        return [[*row] for row in rows or ()]


@contextmanager
def postgresql_server() -> Iterator[Database]:
    """Start a server with one empty database; end it in any case.

    Skips, or fails where FLOWOPS_REAL=1, without PostgreSQL or openssl.
    """
    programs = _programs()
    user = _other_user() if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="postgresql-") as name:
        folder = Path(name)
        certificate, _ = make_certificate(folder)
        (folder / "password").write_text(PASSWORD, "utf-8")
        for path in (folder, *folder.iterdir()):
            if user:
                shutil.chown(path, user, user_group(user))
        _initialise(programs, folder, user)
        (port,) = free_ports(1)
        words = [str(programs / "postgres"), *_settings(folder, port)]
        log = folder / "postgresql.log"
        with running(words, log, cwd=folder, user=user) as process:
            database = Database(port, certificate, process.pid, log)
            wait_for(database.answers, process, log, START_SECONDS)
            yield database


def _programs() -> Path:
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    versions = [path.parent for path in DEBIAN.glob("*/bin/initdb")]
    if not versions:
        lacking("there is no PostgreSQL on this machine")
    return max(versions, key=lambda path: float(path.parent.name))


def _other_user() -> str:
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in names)


def _initialise(programs: Path, folder: Path, user: str | None) -> None:
    subprocess.run(
        [
            *(str(programs / "initdb"), "-D", str(folder / "data"), "-U", USER),
            *("-A", "scram-sha-256", f"--pwfile={folder / 'password'}"),
            *("-E", "UTF8", "--locale=C", "--no-sync"),
        ],
        check=True,
        capture_output=True,
        cwd=folder,
        timeout=START_SECONDS,
        user=user,
        group=user_group(user),
        extra_groups=None if user is None else (),
    )


def _settings(folder: Path, port: int) -> list[str]:
    settings = {
        "listen_addresses": HOST,
        "unix_socket_directories": "",
        "port": str(port),
        "fsync": "off",
        "shared_buffers": "16MB",
        "max_connections": "20",
        "ssl": "on",
        "ssl_cert_file": str(folder / "ca.pem"),
        "ssl_key_file": str(folder / "key.pem"),
    }
    words = [word for item in settings.items() for word in ("-c", "=".join(item))]
    return ["-D", str(folder / "data"), *words]
