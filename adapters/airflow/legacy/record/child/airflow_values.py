"""Stand-ins for what code asks of an Airflow while it is parsed: Variables, connections,
parameters, configuration.
"""

# Signatures are Airflow's.
# ruff: noqa: FBT002

import json
import os
from typing import Any

from .assumptions import assumed, assumptions, is_unfit
from .journal import journal
from .placeholders import Unknown, unknown_class

_ABSENT = object()
_PREFIX = "AIRFLOW_VAR_"


class _Variables(dict[str, Any]):
    """Variables by name. Airflow asks the environment first: `AIRFLOW_VAR_BUCKET` is `bucket`."""

    def __init__(self, known: dict[str, Any], environment: dict[str, str]) -> None:
        super().__init__(known)
        self._told = {
            name.removeprefix(_PREFIX): value
            for name, value in environment.items()
            if name.startswith(_PREFIX)
        }

    def __contains__(self, key: object) -> bool:
        return str(key).upper() in self._told or super().__contains__(key)

    def __getitem__(self, key: str) -> Any:
        told = self._told.get(str(key).upper())
        return super().__getitem__(key) if told is None else told

    def __bool__(self) -> bool:
        return bool(self._told) or len(self) > 0


class Supplied:
    """Variables and environment handed in with the job."""

    variables: dict[str, Any] = {}  # noqa: RUF012 - set once per process
    environment: dict[str, str] = {}  # noqa: RUF012 - as above
    deployed: dict[str, str] = {}  # noqa: RUF012 - as above

    @classmethod
    def begin(cls, options: dict[str, Any]) -> None:
        """Start a file. What a code base ships itself may not be what its code is written for: a
        Variable that an earlier run stumbled over is not known in this one.
        """
        cls.environment = options["environment"]
        cls.deployed = options.get("deployed", {})
        known = options["variables"].items()
        cls.variables = _Variables(
            {name: value for name, value in known if not is_unfit(name)}, options["environment"]
        )
        assumptions.shipped = frozenset(options.get("shipped", ()))

    @classmethod
    def tell(cls, name: Any, place: tuple[str, int] | None = None) -> None:
        """Note that a value of the environment is only what a file of the code base says, if so."""
        if name in cls.deployed:
            message = f"the environment variable {name} is assumed to be what {cls.deployed[name]}"
            journal.note("info", "deployed_environment", f"{message} says", place=place)

    @classmethod
    def variable(cls, key: str, *, decoded: bool) -> Any:
        """The Variable, as a text or decoded, whichever of both the export holds; KeyError where
        it was not handed in.
        """
        value = cls.variables[key]
        if not decoded:
            return value if isinstance(value, str) else json.dumps(value)
        try:
            value = json.loads(value) if isinstance(value, str) else value
        except ValueError:
            message = f"the Variable {key} as supplied is no JSON"
            journal.note("warning", "variable_not_json", message)
        assumptions.hand_out(key, value)
        return value


class Variable:
    """Variables: supplied, else the default the file gives, else an assumed text."""

    def __init__(self, *args: Any, **kwargs: Any) -> None: ...

    @staticmethod
    def get(key: Any, *default: Any, deserialize_json: bool = False, **named: Any) -> Any:
        if key in Supplied.variables:
            return Supplied.variable(str(key), decoded=deserialize_json)
        named_default = named.get("default_var", named.get("default", _ABSENT))
        found = default[0] if default else named_default
        if found is not _ABSENT:
            journal.note(
                "info",
                "variable_default",
                f"the Variable {key} is not known; the file's default is taken",
            )
            return _as_if_set(found) if deserialize_json else found
        journal.note("warning", "assumed_variable", f"the Variable {key} is assumed")
        return Unknown(f"Variable {key}") if deserialize_json else assumed("var", str(key))

    @staticmethod
    def set(*args: Any, **kwargs: Any) -> None: ...

    update = delete = set

    @staticmethod
    def setdefault(key: Any, default: Any = None, **options: Any) -> Any:
        return Variable.get(key, default)


def _as_if_set(default: Any) -> Any:
    """What the Variable would be if it held its default: Airflow decodes no default, but code that
    gives a JSON text for one can only go on with what is in it.
    """
    if not isinstance(default, str):
        return default
    try:
        decoded = json.loads(default)
    except ValueError:
        return default
    return decoded if isinstance(decoded, (dict, list)) else default


class Connection:
    """A connection: every part of it is assumed."""

    def __init__(self, conn_id: Any = None, **given: Any) -> None:
        self.conn_id = str(conn_id)
        self.given = given

    @classmethod
    def get(cls, conn_id: Any) -> "Connection":
        journal.note("warning", "assumed_connection", f"the connection {conn_id} is assumed")
        return cls(conn_id)

    get_connection_from_secrets = get

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if name in self.__dict__.get("given", {}):
            return self.given[name]
        if name in ("host", "login", "password", "schema", "conn_type", "uri"):
            return assumed("conn", str(self.conn_id), name)
        if name == "port":
            return 1
        if name == "get_uri":
            return lambda: assumed("conn", str(self.conn_id), "uri")
        return Unknown(f"connection {self.conn_id}.{name}")


class BaseHook(unknown_class("airflow.hooks.base.BaseHook")):  # type: ignore[misc]
    """Hooks are unknown but for the connection they look up."""

    @classmethod
    def get_connection(cls, conn_id: Any) -> Connection:
        return Connection.get(conn_id)


class Param:
    """A DAG parameter and its default."""

    def __init__(self, default: Any = None, description: Any = None, **options: Any) -> None:
        self.value = default
        self.default = default
        self.options = options

    def resolve(self, *args: Any, **kwargs: Any) -> Any:
        return self.value


class Configuration:
    """`conf.get(...)`: the fallback, else something harmless of the right type."""

    def get(self, section: str, key: str = "", fallback: Any = None, **options: Any) -> Any:
        given = os.environ.get(f"AIRFLOW__{section}__{key}".upper())
        if given is not None:
            return given  # as Airflow reads it; the DAG folder is always there
        return assumed("conf", f"{section}_{key}") if fallback is None else fallback

    def getboolean(self, section: str, key: str = "", fallback: Any = False, **options: Any) -> Any:
        return fallback

    def getint(self, section: str, key: str = "", fallback: Any = 0, **options: Any) -> Any:
        return fallback

    getfloat = getint
    has_option = getboolean

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Unknown(f"conf.{name}")
