"""A SQL script as one job: settings, what has to be made first, and one statement."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowops.errors import InputError
from flowops.secrets import REDACTION
from flowops.systems.event_processing.redaction.sensitive import mask_text
from flowops.systems.event_processing.sql.scripts import unquote_text
from flowops.systems.event_processing.sql.text import code, split_tokens

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowops.systems.event_processing.sql.text import Token

_SET_OPENS = (["EXECUTE", "STATEMENT", "SET"], ["BEGIN", "STATEMENT", "SET"])
_WITHHELD = "the reason is not shown, as it may hold a secret: see Flink's own log"


@dataclass(frozen=True, slots=True)
class JobScript:
    """A script, taken apart: ``query`` is the statement that starts the job."""

    settings: Mapping[str, str]
    before: tuple[str, ...]
    query: str

    @property
    def statements(self) -> tuple[str, ...]:
        """Return every statement in the order in which it has to run."""
        return (*self.before, self.query)


def job_script(sql: str) -> JobScript:
    """Take a script apart; several INSERTs become one statement set, so one job.

    Raises ``InputError`` when nothing in it writes anywhere.
    """
    settings: dict[str, str] = {}
    before: list[str] = []
    inserts: list[str] = []
    for found, end in split_tokens(sql):
        tokens = _without_opening(found)
        words = [token.upper for token in tokens[:2]]
        if words in ([], ["END"]):
            continue
        text = sql[tokens[0].start : end].rstrip()
        if words[0] == "SET":
            settings |= _setting(tokens)
        elif words[0] == "INSERT" or words[:2] == ["EXECUTE", "INSERT"]:
            inserts.append(text if words[0] == "INSERT" else text[len("EXECUTE") :])
        else:
            before.append(text)
    if not inserts:
        raise InputError(
            "the SQL has no INSERT, so there is nothing for Flink to run",
            hint="connect the flow to a destination",
        )
    return JobScript(settings, tuple(before), _query([i.strip() for i in inserts]))


def _without_opening(tokens: list[Token]) -> list[Token]:
    """Return what follows the words a statement set starts with."""
    words = [token.upper for token in tokens[:4]]
    if words[:3] not in _SET_OPENS:
        return tokens
    return tokens[4:] if words[3:] == ["BEGIN"] else tokens[3:]


def _query(inserts: list[str]) -> str:
    if len(inserts) == 1:
        return inserts[0]
    lines = "".join(f"{insert};\n" for insert in inserts)
    return f"EXECUTE STATEMENT SET\nBEGIN\n{lines}END"


def _setting(tokens: list[Token]) -> dict[str, str]:
    """Read ``SET 'key' = 'value'``."""
    match [token.text for token in tokens[1:]]:
        case [key, "=", value] if key.startswith("'") and value.startswith("'"):
            return {unquote_text(key): unquote_text(value)}
        case _:
            raise InputError(
                "the SQL has a SET that cannot be read",
                hint="write SET 'key' = 'value'",
            )


def hide(text: str, opened: str, visible: str) -> str:
    """Return a text of the cluster without the secrets of the SQL it was given.

    The two faces of the SQL say what is secret: the tokens that differ. Where they
    cannot be told apart, nothing of the text is shown.
    """
    if opened == visible:
        return mask_text(text).text
    secrets = _secrets(code(opened), code(visible))
    if not secrets:
        return _WITHHELD
    for value in sorted(secrets, key=len, reverse=True):
        for form in (value, value.replace("''", "'"), value.replace('\\"', '"')):
            text = text.replace(form, secrets[value])
    return mask_text(text).text


def _secrets(opened: list[Token], visible: list[Token]) -> Mapping[str, str]:
    """Return each secret with what stands in its place; nothing if one is in doubt."""
    found: dict[str, str] = {}
    if len(opened) != len(visible):
        return found
    for one, other in zip(opened, visible, strict=True):
        pattern = "(.*?)".join(map(re.escape, REDACTION.split(other.text)))
        match = re.fullmatch(pattern, one.text, re.DOTALL)
        if match is None:
            return {}
        places = REDACTION.findall(other.text)
        found |= dict(zip(match.groups(), places, strict=True))
    return {
        secret: place for secret, place in found.items() if secret != place and secret
    }
