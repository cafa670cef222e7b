"""Connections and variables of Airflow for user code: named in resources, read when they are used.

Their values come through Airflow's own API in a task, through the process that started it in an
isolated interpreter, and from AIRFLOW_CONN_… and AIRFLOW_VAR_… where there is no Airflow. Nothing
keeps them, and nothing that is shown or recorded has them.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias
from urllib.parse import parse_qsl, unquote, urlsplit

from bridge.errors import ConfigError

Kind: TypeAlias = Literal["connection", "variable"]
_PREFIX: Mapping[str, str] = {"connection": "AIRFLOW_CONN_", "variable": "AIRFLOW_VAR_"}
_FIELDS = ("conn_type", "host", "login", "password", "schema", "port", "extra")
_EXTRA = "__extra__"  # of a connection's URI: the extra as JSON, where it is not flat


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionValues:
    """What a connection of Airflow says; what may be a secret is not shown."""

    conn_id: str
    conn_type: str | None = None
    host: str | None = None
    login: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    schema: str | None = None
    port: int | None = None
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False)


_asked: Callable[[str, str], Any] | None = None


def ask_with(asks: Callable[[str, str], Any] | None) -> None:
    """From now on, ask this for kind and name: there is no Airflow in this process."""
    global _asked  # noqa: PLW0603 - a process is isolated or is not
    _asked = asks


def connection(conn_id: str) -> ConnectionValues:
    """A connection of Airflow. Raises ConfigError where there is none."""
    found = _value("connection", conn_id)
    said = _from_text(conn_id, found) if isinstance(found, str) else dict(found)
    extra = said.get("extra")
    port = said.get("port")
    return ConnectionValues(
        **{name: said.get(name) for name in _FIELDS if name not in ("extra", "port")},
        conn_id=conn_id,
        port=None if port in (None, "") else int(port),
        extra=_extra(conn_id, extra),
    )


def variable(name: str) -> str:
    """A variable of Airflow, as text. Raises ConfigError where there is none."""
    return str(_value("variable", name))


def answer(kind: Kind, name: str) -> dict[str, Any]:
    """What an isolated interpreter asked for, or why there is none."""
    try:
        return {"value": _value(kind, name)}
    except ConfigError as error:
        return {"error": str(error)}


def unknown(message: str) -> ConfigError:
    """What to raise for what Airflow does not have."""
    return ConfigError(message)


def _value(kind: Kind, name: str) -> Any:
    if _asked is not None:
        return _asked(kind, name)
    if "airflow" in sys.modules:
        read = getattr(importlib.import_module("adapters.airflow.compat"), kind)
        try:
            return read(name)
        except Exception as error:  # noqa: BLE001 - a secrets backend may raise anything
            raise ConfigError(
                f"Airflow has no {kind} {name!r} that a task can read "
                f"({type(error).__name__}). `airflow {kind}s list` shows what there is."
            ) from None  # its text may hold what a secrets backend was asked with
    found = os.environ.get(f"{_PREFIX[kind]}{name.upper()}")
    if found is None:
        raise ConfigError(
            f"There is no Airflow here to ask for the {kind} {name!r}. Set "
            f"{_PREFIX[kind]}{name.upper()}, as Airflow reads it."
        )
    return found


def _from_text(conn_id: str, text: str) -> dict[str, Any]:
    """A connection as its variable says it: JSON, or a URI."""
    if text.lstrip().startswith("{"):
        try:
            said: dict[str, Any] = json.loads(text)
        except ValueError:
            raise _unreadable(conn_id) from None
        return said
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise _unreadable(conn_id) from None
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    return {
        "conn_type": parts.scheme.replace("-", "_"),
        "host": unquote(parts.hostname or "") or None,
        "login": None if parts.username is None else unquote(parts.username),
        "password": None if parts.password is None else unquote(parts.password),
        "schema": unquote(parts.path[1:]) or None,
        "port": port,
        "extra": query.get(_EXTRA, query),
    }


def _extra(conn_id: str, extra: Any) -> Mapping[str, Any]:
    if isinstance(extra, str) and extra:
        try:
            extra = json.loads(extra)
        except ValueError:
            raise _unreadable(conn_id) from None
    return extra if isinstance(extra, Mapping) else {}


def _unreadable(conn_id: str) -> ConfigError:
    # without the text, which holds a password
    return ConfigError(
        f"The connection {conn_id!r} cannot be read. Write it as JSON, "
        '{"conn_type": "postgres", "host": …}, or as a URI.'
    )
