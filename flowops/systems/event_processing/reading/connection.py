"""Read how a node reaches Kafka, in each shape an export has had.

Up to flowVersion 3 a node holds ``ssl`` and ``certs``; from 5 on it names the
security protocol and has ``truststoreCertificates``; from 6 on the login stands
under ``credentials``. All three are told apart by their keys.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.secrets import PASSWORD_REDACTED, USERNAME_REDACTED, Secret, open_text
from flowops.systems.event_processing.pipeline import Connection, Credentials
from flowops.systems.event_processing.redaction.sensitive import is_placeholder

if TYPE_CHECKING:
    from flowops.secrets import Text
    from flowops.systems.event_processing.reading.places import Place

SASL = "SASL"
_NO_LOGIN = frozenset(("", "NONE"))
_QUOTE_BREAKERS = ('"', "\\", "\n", "\r")

CONNECTION_KEYS = frozenset(
    (
        *("topicName", "bootstrapServers", "ssl", "topic", "securityProtocol", "type"),
        *("certificatesAccepted", "certs", "truststoreCertificates", "mechanism"),
        *("username", "password", "credentials", "topicAlias"),
    )
)

# The shape of 1.0, before flowVersion was written.
FLAT_KEYS = CONNECTION_KEYS - {
    *("securityProtocol", "truststoreCertificates", "credentials", "topicAlias"),
}


def read_connection(configuration: Place) -> Connection:
    """Read servers, topic, security and login from a source or a destination."""
    credentials = _credentials(configuration)
    certificates = configuration.first("truststoreCertificates", "certs")
    accepts = configuration.get("certificatesAccepted").flag(default=False)
    bundles = tuple(b for c in certificates.items() if (b := c.get("pem").text()))
    protocol = _protocol(configuration, credentials, is_encrypted=bool(bundles))
    return Connection(
        servers=tuple(s.text() for s in configuration.get("bootstrapServers").items()),
        topic=configuration.get("topic").text(),
        protocol=protocol,
        is_encrypted=str(protocol).endswith("SSL"),
        credentials=credentials,
        certificates=bundles,
        accepts_any_certificate=accepts and not bundles,
        keys=tuple(key for key in configuration.mapping() if key in CONNECTION_KEYS),
        pointers={
            "node": configuration.pointer,
            "topic": configuration.get("topic").pointer,
            "servers": configuration.get("bootstrapServers").pointer,
            "protocol": configuration.first("securityProtocol", "ssl").pointer,
            "credentials": credentials.pointer,
            "certificates": certificates.pointer,
            "accepted": configuration.get("certificatesAccepted").pointer,
        },
    )


def _credentials(configuration: Place) -> Credentials:
    nested = configuration.get("credentials")
    login = configuration if nested.value is None else nested
    kind = login.get("type").word().upper()
    data = configuration if nested.value is None else nested.get("data")
    username, password = data.get("username"), data.get("password")
    plain = (username.text(), password.text())
    return Credentials(
        type="" if kind in _NO_LOGIN or not any(map(open_text, plain)) else kind,
        mechanism=data.get("mechanism").word(),
        username=_sealed(plain[0], USERNAME_REDACTED),
        password=_sealed(plain[1], PASSWORD_REDACTED),
        pointer=password.pointer,
        is_redacted=any(isinstance(p, str) and is_placeholder(p) for p in plain),
        is_quotable=all(_is_quotable(p) for p in (username, password)),
    )


def _sealed(value: Text, visible: str) -> Text:
    return value if isinstance(value, Secret) else Secret(value, visible)


def _is_quotable(place: Place) -> bool:
    value = place.value if isinstance(place.value, str) else ""
    return not any(mark in value for mark in _QUOTE_BREAKERS)


def _protocol(
    configuration: Place, credentials: Credentials, *, is_encrypted: bool
) -> Text:
    """Return the security protocol, worked out from ``ssl`` in the oldest shape."""
    if named := configuration.get("securityProtocol").text():
        return named
    has_layer = configuration.get("ssl").flag(default=is_encrypted)
    layer = "SSL" if has_layer else "PLAINTEXT"
    return f"SASL_{layer}" if credentials.type else layer
