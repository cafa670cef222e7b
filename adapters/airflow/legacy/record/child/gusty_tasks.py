"""One task of `gusty`: its operator, and those of its file's keys that the operator takes."""

import inspect
import re
from typing import Any

from .airflow_graph import DAG, TaskGroup
from .airflow_operators import COMMON, BaseOperator, OperatorMeta, operator_class
from .dotted import Place, named
from .journal import journal
from .placeholders import Unknown

_GUSTY_OWN = frozenset(
    """
    operator dependencies external_dependencies file_path multi_task_spec extra_callables
    python_callable_partials task_id
    """.split()  # noqa: SIM905
)


def make_task(spec: dict[str, Any], dag: DAG, group: TaskGroup | None, place: Place | None) -> Any:
    """The task; raises what the operator's class raises."""
    kind = _operator(str(spec["operator"]), place or ("", 0))
    takes = _all_of(spec) if inspect.isfunction(kind) else _taken(kind, spec)
    options = {key: value for key, value in spec.items() if key in takes}
    if group is not None:
        options["task_group"] = group
    task = kind(**options, task_id=spec["task_id"], dag=dag)
    if not isinstance(task, BaseOperator):
        task = operator_class(str(spec["operator"]))(**options, task_id=spec["task_id"], dag=dag)
    if place is not None:
        task.recorder_place = (place[0], place[1] or 1)
    return task


def own_dependencies(task: Any) -> list[str]:
    """`dependencies` of a custom operator that finds its own, in SQL perhaps."""
    for holder in (task, *type(task).__mro__):
        found = holder.__dict__.get("dependencies")
        if isinstance(found, property):
            found = getattr(task, "dependencies", None)
        if isinstance(found, (list, tuple, set)):
            return [str(one) for one in found]
        if isinstance(found, Unknown):
            message = "what its operator finds to depend on is not known; edges may be missing"
            journal.note("warning", "edge_not_read", message, task_id=task.task_id)
            return []
    return []


def _operator(path: str, place: Place) -> Any:
    """`local.XOperator` is in the folder `operators`, in a module of its name in snake case."""
    if "." not in path:
        return operator_class(path)
    name = path.rpartition(".")[2]
    path = f"{_snake(name)}.{name}" if path.startswith("local.") else path
    found = named(path, place)
    if inspect.isfunction(found):
        return found  # which makes an operator
    return found if isinstance(found, OperatorMeta) else operator_class(path)


def _all_of(spec: dict[str, Any]) -> set[str]:
    return set(spec) - _GUSTY_OWN


def _snake(name: str) -> str:
    name = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name)
    return re.sub(r"([a-z\d])([A-Z])", r"\1_\2", name).lower()


def _taken(kind: Any, spec: dict[str, Any]) -> set[str]:
    """The keys that go to the operator: its own, its parent's, those of any operator. What a class
    that is not here takes is not known: all of them.
    """
    if kind.__dict__.get("_stand_in"):
        return _all_of(spec)
    listed = getattr(kind, "_gusty_parameters", None)
    if isinstance(listed, (list, tuple)):
        return (set(listed) | COMMON) - {"task_id", "dag"}
    taken = set(COMMON)
    open_ended = False
    for cls in (kind, kind.__base__):
        try:
            parameters = inspect.signature(cls.__init__).parameters.values()
        except (TypeError, ValueError):
            continue
        taken |= {one.name for one in parameters}
        open_ended = any(one.kind is one.VAR_KEYWORD for one in parameters)
        fields = cls.__dict__.get("template_fields")
        taken |= {str(one) for one in fields} if isinstance(fields, (list, tuple)) else set()
    if open_ended and kind._takes_anything():  # noqa: SLF001 - of the same stand-ins
        taken |= _all_of(spec)  # handed on to a parent that is not here
    return taken - {"self", "task_id", "dag", "args", "kwargs"}
