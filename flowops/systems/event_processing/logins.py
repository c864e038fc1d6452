"""Whether Kafka can still read the logins of a flow once their secrets are in them.

A value that ends its quotation marks makes Kafka read the rest of it as a key, and name
that key in its error. The grammar is that of Kafka's ``JaasConfig``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flowops.errors import InputError
from flowops.secrets import Secret, open_text
from flowops.systems.event_processing.sql.scripts import read_script

if TYPE_CHECKING:
    from flowops.secrets import Text

_OPTION = "sasl.jaas.config"
_QUOTED = r'"(?:[^"\\\r\n]|\\.)*"'
_PAIR = rf'([\w.$-]+)\s*=\s*(?:{_QUOTED}|[^\s"=;]+)'
_LOGIN = re.compile(rf"\s*[\w.$]+\s+\w+(?:\s+{_PAIR})*\s*;\s*")


def refuse_broken_logins(sql: Text, flow: str) -> None:
    """Refuse SQL with a login that only its secrets make unreadable.

    Raises ``InputError``, which names the table and no value.
    """
    if not isinstance(sql, Secret):
        return
    visible = _logins(str(sql))
    for table, login in _logins(open_text(sql)).items():
        keys = _keys(visible.get(table, ""))
        if keys is not None and _keys(login) != keys:
            raise InputError(
                f"{flow}: Kafka cannot read the login of {table} with the values of "
                f"its secrets",
                hint="one has a quotation mark or a line break; take another password, "
                'or write \\" in the secret',
            )


def _keys(login: str) -> list[str] | None:
    """Return the keys of a login in order; nothing where it cannot be read."""
    return re.findall(_PAIR, login) if _LOGIN.fullmatch(login) else None


def _logins(sql: str) -> dict[str, str]:
    return {
        statement.name: option.value
        for statement in read_script(sql)
        for option in statement.options
        if option.name.endswith(_OPTION)
    }
