"""Tables, as the catalog of a database lists them: one query.

Only PostgreSQL is asked. A table has the name a flow can write: in quotes where the
name needs them, and with its schema, or without where the search path leads there.
Sources: "System Catalogs" and ``quote_ident`` of the PostgreSQL manual; "Connecting to
the Database" of the pgJDBC manual for the URL.
"""

from __future__ import annotations

import re
import socket
import struct
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote

from flowops.documents.files import is_file
from flowops.errors import TargetError
from flowops.patience import within
from flowops.systems.event_processing.inventory.sources import (
    PASSWORD,
    URL,
    USER,
    Answer,
    Source,
)
from flowops.systems.event_processing.inventory.valve import valve

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

_JDBC = re.compile(r"jdbc:(?P<product>[^:/?]+):(?P<rest>.*)", re.IGNORECASE | re.DOTALL)
_ADDRESS = re.compile(
    r"//(?P<host>\[[^]/]+\]|[^/:,?]*)(?::(?P<port>[0-9]+))?(?:,[^/?]*)?"
    r"(?:/(?P<database>[^?]*))?(?:\?(?P<query>.*))?"
)
_PORT = 5432
_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
# Tables, partitioned and foreign ones, and views: whatever can be read like a table.
QUERY = """
select quote_ident(n.nspname) || '.' || quote_ident(c.relname),
       case when pg_table_is_visible(c.oid) then quote_ident(c.relname) end
from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'v', 'm', 'f')
  and n.nspname <> 'information_schema' and n.nspname !~ '^pg_'
"""
MOST_BYTES = 16 * 1024 * 1024
"""What a database may send, and so how many rows: the names of 200,000 tables."""
_MORE = 5.0  # seconds that a read is given beyond the whole, so that it ends by itself
_MOST_WORDS = 300  # characters of a server's own words
_LOGIN = ("28000", "28P01")
_NO_DATABASE = "3D000"
_OTHER_HOST = (62, 64)  # X509_V_ERR_HOSTNAME_MISMATCH and _IP_ADDRESS_MISMATCH


@dataclass(frozen=True, slots=True)
class Address:
    """Where a database is, as its JDBC URL says; of several hosts the first."""

    host: str
    port: int
    database: str
    parameters: Mapping[str, str]


def ask_tables(source: Source) -> Answer:
    """Ask a database for its tables and views.

    Raises ``TargetError`` when it does not answer in time, sends too much, refuses, or
    is of a product that is not asked, and ``InputError`` where pg8000 is not installed.
    """
    address = read_url(source.text(URL))
    user = source.text(USER) or address.parameters.get("user", "")
    if not user:
        raise TargetError(f"{_where(source)}: `ask.tables` needs a username")
    rows = _rows(source, address, user)
    names = {name for row in rows for name in row if name}
    return Answer(tuple(sorted(names)))


def read_url(url: str) -> Address:
    """Read a JDBC URL; raises ``TargetError`` for one that is not PostgreSQL's."""
    found = _JDBC.fullmatch(url)
    if not found:
        raise TargetError(
            "`ask.tables.url` is no JDBC URL: jdbc:postgresql://HOST/NAME"
        )
    if found["product"].lower() != "postgresql":
        raise TargetError(
            f"tables of {found['product']} are not asked, only those of postgresql",
            hint="list them in a file, as `inventory`",
        )
    parts = _ADDRESS.fullmatch(found["rest"])
    if not parts:
        raise TargetError("`ask.tables.url` is not jdbc:postgresql://HOST:PORT/NAME")
    host = (parts["host"] or "localhost").strip("[]")
    parameters = dict(parse_qsl(parts["query"] or "", keep_blank_values=True))
    database = unquote(parts["database"] or "")
    return Address(host, int(parts["port"] or _PORT), database, parameters)


def _rows(source: Source, address: Address, user: str) -> list[list[str | None]]:
    try:
        from pg8000.exceptions import DatabaseError, InterfaceError
    except ImportError:
        raise source.not_installed("pg8000", "postgresql") from None
    tls = _tls(source, address.parameters)
    password = source.text(PASSWORD) or address.parameters.get("password")
    place = (address.host, address.port)

    def ask() -> list[list[str | None]]:
        server = socket.create_connection(place, source.seconds)
        server.settimeout(source.seconds + _MORE)
        with valve(server, MOST_BYTES) as bounded:
            try:
                return _query(bounded.link, address, user, password, tls=tls)
            except Exception:
                if bounded.is_shut:
                    raise _too_much(source) from None
                raise

    try:
        return within(source.seconds, ask)
    except DatabaseError as error:
        raise _refusal(source, error.args[0]) from None
    except (InterfaceError, OSError) as error:
        raise _failure(source, error) from None
    except (LookupError, ValueError, struct.error):  # how pg8000 fails on other bytes
        words = "does not answer as PostgreSQL does"
        raise TargetError(f"{_where(source)} {words}") from None


def _query(
    link: socket.socket,
    address: Address,
    user: str,
    password: str | None,
    *,
    tls: ssl.SSLContext | bool | None,
) -> list[list[str | None]]:
    from pg8000.native import Connection

    schema = address.parameters.get("currentSchema")
    connection = Connection(
        user,
        host=address.host,
        database=address.database or user,
        password=password,
        sock=link,
        ssl_context=tls,
        application_name="flowops",
        startup_params={"search_path": schema} if schema else None,
    )
    with closing(connection):
        return [[*row] for row in connection.run(QUERY) or ()]


def _tls(source: Source, parameters: Mapping[str, str]) -> ssl.SSLContext | bool | None:
    """Return how to speak TLS, by ``sslmode`` and ``sslrootcert`` of the URL."""
    import ssl

    is_full = parameters.get("ssl", "false").lower() in ("true", "")
    mode = parameters.get("sslmode", "verify-full" if is_full else "prefer")
    if mode not in _MODES:
        words = f"sslmode of `ask.tables.url` is one of {', '.join(_MODES)}"
        raise TargetError(words)
    if mode in ("disable", "allow"):
        return False
    if mode == "prefer":
        return None
    if mode == "require":
        return True
    root = parameters.get("sslrootcert", "")
    path = source.root / root
    if root and not is_file(path):
        raise TargetError("the file of sslrootcert is not there")
    context = ssl.create_default_context(cafile=str(path) if root else None)
    context.check_hostname = mode == "verify-full"
    return context


def _refusal(source: Source, fields: object) -> TargetError:
    """Say why a server that answered did not give its tables."""
    said = fields if isinstance(fields, dict) else {}
    code = str(said.get("C", ""))
    if code in _LOGIN:
        user = source.shown(USER) or "the user of the URL"
        return TargetError(f"{_where(source)} refuses the login of {user} ({code})")
    if code == _NO_DATABASE:
        return TargetError(f"{_where(source)} has no such database ({code})")
    words = str(said.get("M", code))
    shown = words if len(words) <= _MOST_WORDS else f"{words[:_MOST_WORDS]}…"
    return TargetError(f"{_where(source)} refuses: {shown}")


def _too_much(source: Source) -> TargetError:
    return TargetError(
        f"{_where(source)} sends more than {MOST_BYTES // 1024**2} MiB, which no list "
        "of tables has",
        hint="list the tables in a file, as `inventory`",
    )


def _failure(source: Source, error: Exception) -> TargetError:
    """Say why a server could not be asked."""
    import ssl

    causes = [error, error.__cause__, error.__context__]
    if any(getattr(cause, "verify_code", 0) in _OTHER_HOST for cause in causes):
        return TargetError(f"{_where(source)}: its certificate is for another host")
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        words = "no authority that is trusted here signed its certificate"
        hint = "name its authority as sslrootcert in the URL"
        return TargetError(f"{_where(source)}: {words}", hint=hint)
    if any(isinstance(cause, TimeoutError) for cause in causes):
        words = f"gives no answer within {source.seconds:g} s"
        return TargetError(f"{_where(source)} {words}")
    return TargetError(f"{_where(source)} cannot be reached")


def _where(source: Source) -> str:
    return f"the database at {source.shown(URL)}"
