"""Which stand-in a dotted `airflow` name gets, in 1.10, 2.x and 3.x alike; any provider's operator
is made on demand.
"""

# Signatures are Airflow's.

import os
import re
import types
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from itertools import pairwise
from typing import Any

from .airflow_datasets import Asset, AssetAlias, AssetSet, Timetable, timetable_class
from .airflow_graph import DAG, EdgeModifier, TaskGroup, as_list, link
from .airflow_operators import BaseOperator, BaseSensorOperator, days_ago, operator_class
from .airflow_setup import ContextWrapper
from .airflow_taskflow import AssetDecorator, TaskKind, dag, setup, task_group, teardown
from .airflow_values import BaseHook, Configuration, Connection, Param, Variable
from .airflow_xcom import XComArg
from .journal import journal
from .placeholders import Unknown, unknown_class, unknown_exception
from .pristine import of_one_file
from .settings_libraries import NAMES as SETTINGS
from .time_zones import ZONES

_OPERATOR_NAME = re.compile(r"^_?[A-Z]\w*(Operator|Sensor|OperatorAsync|SensorAsync|Transfer)$")
_OPERATOR_MODULE = re.compile(r"(^|\.)(operators|sensors|transfers|\w+_(operator|sensor))(\.|$)")


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
    "airflow.utils.dates.datetime": datetime,  # which that module imports itself
    "airflow.utils.dates.timedelta": timedelta,
    # classes that Airflow 2.11 calls otherwise than they are imported
    "airflow.models.ImportError": unknown_exception("airflow.models.ParseImportError"),
    "airflow.models.errors.ImportError": unknown_exception("airflow.models.ParseImportError"),
    "airflow.models.XCom": Unknown("airflow.models.xcom.BaseXCom"),
    "airflow.models.xcom.XCom": Unknown("airflow.models.xcom.BaseXCom"),
}


def _class_of_tables(*args: Any, **options: Any) -> Any:
    """What SQLAlchemy makes is a class: `type(name, (Base,), columns)` takes nothing else."""
    return unknown_class("sqlalchemy.orm.Base")


_ANSWERS: dict[str, Any] = {
    # What generated code asks of its library before anything else: whether it is too old.
    "grpc._utilities.first_version_is_lower": lambda *versions: False,
    "sqlalchemy.orm.declarative_base": _class_of_tables,
    "sqlalchemy.ext.declarative.declarative_base": _class_of_tables,
    **SETTINGS,
    **ZONES,
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
    if path in _ANSWERS:
        return _ANSWERS[path]
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


_containers: dict[str, type] = of_one_file({})


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


_hooks: dict[str, type] = of_one_file({})


def _hook_class(path: str) -> type:
    if path not in _hooks:
        module, _, name = path.rpartition(".")
        body = {"__module__": module, "_stand_in": True}
        _hooks[path] = types.new_class(
            name, (BaseHook,), exec_body=lambda space: space.update(body)
        )
    return _hooks[path]
