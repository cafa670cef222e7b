"""One task of `gusty`: its operator, and those of its file's keys that the operator takes."""

import inspect
import re
from typing import Any

from .airflow_graph import DAG, TaskGroup
from .airflow_operators import COMMON, operator_class
from .dotted import Place, operator_named
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
    options = {key: value for key, value in spec.items() if key in _taken(kind, spec)}
    if group is not None:
        options["task_group"] = group
    task = kind(**options, task_id=spec["task_id"], dag=dag)
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
    if not path.startswith("local."):
        return operator_named(path, place) if "." in path else operator_class(path)
    name = path.rpartition(".")[2]
    return operator_named(f"{_snake(name)}.{name}", place)


def _snake(name: str) -> str:
    name = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name)
    return re.sub(r"([a-z\d])([A-Z])", r"\1_\2", name).lower()


def _taken(kind: Any, spec: dict[str, Any]) -> set[str]:
    """The keys that go to the operator: its own, its parent's, those of any operator. What a class
    that is not here takes is not known: all of them.
    """
    if kind.__dict__.get("_stand_in"):
        return set(spec) - _GUSTY_OWN
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
        taken |= set(spec) - _GUSTY_OWN  # handed on to a parent that is not here
    return taken - {"self", "task_id", "dag", "args", "kwargs"}
