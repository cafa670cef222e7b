"""Stand-ins for TaskFlow: @dag, @task and every @task.<kind>, @task_group, @setup, @teardown, and
Airflow 3's @asset.
"""

# Signatures are Airflow's.
# ruff: noqa: FBT001, FBT002

import inspect
import re
from collections.abc import Callable
from typing import Any

from .airflow_datasets import Asset
from .airflow_graph import DAG, TaskGroup, as_list, stacks
from .airflow_operators import BaseOperator, operator_class
from .airflow_xcom import MappedArgument, XComArg, xcom_sources
from .placeholders import Unknown

_CORE = "airflow.decorators"
_BRANCH_EXTERNAL = "_BranchExternalPythonDecoratedOperator"
_AI = "airflow.providers.common.ai.decorators"
_KUBERNETES = "airflow.providers.cncf.kubernetes.decorators"
_CLASS_OF_KIND = {
    "python": "airflow.decorators.python._PythonDecoratedOperator",
    "virtualenv": "airflow.decorators.python_virtualenv._PythonVirtualenvDecoratedOperator",
    "external_python": "airflow.decorators.external_python._PythonExternalDecoratedOperator",
    "branch": "airflow.decorators.branch_python._BranchPythonDecoratedOperator",
    "branch_virtualenv": f"{_CORE}.branch_virtualenv._BranchPythonVirtualenvDecoratedOperator",
    "branch_external_python": f"{_CORE}.branch_external_python.{_BRANCH_EXTERNAL}",
    "short_circuit": "airflow.decorators.short_circuit._ShortCircuitDecoratedOperator",
    "sensor": "airflow.decorators.sensor.DecoratedSensorOperator",
    "bash": "airflow.decorators.bash._BashDecoratedOperator",
    "docker": "airflow.providers.docker.decorators.docker._DockerDecoratedOperator",
    "kubernetes": f"{_KUBERNETES}.kubernetes._KubernetesDecoratedOperator",
    "kubernetes_cmd": f"{_KUBERNETES}.kubernetes_cmd._KubernetesCmdDecoratedOperator",
    "pyspark": "airflow.providers.apache.spark.decorators.pyspark._PySparkDecoratedOperator",
    "sftp_sensor": "airflow.providers.sftp.decorators.sensors.sftp._DecoratedSFTPSensor",
    "snowpark": "airflow.providers.snowflake.decorators.snowpark._SnowparkDecoratedOperator",
    "sql": "airflow.providers.common.sql.decorators.sql._SQLDecoratedOperator",
    "analytics": "airflow.providers.common.sql.decorators.analytics._AnalyticsDecoratedOperator",
    "llm": f"{_AI}.llm._LLMDecoratedOperator",
    "llm_batch": f"{_AI}.llm_batch._LLMBatchDecoratedOperator",
    "llm_branch": f"{_AI}.llm_branch._LLMBranchDecoratedOperator",
    "llm_file_analysis": f"{_AI}.llm_file_analysis._LLMFileAnalysisDecoratedOperator",
    "llm_schema_compare": f"{_AI}.llm_schema_compare._LLMSchemaCompareDecoratedOperator",
    "llm_sql": f"{_AI}.llm_sql._LLMSQLDecoratedOperator",
}


def taskflow_class(kind: str) -> str:
    """The operator's dotted name that `@task.<kind>` makes a task of."""
    camel = "".join(word.capitalize() for word in kind.split("_"))
    return _CLASS_OF_KIND.get(kind, f"airflow.decorators.{kind}._{camel}DecoratedOperator")


def _plain(function: Any) -> Any:
    return function.function if isinstance(function, TaskDecorator) else function


def unique_task_id(task_id: str, options: dict[str, Any]) -> str:
    """`load`, then `load__1`, `load__2`: a decorated function may be called again."""
    given = options.get("dag")
    dag = given if isinstance(given, DAG) else stacks.dag
    if dag is None:
        return task_id
    group = options.get("task_group") or stacks.group_in(dag)
    wanted = group.child_id(task_id) if group is not None else task_id
    if wanted not in dag.task_dict:
        return task_id
    prefix = re.escape(re.split(r"__\d+$", wanted)[0])
    numbers = [
        int(match[1])
        for known in dag.task_dict
        if (match := re.fullmatch(rf"{prefix}__(\d+)", known))
    ]
    return re.split(r"__\d+$", task_id)[0] + f"__{max(numbers, default=0) + 1}"


class TaskDecorator:
    """A decorated function; calling it makes a task."""

    def __init__(self, kind: str, function: Any, options: dict[str, Any]) -> None:
        self.kind = kind
        self.function = function
        self.options = options
        self.is_setup = self.is_teardown = False
        self.__wrapped__ = function
        self.__name__ = getattr(function, "__name__", "task")
        self.__doc__ = getattr(function, "__doc__", None)
        self.__module__ = getattr(function, "__module__", "")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._task({"op_args": list(args), "op_kwargs": kwargs}, self.options, mapped=False)

    def expand(self, **over: Any) -> Any:
        return self._task({"expand": over}, self.options, mapped=True)

    def expand_kwargs(self, over: Any, strict: bool = True) -> Any:
        return self._task({"expand": {"kwargs": over}}, self.options, mapped=True)

    def partial(self, **kwargs: Any) -> "TaskDecorator":
        given = {**self.options.get("_op_kwargs", {}), **kwargs}
        return self.override(_op_kwargs=given)

    def override(self, **options: Any) -> "TaskDecorator":
        other = TaskDecorator(self.kind, self.function, {**self.options, **options})
        other.is_setup, other.is_teardown = self.is_setup, self.is_teardown
        return other

    def _task(self, call: dict[str, Any], options: dict[str, Any], *, mapped: bool) -> XComArg:
        options = dict(options)
        partial = options.pop("_op_kwargs", {})
        if partial:
            call = {**call, "op_kwargs": {**partial, **call.get("op_kwargs", {})}}
        name = str(options.pop("task_id", None) or self.__name__)
        if self.is_teardown:
            options.setdefault("trigger_rule", "all_done_setup_success")
        cls = operator_class(taskflow_class(self.kind))
        task = cls.__new__(cls)
        BaseOperator.__init__(task, unique_task_id(name, options), **options)
        task.recorder_mapped = mapped
        task.is_setup, task.is_teardown = self.is_setup, self.is_teardown
        if not any(
            task.recorder_given.get(doc)
            for doc in ("doc", "doc_md", "doc_json", "doc_yaml", "doc_rst")
        ):
            task.recorder_given["doc_md"] = self.__doc__
        task.finish({**call, "python_callable": self.function})
        return XComArg(task)

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        if instance is None:
            return self
        return TaskDecorator(self.kind, self.function.__get__(instance, owner), self.options)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Unknown(f"task.{name}")


class TaskKind:
    """`task`, and `task.<kind>` by attribute: bare, with options, or called with the function."""

    def __init__(self, kind: str = "python", options: dict[str, Any] | None = None) -> None:
        self.kind = kind
        self.options = options or {}

    def __call__(self, function: Any = None, **options: Any) -> Any:
        options = {**self.options, **options}
        function = options.pop("python_callable", function)
        if self.kind in ("run_if", "skip_if"):
            return lambda decorated: decorated
        if function is None:
            return lambda decorated: TaskDecorator(self.kind, _plain(decorated), options)
        return TaskDecorator(self.kind, _plain(function), options)

    def __getattr__(self, name: str) -> "TaskKind":
        if name.startswith("__"):
            raise AttributeError(name)
        return TaskKind(name, self.options)


def setup(function: Any) -> Any:
    """@setup"""
    decorated = (
        function if isinstance(function, TaskDecorator) else TaskDecorator("python", function, {})
    )
    decorated.is_setup = True
    return decorated


def teardown(function: Any = None, **options: Any) -> Any:
    """@teardown, with or without options."""
    if function is None:
        return teardown
    decorated = (
        function if isinstance(function, TaskDecorator) else TaskDecorator("python", function, {})
    )
    decorated.is_teardown = True
    return decorated


class GroupDecorator:
    """A function under @task_group; calling it makes the group and what is inside."""

    def __init__(self, function: Any, options: dict[str, Any]) -> None:
        self.function = function
        self.options = options
        self.__wrapped__ = function
        self.__name__ = getattr(function, "__name__", "task_group")
        self.__doc__ = getattr(function, "__doc__", None)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._group(args, kwargs, None)

    def partial(self, **kwargs: Any) -> "GroupDecorator":
        return self.override(_partial={**self.options.get("_partial", {}), **kwargs})

    def override(self, **options: Any) -> "GroupDecorator":
        return GroupDecorator(self.function, {**self.options, **options})

    def expand(self, **over: Any) -> Any:
        return self._group((), {name: MappedArgument(value) for name, value in over.items()}, over)

    def expand_kwargs(self, over: Any) -> Any:
        names = self.function.__code__.co_varnames[: self.function.__code__.co_argcount]
        return self._group((), {name: MappedArgument(over) for name in names}, over)

    def _group(self, args: tuple[Any, ...], kwargs: dict[str, Any], over: Any) -> Any:
        options = dict(self.options)
        kwargs = {**options.pop("_partial", {}), **kwargs}
        group_id = options.pop("group_id", None) or self.__name__
        with TaskGroup(group_id, **{"add_suffix_on_collision": True, **options}) as group:
            group.mapped = over is not None
            result = self.function(*args, **kwargs)
        if over is not None:
            for source in xcom_sources(over):
                group.set_upstream(source)
        return group if result is None else result


def task_group(function: Any = None, **options: Any) -> Any:
    """@task_group, with or without options."""
    if callable(function):
        return GroupDecorator(function, options)
    if isinstance(function, str):
        options["group_id"] = function
    return lambda decorated: GroupDecorator(decorated, options)


def dag(*args: Any, **options: Any) -> Any:
    """@dag, with or without options; calling the function makes the DAG."""
    if len(args) == 1 and callable(args[0]) and not options:
        return _dag_factory(args[0], (), {})
    return lambda function: _dag_factory(function, args, options)


def _dag_factory(
    function: Callable[..., Any], args: tuple[Any, ...], options: dict[str, Any]
) -> Any:
    def factory(*call_args: Any, **call_kwargs: Any) -> DAG:
        code = function.__code__
        names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        given = dict(options)
        if not args and not given.get("dag_id"):
            given["dag_id"] = function.__name__
        with DAG(*args, **given) as made:
            made.doc_md = made.doc_md or function.__doc__
            made.params |= _given(function, call_args, call_kwargs)
            function(**{name: Unknown(f"params.{name}") for name in names})
        return made

    factory.__name__ = function.__name__
    factory.__doc__ = function.__doc__
    factory.__wrapped__ = function  # type: ignore[attr-defined]
    return factory


def _given(
    function: Callable[..., Any], args: tuple[Any, ...], named: dict[str, Any]
) -> dict[str, Any]:
    """The arguments of a DAG's function by name, with its defaults: Airflow makes them params."""
    try:
        bound = inspect.signature(function).bind_partial(*args, **named)
    except (TypeError, ValueError):
        return {}
    bound.apply_defaults()
    return dict(bound.arguments)


def _task_of(dag: DAG) -> TaskKind:
    return TaskKind(options={"dag": dag})


setattr(DAG, "task", property(_task_of))  # noqa: B010 - the graph itself knows no TaskFlow


class AssetDecorator:
    """Airflow 3's @asset and @asset.multi: a DAG of one task that writes the asset."""

    def __init__(self, *, multi: bool = False) -> None:
        self._multi = multi

    @property
    def multi(self) -> "AssetDecorator":
        return AssetDecorator(multi=True)

    def __call__(self, **options: Any) -> Any:
        def decorated(function: Any) -> Any:
            name = options.get("name") or options.get("dag_id") or function.__name__
            outlets = (
                as_list(options.get("outlets"))
                if self._multi
                else [Asset(name, options.get("uri"))]
            )
            names = function.__code__.co_varnames[: function.__code__.co_argcount]
            inlets = [Asset(each) for each in names if each not in ("self", "context")]
            keep = (
                "schedule",
                "start_date",
                "end_date",
                "tags",
                "catchup",
                "params",
                "default_args",
            )
            with DAG(name, **{key: options[key] for key in keep if key in options}) as made:
                made.doc_md = function.__doc__
                cls = operator_class("airflow.sdk.definitions.asset.decorators._AssetMainOperator")
                task = cls.__new__(cls)
                BaseOperator.__init__(task, function.__name__, inlets=inlets, outlets=outlets)
                task.finish({"python_callable": function})
            return outlets if self._multi else outlets[0]

        return decorated
