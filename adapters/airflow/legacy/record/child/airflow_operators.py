"""Stand-ins for operators: any class by any name, user classes on top of them, mapped operators."""

# Signatures are Airflow's.
# ruff: noqa: FBT001, FBT002

import inspect
from collections.abc import Callable
from datetime import datetime, timezone
from functools import wraps
from typing import Any, cast

from .airflow_graph import DAG, Node, TaskGroup, link, stacks
from .airflow_setup import blocks
from .airflow_xcom import XComArg, xcom_sources
from .journal import journal
from .placeholders import Unknown, UnknownMeta
from .pristine import of_one_file

# What BaseOperator itself takes (2.11 and 3.3, and what 1.10 took): a task's fields, not its
# arguments.
COMMON = frozenset(
    """
    owner email email_on_retry email_on_failure retries retry_delay retry_exponential_backoff
    max_retry_delay start_date end_date depends_on_past ignore_first_depends_on_past
    wait_for_past_depends_before_skipping wait_for_downstream params priority_weight
    weight_rule queue pool pool_slots sla execution_timeout on_execute_callback
    on_failure_callback on_success_callback on_retry_callback on_skipped_callback pre_execute
    post_execute trigger_rule resources run_as_user task_concurrency max_active_tis_per_dag
    max_active_tis_per_dagrun executor executor_config do_xcom_push xcom_push multiple_outputs
    inlets outlets doc doc_md doc_json doc_yaml doc_rst task_display_name map_index_template
    allow_nested_operators logger_name adhoc has_on_failure_callback retry_policy
    render_template_as_native_obj
    """.split()  # noqa: SIM905
)


class Fields(tuple[str, ...]):
    """`template_fields` of a stand-in: adds up with a list as well as with a tuple."""

    __slots__ = ()

    def __add__(self, other: Any) -> Any:
        return Fields((*self, *other))

    def __radd__(self, other: Any) -> Any:
        return Fields((*other, *self))


class OperatorMeta(UnknownMeta):
    """Fills arguments from `default_args` for every `__init__` on the way up, and keeps what the
    call was given.
    """

    def __new__(
        mcs, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **options: Any
    ) -> Any:
        if "__init__" in namespace and not namespace.get("_stand_in"):
            namespace["__init__"] = _with_default_args(namespace["__init__"])
        return super().__new__(mcs, name, bases, namespace)

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        task: Any = cast(Any, cls).__new__(cls, *args, **kwargs)
        try:
            task.__init__(*args, **kwargs)
        except (
            AssertionError,
            AttributeError,
            TypeError,
            ValueError,
            LookupError,
            ImportError,
            OSError,
        ) as error:
            cls.recover(task, error, _bound(cls, args, kwargs))
        if "task_id" not in task.__dict__:  # an __init__ that never called super().__init__
            BaseOperator.__init__(task, **_bound(cls, args, kwargs))
        task.finish(_bound(cls, args, kwargs))
        return task

    def recover(cls, task: Any, error: Exception, given: dict[str, Any]) -> None:
        """The task as far as its call says, where the user's own `__init__` fails against
        stand-ins.
        """
        if cls.__dict__.get("_stand_in") or "task_id" not in given:
            raise error
        message = (
            f"{cls.__name__}.__init__ failed here ({type(error).__name__}); "
            "the task is recorded from its call"
        )
        journal.note("warning", "operator_init_failed", message, task_id=str(given["task_id"]))
        if "task_id" not in task.__dict__:
            BaseOperator.__init__(task, **given)

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return Unknown(f"{cls.__name__}.{name}")


def _defaults_for(kwargs: dict[str, Any]) -> dict[str, Any]:
    dag = kwargs.get("dag") or stacks.dag
    group = kwargs.get("task_group") or stacks.group_in(dag if isinstance(dag, DAG) else None)
    own = kwargs.get("default_args")
    return {
        **(dag.default_args if isinstance(dag, DAG) else {}),
        **(group.default_args if isinstance(group, TaskGroup) else {}),
        **(own if isinstance(own, dict) else {}),
    }


def _with_default_args(init: Callable[..., None]) -> Callable[..., None]:
    try:
        names = list(inspect.signature(init).parameters.values())[1:]
    except (TypeError, ValueError):
        return init
    plain = [name for name in names if name.kind not in (name.VAR_KEYWORD, name.VAR_POSITIONAL)]

    @wraps(init)
    def filled(self: Any, *args: Any, **kwargs: Any) -> None:
        defaults = _defaults_for(kwargs)
        for name in plain[len(args) :]:
            if (
                name.name not in kwargs
                and name.name in defaults
                and name.kind is not name.POSITIONAL_ONLY
            ):
                kwargs[name.name] = defaults[name.name]
        init(self, *args, **kwargs)

    return filled


def _bound(cls: type, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    """The call's arguments by name, as far as the names are known."""
    if not args:
        return dict(kwargs)
    try:
        bound = inspect.signature(cls.__init__).bind_partial(None, *args, **kwargs)  # type: ignore[misc]
    except (TypeError, ValueError):
        return dict(kwargs)
    given: dict[str, Any] = {}
    for name, value in list(bound.arguments.items())[1:]:
        kind = bound.signature.parameters[name].kind
        if kind is inspect.Parameter.VAR_KEYWORD:
            given.update(value)
        elif kind is not inspect.Parameter.VAR_POSITIONAL:
            given[name] = value
    return given


class BaseOperator(Node, metaclass=OperatorMeta):
    """Records one task."""

    template_fields: Any = Fields()
    template_ext: Any = Fields()
    template_fields_renderers: Any = {}  # noqa: RUF012 - as Airflow has it
    operator_extra_links: Any = Fields()
    ui_color = "#fff"
    ui_fgcolor = "#000"
    _stand_in = True

    def __init__(self, task_id: Any = None, *args: Any, **kwargs: Any) -> None:
        dag = kwargs.pop("dag", None) or stacks.dag
        group = kwargs.pop("task_group", None)
        defaults = _defaults_for({**kwargs, "dag": dag, "task_group": group})
        dag = dag or defaults.get("dag")
        kwargs.pop("default_args", None)
        for name, value in defaults.items():
            if name in COMMON or (self._takes_anything() and name not in ("dag", "task_id")):
                kwargs.setdefault(name, value)
        self.recorder_label = str(
            task_id if task_id is not None else defaults.get("task_id", "unknown")
        )
        self.recorder_place = journal.place()
        self.upstream_tasks: dict[int, Any] = {}
        self.downstream_tasks: dict[int, Any] = {}
        self.is_setup = self.is_teardown = self.recorder_mapped = False
        self.dag_of_task: DAG | None = None
        self.recorder_given = dict(kwargs)
        for name, value in kwargs.items():
            self._keep(name, value)
        if not isinstance(group, TaskGroup):
            group = stacks.group_in(dag if isinstance(dag, DAG) else None)
        self.task_group: TaskGroup | None = group
        self.task_id = (
            group.child_id(self.recorder_label) if group is not None else self.recorder_label
        )
        if task_id is None and "task_id" not in defaults and self._is_no_task():
            return
        if isinstance(dag, DAG):
            dag.add_task(self)
        blocks.remember(self)

    @classmethod
    def _takes_anything(cls) -> bool:
        """A provider's class stands in the line: what it takes is not known, so it takes all
        defaults.
        """
        return any(base.__dict__.get("_stand_in") and base not in _ROOTS for base in cls.__mro__)

    @classmethod
    def _is_no_task(cls) -> bool:
        """A class of a module of operators that helps them (ClusterGenerator): made without an id,
        which no operator can be.
        """
        return not cls.__name__.endswith(("Operator", "Sensor", "OperatorAsync", "SensorAsync"))

    def _keep(self, name: str, value: Any) -> None:
        try:
            setattr(self, name, value)
        except (AttributeError, TypeError):  # a property or slot of the user's class
            self.__dict__[name] = value

    def finish(self, given: dict[str, Any]) -> None:
        """After the outermost `__init__`: other tasks' results among the arguments become edges."""
        self.recorder_arguments = {**given, **self.recorder_given}
        for name in self.template_fields if isinstance(self.template_fields, (list, tuple)) else ():
            if name in self.__dict__:
                self.recorder_arguments.setdefault(name, self.__dict__[name])
        for source in xcom_sources({**self.recorder_arguments, "dag": None}):
            link(source, self)

    @property
    def dag(self) -> Any:
        return self.__dict__.get("dag_of_task")

    @dag.setter
    def dag(self, dag: Any) -> None:
        if isinstance(dag, DAG):
            dag.add_task(self)

    def has_dag(self) -> bool:
        return self.dag is not None

    @property
    def dag_id(self) -> str:
        return str(self.dag.dag_id) if self.dag is not None else f"adhoc_{self.owner}"

    @property
    def output(self) -> XComArg:
        return XComArg(self)

    @property
    def task_type(self) -> str:
        return type(self).__name__

    node_id = property(lambda self: self.task_id)
    upstream_list = property(lambda self: list(self.upstream_tasks.values()))
    downstream_list = property(lambda self: list(self.downstream_tasks.values()))
    upstream_task_ids = property(
        lambda self: {task.task_id for task in self.upstream_tasks.values()}
    )
    downstream_task_ids = property(
        lambda self: {task.task_id for task in self.downstream_tasks.values()}
    )

    def get_direct_relatives(self, upstream: bool = False) -> list[Any]:
        return list((self.upstream_tasks if upstream else self.downstream_tasks).values())

    @classmethod
    def partial(cls, **kwargs: Any) -> "Partial":
        return Partial(cls, kwargs)

    def as_setup(self) -> Any:
        self.is_setup = True
        return self

    def as_teardown(self, *, setups: Any = None, **options: Any) -> Any:
        self.is_teardown = True
        self.trigger_rule = "all_done_setup_success"
        for setup in [setups] if isinstance(setups, Node) else setups or []:
            for task in setup.roots:
                task.as_setup()
            link(setup, self)
        return self

    def __enter__(self) -> Any:
        blocks.push([self])
        return blocks

    def __exit__(self, *error: object) -> None:
        blocks.close()

    def __gt__(self, other: Any) -> Any:
        """1.x-style lineage operators (`task > File(...)`) declare outlets."""
        self.outlets = [*(getattr(self, "outlets", None) or []), other]
        return self

    def __hash__(self) -> int:
        return id(self)

    def __eq__(self, other: object) -> bool:
        return self is other

    def __deepcopy__(self, memo: Any) -> Any:
        return self

    def __getattr__(self, name: str) -> Any:
        if name.startswith(("_", "recorder_")):
            raise AttributeError(name)
        if name == "log":
            return Unknown("log")
        if name in COMMON or self._takes_anything():
            return None if name in COMMON else Unknown(f"{type(self).__name__}.{name}")
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")


class BaseSensorOperator(BaseOperator):
    """Sensors differ in name only; their own parameters are arguments."""

    _stand_in = True
    poke_interval: Any = 60
    timeout: Any = 7 * 24 * 3600
    mode: Any = "poke"


_ROOTS = (BaseOperator, BaseSensorOperator)


class Partial:
    """`Operator.partial(...)`: a task appears when it is expanded; the operator's `__init__` does
    not run.
    """

    def __init__(self, cls: Any, given: dict[str, Any]) -> None:
        self.cls = cls
        self.given = given

    def expand(self, **over: Any) -> Any:
        return self._mapped(over)

    def expand_kwargs(self, over: Any, strict: bool = True) -> Any:
        return self._mapped({"kwargs": over})

    def _mapped(self, over: dict[str, Any]) -> Any:
        task = self.cls.__new__(self.cls)
        BaseOperator.__init__(task, **self.given)
        task.recorder_mapped = True
        task.finish({"expand": over})
        return task


_made: dict[str, Any] = of_one_file({})


def operator_class(path: str) -> Any:
    """The stand-in of that dotted name; the same class whenever it is asked for."""
    if path not in _made:
        module, _, name = path.rpartition(".")
        base = BaseSensorOperator if name.endswith("Sensor") or "Sensor" in name else BaseOperator
        _made[path] = cast(Any, OperatorMeta)(
            name, (base,), {"__module__": module, "_stand_in": True}
        )
    return _made[path]


class DynamicDatetime(datetime):
    """A date that is another one tomorrow (`days_ago(2)`); not written as if it were fixed."""


def days_ago(
    n: int = 0, hour: int = 0, minute: int = 0, second: int = 0, microsecond: int = 0
) -> datetime:
    """A day that stands for `days_ago(n)`."""
    return DynamicDatetime(2000, 1, 1, hour, minute, second, tzinfo=timezone.utc)
