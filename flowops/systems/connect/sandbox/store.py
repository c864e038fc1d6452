"""The state of the sandbox, in one SQLite database."""

from __future__ import annotations

import json
import sqlite3
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from threading import RLock
from typing import TYPE_CHECKING

from flowops.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

SCHEMA_VERSION = 1
_SCHEMA = (
    "CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL)",
    """CREATE TABLE creations (
        kind TEXT NOT NULL, name TEXT NOT NULL, count INTEGER NOT NULL,
        PRIMARY KEY (kind, name))""",
    """CREATE TABLE resources (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        kind TEXT NOT NULL, id TEXT NOT NULL, arn TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL, modified TEXT NOT NULL, attributes TEXT NOT NULL,
        UNIQUE (kind, id), UNIQUE (kind, name))""",
    "CREATE INDEX resources_of_kind ON resources (kind, sequence)",
    """CREATE TABLE contents (
        arn TEXT NOT NULL REFERENCES resources (arn) ON DELETE CASCADE,
        status TEXT NOT NULL, text TEXT NOT NULL, settings TEXT NOT NULL,
        PRIMARY KEY (arn, status))""",
    """CREATE TABLE tags (
        arn TEXT NOT NULL REFERENCES resources (arn) ON DELETE CASCADE,
        key TEXT NOT NULL, value TEXT NOT NULL,
        PRIMARY KEY (arn, key))""",
    """CREATE TABLE tokens (
        token TEXT PRIMARY KEY, request TEXT NOT NULL, id TEXT NOT NULL)""",
)


class DuplicateNameError(Exception):
    """Another resource of the kind has this name or this id."""


@dataclass(frozen=True, slots=True)
class Resource:
    """One thing the instance holds; ``attributes`` are those of its kind."""

    kind: str
    id: str
    arn: str
    name: str
    modified: datetime
    attributes: Mapping[str, str]
    sequence: int = 0


@dataclass(frozen=True, slots=True)
class Content:
    """The body of a flow or a module; only modules have settings."""

    text: str
    settings: str = ""


class Store:
    """Reads and writes the state; every method belongs inside ``transaction``."""

    def __init__(self, path: Path | None) -> None:
        """Open a file, or memory; raises ``InputError`` for a file of another kind."""
        self._lock = RLock()
        try:
            self._connection = sqlite3.connect(
                ":memory:" if path is None else path,
                isolation_level=None,
                check_same_thread=False,
                timeout=0.5,
            )
            self._prepare()
        except sqlite3.Error as error:
            raise InputError(
                f"{path} cannot be used as the state of a sandbox: {error}",
                hint="give a new file, or stop the sandbox that uses this one",
            ) from error

    def _prepare(self) -> None:
        run = self._connection.execute
        try:
            run("PRAGMA locking_mode = EXCLUSIVE")
            run("PRAGMA synchronous = OFF")
            run("PRAGMA foreign_keys = ON")
            run("BEGIN EXCLUSIVE")
            (version,) = run("PRAGMA user_version").fetchone()
            (tables,) = run("SELECT count(*) FROM sqlite_master").fetchone()
            if not version and not tables:
                for statement in _SCHEMA:
                    run(statement)
                run(f"PRAGMA user_version = {SCHEMA_VERSION}")
            elif version != SCHEMA_VERSION:
                raise sqlite3.DatabaseError("it holds something else")
            run("COMMIT")
        except sqlite3.Error:
            self._connection.close()
            raise

    def close(self) -> None:
        """Close the database."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Let one thread work at a time; an exception undoes what it wrote."""
        with self._lock:
            self._run("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._run("ROLLBACK")
                raise
            self._run("COMMIT")

    def setting(self, key: str) -> str:
        """Give a setting, or an empty text."""
        row = self._row("SELECT value FROM settings WHERE key = ?", key)
        return str(row[0]) if row else ""

    def set_setting(self, key: str, value: str) -> None:
        """Write a setting."""
        self._run("INSERT OR REPLACE INTO settings VALUES (?, ?)", key, value)

    def count_creation(self, kind: str, name: str) -> int:
        """Count one more creation under a name, and give the count."""
        row = self._row(
            "INSERT INTO creations VALUES (?, ?, 1) ON CONFLICT (kind, name)"
            " DO UPDATE SET count = count + 1 RETURNING count",
            kind,
            name,
        )
        return int(str(row[0])) if row else 0

    def add(self, resource: Resource) -> None:
        """Keep a new resource; raises ``DuplicateNameError``."""
        try:
            self._run(
                "INSERT INTO resources (kind, id, arn, name, modified, attributes)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                resource.kind,
                resource.id,
                resource.arn,
                *_changeable(resource),
            )
        except sqlite3.IntegrityError:
            raise DuplicateNameError(resource.name) from None

    def change(self, resource: Resource) -> None:
        """Keep the new name and attributes of a resource; ``DuplicateNameError``."""
        try:
            self._run(
                "UPDATE resources SET name = ?, modified = ?, attributes = ?"
                " WHERE arn = ?",
                *_changeable(resource),
                resource.arn,
            )
        except sqlite3.IntegrityError:
            raise DuplicateNameError(resource.name) from None

    def remove(self, resource: Resource) -> None:
        """Forget a resource, its content and its tags."""
        self._run("DELETE FROM resources WHERE arn = ?", resource.arn)

    def find(self, kind: str, resource_id: str) -> Resource | None:
        """Give the resource of a kind with an id."""
        row = self._row(
            "SELECT * FROM resources WHERE kind = ? AND id = ?", kind, resource_id
        )
        return _resource(row) if row else None

    def find_arn(self, arn: str) -> Resource | None:
        """Give the resource with an ARN."""
        row = self._row("SELECT * FROM resources WHERE arn = ?", arn)
        return _resource(row) if row else None

    def after(self, kind: str, sequence: int) -> Iterator[Resource]:
        """Give the resources of a kind made after a point, oldest first."""
        yield from map(
            _resource,
            self._run(
                "SELECT * FROM resources WHERE kind = ? AND sequence > ?"
                " ORDER BY sequence",
                kind,
                sequence,
            ),
        )

    def content(self, arn: str, status: str) -> Content | None:
        """Give the content that a flow or module has under a status."""
        row = self._row(
            "SELECT text, settings FROM contents WHERE arn = ? AND status = ?",
            arn,
            status,
        )
        return Content(str(row[0]), str(row[1])) if row else None

    def set_content(self, arn: str, status: str, content: Content | None) -> None:
        """Write the content under a status, or remove it."""
        self._run("DELETE FROM contents WHERE arn = ? AND status = ?", arn, status)
        if content is not None:
            self._run(
                "INSERT INTO contents VALUES (?, ?, ?, ?)",
                arn,
                status,
                content.text,
                content.settings,
            )

    def tags(self, arn: str) -> dict[str, str]:
        """Give the tags of a resource, by key."""
        rows = self._run("SELECT key, value FROM tags WHERE arn = ? ORDER BY key", arn)
        return {str(key): str(value) for key, value in rows}

    def set_tag(self, arn: str, key: str, value: str) -> None:
        """Write one tag."""
        self._run("INSERT OR REPLACE INTO tags VALUES (?, ?, ?)", arn, key, value)

    def remove_tag(self, arn: str, key: str) -> None:
        """Remove one tag; one that is not there is no fault."""
        self._run("DELETE FROM tags WHERE arn = ? AND key = ?", arn, key)

    def token(self, token: str) -> tuple[str, str] | None:
        """Give the request that a client token came with, and the id it made."""
        row = self._row("SELECT request, id FROM tokens WHERE token = ?", token)
        return (str(row[0]), str(row[1])) if row else None

    def set_token(self, token: str, request: str, resource_id: str) -> None:
        """Remember what a client token made."""
        self._run("INSERT INTO tokens VALUES (?, ?, ?)", token, request, resource_id)

    def _run(self, statement: str, *values: str | int) -> sqlite3.Cursor:
        return self._connection.execute(statement, values)

    def _row(self, statement: str, *values: str | int) -> tuple[object, ...] | None:
        rows: list[tuple[object, ...]] = self._run(statement, *values).fetchall()
        return rows[0] if rows else None


def _changeable(resource: Resource) -> tuple[str, str, str]:
    attributes = json.dumps(dict(resource.attributes), sort_keys=True)
    return resource.name, resource.modified.isoformat(), attributes


def _resource(row: tuple[object, ...]) -> Resource:
    sequence, kind, resource_id, arn, name, modified, attributes = map(str, row)
    return Resource(
        kind,
        resource_id,
        arn,
        name,
        datetime.fromisoformat(modified),
        json.loads(attributes),
        int(sequence),
    )
