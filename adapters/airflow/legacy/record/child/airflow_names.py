"""Which stand-in a dotted `airflow` name gets, in 1.10, 2.x and 3.x alike; any provider's operator
is made on demand.
"""

# Signatures are Airflow's.
# ruff: noqa: FBT002

import json
import os
import re
import types
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from itertools import pairwise
from typing import Any

from .airflow_datasets import Asset, AssetAlias, AssetSet, Timetable, timetable_class
from .airflow_graph import DAG, EdgeModifier, TaskGroup, as_list, link
from .airflow_operators import (
    BaseOperator,
    BaseSensorOperator,
    XComArg,
    days_ago,
    operator_class,
)
from .airflow_setup import ContextWrapper
from .airflow_taskflow import AssetDecorator, TaskKind, dag, setup, task_group, teardown
from .assumptions import assumed
from .journal import journal
from .placeholders import Unknown, unknown_class, unknown_exception

_OPERATOR_NAME = re.compile(r"^_?[A-Z]\w*(Operator|Sensor|OperatorAsync|SensorAsync|Transfer)$")
_OPERATOR_MODULE = re.compile(r"(^|\.)(operators|sensors|transfers|\w+_(operator|sensor))(\.|$)")
_ABSENT = object()


def chain(*steps: Any) -> None:
    """Each step before the next; two lists of one length pair up."""
    for before, after in pairwise(steps):
        one, other = isinstance(before, (list, tuple)), isinstance(after, (list, tuple))
        if one and other:
            for left, right in zip(before, after, strict=False):
                link(left, right)
        else:
            for left in as_list(before):
                for right in as_list(after):
                    link(left, right)


def chain_linear(*steps: Any) -> None:
    """Each step before the next, lists crossed."""
    for before, after in pairwise(steps):
        cross_downstream(before, after)


def cross_downstream(from_tasks: Any, to_tasks: Any) -> None:
    """Every one of the first before every one of the second."""
    for left in as_list(from_tasks):
        for right in as_list(to_tasks):
            link(left, right)


class ConstantsMeta(type):
    """`TriggerRule.ALL_DONE` is `"all_done"`; so for states and weight rules."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return Constant(name.lower())


class Constant(str):
    """A text that also answers to `.value` and `.name`, as an enum's member does."""

    __slots__ = ()
    value = property(str)
    name = property(lambda self: str(self).upper())


class Constants(metaclass=ConstantsMeta):
    """Any of Airflow's enums of lower case words."""

    def __new__(cls, value: Any = "") -> Any:
        return Constant(value)


class Supplied:
    """Variables and connections handed in with the job."""

    variables: dict[str, Any] = {}  # noqa: RUF012 - set once per process


class Variable:
    """Variables: supplied, else the default the file gives, else an assumed text."""

    def __init__(self, *args: Any, **kwargs: Any) -> None: ...

    @staticmethod
    def get(key: Any, *default: Any, deserialize_json: bool = False, **named: Any) -> Any:
        if key in Supplied.variables:
            return _as_asked(str(key), Supplied.variables[key], decoded=deserialize_json)
        named_default = named.get("default_var", named.get("default", _ABSENT))
        found = default[0] if default else named_default
        if found is not _ABSENT:
            journal.note(
                "info",
                "variable_default",
                f"the Variable {key} is not known; the file's default is taken",
            )
            return found
        journal.note("warning", "assumed_variable", f"the Variable {key} is assumed")
        return Unknown(f"Variable {key}") if deserialize_json else assumed("var", str(key))

    @staticmethod
    def set(*args: Any, **kwargs: Any) -> None: ...

    update = delete = set

    @staticmethod
    def setdefault(key: Any, default: Any = None, **options: Any) -> Any:
        return Variable.get(key, default)


def _as_asked(key: str, value: Any, *, decoded: bool) -> Any:
    """A supplied value as a text, or decoded, whichever of both the export holds."""
    if not decoded:
        return value if isinstance(value, str) else json.dumps(value)
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        journal.note("warning", "variable_not_json", f"the Variable {key} as supplied is no JSON")
        return value


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


def _ds_add(ds: str, days: int) -> str:
    return (datetime.strptime(ds, "%Y-%m-%d") + timedelta(days=days)).strftime("%Y-%m-%d")  # noqa: DTZ007


def _ds_format(ds: str, input_format: str, output_format: str) -> str:
    return datetime.strptime(ds, input_format).strftime(output_format)  # noqa: DTZ007


def _aware(*args: Any, **kwargs: Any) -> datetime:
    return datetime(*args, **{"tzinfo": timezone.utc, **kwargs})  # noqa: DTZ001 - it has one


def _same(function: Any = None, *args: Any, **kwargs: Any) -> Any:
    return function if callable(function) else lambda decorated: decorated


def _parsing_context(*args: Any) -> Any:
    class ParsingContext:
        dag_id = None
        task_id = None

    return ParsingContext()


_BY_NAME: dict[str, Any] = {
    "DAG": DAG,
    "Dag": DAG,
    "dag": dag,
    "task": TaskKind(),
    "task_group": task_group,
    "setup": setup,
    "teardown": teardown,
    "TaskGroup": TaskGroup,
    "BaseOperator": BaseOperator,
    "XComArg": XComArg,
    "BaseSensorOperator": BaseSensorOperator,
    "chain": chain,
    "chain_linear": chain_linear,
    "Label": EdgeModifier,
    "cross_downstream": cross_downstream,
    "EdgeModifier": EdgeModifier,
    "Variable": Variable,
    "Param": Param,
    "Connection": Connection,
    "BaseHook": BaseHook,
    "conf": Configuration(),
    "days_ago": days_ago,
    "literal": _same,
    "Dataset": Asset,
    "Asset": Asset,
    "AssetAlias": AssetAlias,
    "DatasetAlias": AssetAlias,
    "Model": Asset,
    "AssetAny": AssetSet,
    "AssetAll": AssetSet,
    "DatasetAny": AssetSet,
    "DatasetAll": AssetSet,
    "asset": AssetDecorator(),
    "Timetable": Timetable,
    "TriggerRule": Constants,
    "State": Constants,
    "TaskInstanceState": Constants,
    "DagRunState": Constants,
    "WeightRule": Constants,
    "DagRunType": Constants,
    "apply_defaults": _same,
    "provide_session": _same,
    "prepare_lineage": _same,
    "apply_lineage": _same,
    "context_wrapper": ContextWrapper,
    "get_parsing_context": _parsing_context,
    "deprecated": _same,
    "python_task": TaskKind("python"),
    "branch_task": TaskKind("branch"),
    "short_circuit_task": TaskKind("short_circuit"),
    "BaseOperatorMeta": type(BaseOperator),
    "ds_add": _ds_add,
    "ds_format": _ds_format,
    "__version__": "2.11.2",
    "version": "2.11.2",
}

# Names that mean something else, or nothing, outside these modules.
_SDK = ("airflow.sdk", "airflow.providers.common.compat.sdk")
_ONLY_IN: dict[str, tuple[str, ...]] = {
    "task": ("airflow.decorators", *_SDK),
    "dag": ("airflow.decorators", *_SDK, "airflow.models.dag"),
    "setup": ("airflow.decorators", *_SDK),
    "asset": _SDK,
    "version": ("airflow.version",),
    "Model": _SDK,
}


class _Now:
    """A constant that depends on the file being read."""

    def __init__(self, value: Callable[[], Any]) -> None:
        self._value = value

    def __call__(self) -> Any:
        return self._value()


_TIMEZONE: dict[str, Any] = {
    "utc": timezone.utc,
    "datetime": _aware,
    "utcnow": lambda: datetime.now(timezone.utc),
    "parse": datetime.fromisoformat,
}
_OF_MODULE: dict[str, Any] = {
    "airflow.settings.DAGS_FOLDER": _Now(lambda: Configuration().get("core", "dags_folder")),
    "airflow.settings.TIMEZONE": timezone.utc,
    "airflow.configuration.get": Configuration().get,
    "airflow.configuration.AIRFLOW_HOME": _Now(lambda: os.environ.get("AIRFLOW_HOME", "")),
    "airflow.utils.dates.timezone": timezone,
}


def name_of(module: str, name: str) -> Any:
    """The stand-in for `from <module> import <name>`."""
    path = f"{module}.{name}"
    if path in _OF_MODULE:
        found = _OF_MODULE[path]
        return found() if isinstance(found, _Now) else found
    if module.endswith(".timezone") and name in _TIMEZONE:
        return _TIMEZONE[name]
    if name in _BY_NAME and module.startswith(_ONLY_IN.get(name, ("airflow",))):
        return _BY_NAME[name]
    if name.endswith(("Timetable", "TimeSchedule", "PartitionedAtRuntime")) or (
        ".timetables." in module and name[:1].isupper()
    ):
        return timetable_class(name)
    return foreign_name(path, in_operators=bool(_OPERATOR_MODULE.search(module)))


def foreign_name(path: str, *, in_operators: bool = False) -> Any:
    """A name of any module that is not importable: by its looks an operator, an exception, or
    unknown.
    """
    name = path.rpartition(".")[2]
    if name.endswith(("Exception", "Error", "Warning")) and name[:1].isupper():
        return unknown_exception(path)
    if name.endswith(("Dag", "DAG", "TaskGroup")) and name[:1].isupper():
        return _container_class(path)
    if _OPERATOR_NAME.match(name) or (
        in_operators and name[:1].isupper() and not name.isupper() and _is_class(name)
    ):
        return operator_class(path)
    if name.endswith("Hook") and path.startswith("airflow."):
        return _hook_class(path)
    return Unknown(path)


_containers: dict[str, type] = {}


def _container_class(path: str) -> type:
    """A DAG or group that fills itself (Cosmos): it is recorded empty, and a finding says so."""
    if path not in _containers:
        module, _, name = path.rpartition(".")
        base: Any = TaskGroup if name.endswith("TaskGroup") else DAG

        def init(self: Any, *args: Any, **kwargs: Any) -> None:
            message = f"what {name} fills itself with is not read; its tasks are missing"
            journal.note("warning", "tasks_not_read", message)
            base.__init__(self, *args, **kwargs)

        body = {"__module__": module, "_stand_in": True, "__init__": init}
        _containers[path] = types.new_class(name, (base,), {}, lambda space: space.update(body))
    return _containers[path]


_OTHER_CLASSES = (
    "Hook",
    "Trigger",
    "Link",
    "Mode",
    "Config",
    "Type",
    "Rule",
    "Status",
    "Mixin",
    "Condition",
    "Enum",
)


def _is_class(name: str) -> bool:
    return not name.endswith(_OTHER_CLASSES)


_hooks: dict[str, type] = {}


def _hook_class(path: str) -> type:
    if path not in _hooks:
        module, _, name = path.rpartition(".")
        body = {"__module__": module, "_stand_in": True}
        _hooks[path] = types.new_class(
            name, (BaseHook,), exec_body=lambda space: space.update(body)
        )
    return _hooks[path]
