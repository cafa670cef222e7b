"""Where the connections of a legacy system lead, from what a person hands in; no secret is kept."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

import yaml

from bridge.capabilities import ConnectionAddress
from bridge.cli.supplied import lines_of, read_text
from bridge.errors import ConfigError

_IN_ENVIRONMENT = "AIRFLOW_CONN_"


def connections_of(path: Path) -> dict[str, ConnectionAddress]:
    """Connections as `airflow connections export` writes them: JSON, YAML, or lines `id=URI`.

    Raises ConfigError, which shows no value, where the file is another.
    """
    if path.suffix not in (".json", ".yaml", ".yml"):
        return {
            name: _address(each, f"{path}: the connection {name}")
            for name, each in lines_of(path).items()
        }
    try:
        found = yaml.safe_load(read_text(path))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise ConfigError(f"{path}:{line} is no {path.suffix[1:].upper()}.") from None
    if not isinstance(found, dict):
        raise ConfigError(
            f"{path} holds a {type(found).__name__}; give what `airflow connections export` "
            "writes, one object of names and connections."
        )
    return {
        str(name): _address(each, f"{path}: the connection {name}") for name, each in found.items()
    }


def in_environment(environment: Mapping[str, str]) -> dict[str, ConnectionAddress]:
    """What the `AIRFLOW_CONN_*` of an environment say. Raises ConfigError, which shows no value."""
    return {
        name.removeprefix(_IN_ENVIRONMENT).lower(): _address(each, name)
        for name, each in environment.items()
        if name.startswith(_IN_ENVIRONMENT)
    }


def _address(given: object, what: str) -> ConnectionAddress:
    """Of a URI, of JSON that holds an object, or of the object."""
    if isinstance(given, str) and given.lstrip().startswith("{"):
        try:
            given = json.loads(given)
        except json.JSONDecodeError:
            raise ConfigError(f"{what} is neither a URI nor JSON.") from None
    try:
        return _of_uri(given) if isinstance(given, str) else _of_object(given)
    except (ValueError, TypeError):
        raise ConfigError(
            f"{what} is no connection: give a URI such as postgres://host:5432/database, or an "
            "object with conn_type, host, port and schema."
        ) from None


def _of_uri(uri: str) -> ConnectionAddress:
    parts = urlsplit(uri)
    if not parts.scheme:
        raise ValueError
    _, _, host = parts.netloc.rpartition("@")
    port = parts.port
    if port is not None:
        host = host.rpartition(":")[0]
    return ConnectionAddress(
        kind=parts.scheme.replace("-", "_"),
        host=unquote(host),
        port=port,
        database=unquote(parts.path[1:]),
    )


def _of_object(given: object) -> ConnectionAddress:
    if not isinstance(given, dict) or not given.get("conn_type"):
        raise ValueError
    port = given.get("port")
    return ConnectionAddress(
        kind=str(given["conn_type"]),
        host=str(given.get("host") or ""),
        port=int(port) if port not in (None, "") else None,
        database=str(given.get("schema") or ""),
    )
