"""Settings that a person hands to legacy code: exported Variables, and a file of environment."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TypeVar

from bridge.env_lines import assignment
from bridge.errors import ConfigError

_Value = TypeVar("_Value")
# What is read here may be seen in the snapshot later: a secret is left out, and is then assumed.
SECRET = re.compile(
    r"passw|pwd|secret|token|credential|(access|api|private)_?key|auth$|authoriz|cookie",
    re.IGNORECASE,
)


def variables_of(path: Path) -> tuple[dict[str, object], list[str]]:
    """Variables as `airflow variables export` writes them, and the names left out as secrets.

    Raises ConfigError where the file is no JSON object.
    """
    text = read_text(path)
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        raise ConfigError(f"{path}:{error.lineno} is no JSON: {error.msg}.") from error
    if not isinstance(found, dict):
        raise ConfigError(
            f"{path} holds a {type(found).__name__}; give what `airflow variables export` writes, "
            "one object of names and values."
        )
    return _without_secrets({name: _value(each) for name, each in found.items()})


def environment_of(path: Path) -> tuple[dict[str, str], list[str]]:
    """The environment that a file of `NAME=value` gives, and the names left out as secrets.

    Raises ConfigError for any other line.
    """
    return _without_secrets(lines_of(path))


def lines_of(path: Path) -> dict[str, str]:
    """Lines `NAME=value`, with `export`, quotes and comments as in a shell.

    Raises ConfigError for any other line.
    """
    found: dict[str, str] = {}
    for number, line in enumerate(read_text(path).splitlines(), start=1):
        plain = line.strip()
        if not plain or plain.startswith("#"):
            continue
        pair = assignment(plain)
        if pair is None:
            raise ConfigError(f"{path}:{number} is no NAME=value.")
        found[pair[0]] = pair[1]
    return found


def read_text(path: Path) -> str:
    """All of a file that a person named. Raises ConfigError where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}.") from error


def _value(value: object) -> object:
    """A Variable's value; Airflow can write it together with its description."""
    if isinstance(value, dict) and "value" in value and set(value) <= {"value", "description"}:
        return value["value"]
    return value


def _without_secrets(found: dict[str, _Value]) -> tuple[dict[str, _Value], list[str]]:
    secret = [name for name in found if SECRET.search(name)]
    return {name: value for name, value in found.items() if name not in secret}, secret
