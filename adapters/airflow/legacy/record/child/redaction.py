"""Secrets that were handed to a file, or that it names as such, kept out of what is said of it."""

import json
import re
from collections.abc import Mapping
from typing import Any

from .assumptions import AssumedText
from .each_text import each_text

SECRET = re.compile(
    r"passw|pwd|secret|token|credential|(access|api|private)_?key|auth$|authoriz|cookie",
    re.IGNORECASE,
)
NO_SECRET = re.compile(
    r"(_conn_id|_path|_name|_id|_file|_url|_uri|_backend"
    r"|(?<!api)(?<!private)(?<!access)(?<!secret)_keys?)$|(?-i:^(OLD)?PWD$)",
    re.IGNORECASE,
)
_SHORTEST = 6  # a shorter value stands in too many texts by chance
# Values that protect nothing, and stand in texts, names and paths for what they mean.
_WORDS = frozenset(
    """
    access account admin administrator airflow bearer changeme client database default development
    docker dummy example false google guest localhost master mysql oauth oracle password postgres
    postgresql private production public redis secret service snowflake staging string testing
    token unknown username warehouse
    """.split()  # noqa: SIM905
)
_HIDDEN = "***"


def looks_secret(name: str) -> bool:
    """Does the name say that its value is a secret?"""
    return bool(SECRET.search(name)) and not NO_SECRET.search(name)


def secrets_in(values: Mapping[Any, Any]) -> set[str]:
    """The texts under names that say they are secret, at any depth and in JSON; no templates."""
    found: set[str] = set()
    for name, value in list(values.items()):
        if isinstance(value, dict):
            found |= secrets_in(value)
        elif isinstance(value, str) and value.lstrip().startswith("{"):
            found |= _in_json(value)
        elif (
            type(value) is str
            and not isinstance(value, AssumedText)
            and len(value) >= _SHORTEST
            and value.lower() not in _WORDS
            and "{{" not in value
            and looks_secret(str(name))
            and value not in str(name)  # {"token_transfers": "token_transfers"} names a table
        ):
            found.add(value)
    return found


def _in_json(text: str) -> set[str]:
    try:
        value = json.loads(text)
    except ValueError:
        return set()
    return secrets_in(value) if isinstance(value, dict) else set()


def without(value: Any, secrets: set[str]) -> Any:
    """The same value, the secrets in its texts replaced by stars."""
    if not secrets:
        return value
    longest_first = sorted(secrets, key=lambda text: (-len(text), text))

    def hidden(text: str) -> str:
        for secret in longest_first:
            text = text.replace(secret, _HIDDEN)
        return text

    return each_text(value, hidden)
