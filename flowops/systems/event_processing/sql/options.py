"""The connector options inside a SQL text that config.yaml lists.

The product lists nodes with a Kafka, JDBC or HTTP connector ("Deploying jobs
customized for production or test environments").
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.secrets import Secret, Text, open_text
from flowops.systems.event_processing.redaction.sensitive import mask_option
from flowops.systems.event_processing.sql.scripts import TABLE, read_script

if TYPE_CHECKING:
    from collections.abc import Iterator

LISTED_CONNECTORS = frozenset(
    (
        *("kafka", "upsert-kafka", "jdbc"),
        *("http", "http-sink", "http-async-sink", "rest-lookup"),
    )
)


def sql_options(statement: Text) -> Iterator[tuple[str, str, Text]]:
    """Give table, name and value of the options a script sets, by name."""
    for found in read_script(open_text(statement)):
        if found.makes == TABLE and found.connector in LISTED_CONNECTORS:
            for option in sorted(found.options, key=lambda option: option.name):
                yield found.name, option.name, sealed(option.name, option.value)


def sealed(name: str, value: str) -> Text:
    """Seal the value of an option if it is sensitive."""
    masked = mask_option(name, value).text
    return value if masked == value else Secret(value, masked)
