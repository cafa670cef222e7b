"""What the functions of the tasks of one file do: the calls of each, and what it leaves as XComs
for those behind it.
"""

# Plain os.path: quicker to load, and the user's code may have changed pathlib.
# ruff: noqa: PTH100, PTH120

import os
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from ..airflow_graph import DAG, as_list
from ..airflow_values import Supplied
from ..airflow_xcom import MappedArgument, XComArg
from ..journal import journal
from ..template_files import as_airflow_finds, nearest
from . import loaded, objects, sources
from .alike import same_call
from .budget import Budget, Done
from .contexts import Context
from .scripts import calls_of
from .started import Start, Starts
from .statements import follow
from .values import UNKNOWN, Bound, Choice, Instance, Routine, choice

_STEPS_OF_A_FILE = 500_000
_MOST_MAPPED = 20
_DEEPEST = 6
_PULL = re.compile(
    r"\{\{-?\s*(?:ti|task_instance)\.xcom_pull\(([^()]*)\)"
    r"((?:\[[^\]]+\]|\.\w+)*)(?:\s*\|\s*(?:string|int|trim|safe))*\s*-?\}\}"
)
_TEXT = r"['\"]([^'\"]+)['\"]"
_OF_TASK = re.compile(rf"(?:^\s*|\btask_ids\s*=\s*)(?:\[\s*{_TEXT}\s*,?\s*\]|{_TEXT})\s*(?:,|$)")
_KEY = re.compile(rf"\bkey\s*=\s*{_TEXT}")
_PART = re.compile(r"\[['\"]?(\w+)['\"]?\]|\.(\w+)")
_RETURNED = "return_value"


_STARTING = frozenset(("system", "run", "call", "check_call", "check_output", "Popen", "getoutput"))


@dataclass(slots=True)
class Followed:
    """What one task's function was seen to do."""

    calls: list[dict[str, Any]] = field(default_factory=list)
    returned: Any = UNKNOWN
    pushed: dict[str, Any] = field(default_factory=dict)


class Tasks:
    """The tasks of a file; each is followed once, when it is first asked for. Tasks that call one
    function with the same arguments from one file do the same, unless it asks what others left.
    """

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self._steps = _STEPS_OF_A_FILE  # left
        self._known: dict[int, Followed] = {}
        self._alike: dict[Any, Followed] = {}
        self._started: dict[str, list[dict[str, Any]]] = {}

    def calls(self, task: Any) -> list[dict[str, Any]]:
        """The calls of the task's function, or own `execute`, in the form of `snapshot.Call`."""
        return self.followed(task).calls

    def scripts(self, task: Any) -> list[dict[str, Any]]:
        """The scripts of the code base that the task starts, in the form of `snapshot.Script`."""
        dag = task.dag
        beside = str(dag.place[0] or "") if isinstance(dag, DAG) else ""
        starts = Starts(beside or journal.file)
        if "python_callable" not in task.recorder_arguments:
            starts.of_arguments(task.recorder_arguments)
        for call in self.calls(task):
            if call["name"] in _STARTING and call.get("arguments"):
                starts.of_command(call["arguments"][0])
        return [self._script(task, each) for each in starts.distinct()]

    def _script(self, task: Any, start: Start) -> dict[str, Any]:
        key = repr((start.path, start.words, start.named, start.environment, start.code))
        if key not in self._started:
            self._started[key] = calls_of(start, task, self)
        path = journal.relative(os.path.realpath(start.path), self.folder)
        return {"path": path, "is_sure": start.is_sure, "calls": self._started[key]}

    def followed(self, task: Any) -> Followed:
        """What the task does."""
        known = self._known.get(id(task))
        if known is None:
            self._known[id(task)] = Followed()  # of a task that waits for itself
            known = self._known[id(task)] = self._follow(task)
        return known

    def _follow(self, task: Any) -> Followed:
        file = str(task.recorder_place[0] or "")
        budget = Budget(self, task, file, environment=Supplied.environment, left=self._steps)
        key: Any = None
        returned: Any = UNKNOWN
        with suppress(Done, RecursionError):
            if "python_callable" in task.recorder_arguments:
                function, args, calls = self._calls_of(task)
                key = same_call(file, type(task), task.recorder_mapped, function, args, calls)
                if key in self._alike:
                    return self._alike[key]
                each_returned = [_called(budget, function, args, named) for named in calls]
                returned = each_returned if task.recorder_mapped else each_returned[0]
            else:
                returned = self._of_operator(budget, task)
        self._steps -= budget.taken
        done = Followed(budget.calls, returned, budget.pushed)
        if key is not None and not budget.has_asked:
            self._alike[key] = done
        return done

    def _calls_of(self, task: Any) -> tuple[Any, list[Any], list[dict[str, Any]]]:
        """The function, what it is given by place, and by name for each instance of the task."""
        given = task.recorder_arguments
        function = loaded.value_of(given["python_callable"])
        args, named = (
            self.given(task, given.get("op_args")),
            self.given(task, given.get("op_kwargs")),
        )
        args = args if isinstance(args, list) else []
        named = named if isinstance(named, dict) else {}
        templates = given.get("templates_dict")
        if isinstance(templates, dict):
            named = {"templates_dict": self._template_texts(task, templates), **named}
        return function, args, [{**named, **each} for each in self._mapped(task)]

    def _mapped(self, task: Any) -> list[dict[str, Any]]:
        """What a mapped task is given beside the rest, one for each of its instances."""
        over = task.recorder_arguments.get("expand")
        if not isinstance(over, dict) or not over:
            return [{}]
        known = {str(name): self.given(task, value) for name, value in over.items()}
        found: list[dict[str, Any]] = [{}]
        whole = known.get("kwargs" if len(known) == 1 else "op_kwargs", known.get("op_kwargs"))
        if isinstance(whole, list):
            return [one for one in whole if isinstance(one, dict)][:_MOST_MAPPED] or found
        for name, value in known.items():
            items = value if isinstance(value, list) and value else [UNKNOWN]
            found = [{**one, name: item} for one in found for item in items][:_MOST_MAPPED]
        return found

    def _of_operator(self, budget: Budget, task: Any) -> Any:
        instance = Instance(type(task), task)
        for name in ("execute", "poke"):
            method = objects.of_class(type(task), name, instance)
            if isinstance(method, Bound) and isinstance(method.function, Routine):
                instance.attributes = self._templated(task)
                return _called(budget, method.function, [instance, Context({})], {})
        return UNKNOWN

    def _templated(self, task: Any) -> dict[str, Any]:
        """The attributes that Airflow renders before a run: files by their text, XComs pulled."""
        fields = getattr(type(task), "template_fields", ())
        given = loaded.own_dict(task)
        names = (
            [name for name in fields if name in given] if isinstance(fields, (list, tuple)) else []
        )
        names += [name for name, value in given.items() if isinstance(value, XComArg)]
        return {name: self._template_texts(task, self.given(task, given[name])) for name in names}

    def _template_texts(self, task: Any, value: Any) -> Any:
        """The text of a template file in place of its name."""
        if isinstance(value, dict):
            return {key: self._template_texts(task, each) for key, each in value.items()}
        if isinstance(value, list):
            return [self._template_texts(task, each) for each in value]
        if not isinstance(value, str) or not value.endswith((".sql", ".hql")) or "\n" in value:
            return loaded.value_of(value)
        dag = task.dag
        searched = as_list(dag.template_searchpath) if isinstance(dag, DAG) else []
        beside = os.path.dirname(str(dag.place[0] or "")) if isinstance(dag, DAG) else ""
        folders = [os.fspath(each) for each in searched if isinstance(each, (str, os.PathLike))]
        path = as_airflow_finds(value, [*folders, beside, self.folder])
        if path is None and not all(map(os.path.isdir, folders)):
            path = nearest(value, str(dag.place[0] or ""), self.folder)
        text = None if path is None else sources.text_of(os.path.abspath(path))
        return value if text is None else text

    def given(self, task: Any, value: Any, depth: int = 0) -> Any:
        """An argument with the results of other tasks in it, as far as these are known."""
        if isinstance(value, XComArg):
            return self._of_xcom(value)
        if isinstance(value, str) and "xcom_pull" in value:
            return self._of_template(task, str.__str__(value))
        if depth > _DEEPEST:
            return UNKNOWN
        if isinstance(value, (list, tuple)):
            return [self.given(task, each, depth + 1) for each in value]
        if isinstance(value, dict):
            return {key: self.given(task, each, depth + 1) for key, each in value.items()}
        return loaded.value_of(value)

    def _of_xcom(self, value: XComArg) -> Any:
        if len(value.operators) != 1:
            return UNKNOWN
        found = self._result(value.operators[0], value.key)
        if isinstance(value, MappedArgument):
            return choice(found) if isinstance(found, list) and found else UNKNOWN
        return found

    def _result(self, task: Any, key: str) -> Any:
        done = self.followed(task)
        if key == _RETURNED:
            return done.returned
        if key in done.pushed:
            return done.pushed[key]
        return _part(done.returned, key)

    def _of_template(self, task: Any, text: str) -> Any:
        """A template with the XComs pulled in it; where that is all of it, whatever was pulled."""
        whole = _PULL.fullmatch(text.strip())
        if whole is not None:
            found = self._pulled_by(task, whole)
            return text if found is UNKNOWN or found is None else found

        def one(match: "re.Match[str]") -> str:
            value = self._pulled_by(task, match)
            value = value.values[0] if isinstance(value, Choice) else value
            return str(value) if isinstance(value, (str, int)) else match[0]

        return _PULL.sub(one, text)

    def _pulled_by(self, task: Any, match: "re.Match[str]") -> Any:
        of_task, key = _OF_TASK.search(match[1]), _KEY.search(match[1])
        if of_task is None or "dag_id" in match[1]:
            return UNKNOWN
        found = self.pulled(task, of_task[1] or of_task[2], key[1] if key else _RETURNED)
        for item, name in _PART.findall(match[2]):
            found = _part(found, item or name)
        return found

    def pulled(self, task: Any, ids: Any, key: str) -> Any:
        """What `xcom_pull` gives a task: of one, of several, or of any before it."""
        dag = task.dag
        if not isinstance(dag, DAG):
            return UNKNOWN
        if isinstance(ids, list):
            return [self.pulled(task, each, key) for each in ids]
        if isinstance(ids, str):
            other = dag.task_dict.get(ids)
            return UNKNOWN if other is None else self._result(other, key)
        if ids is None and key != _RETURNED:
            found = [self.followed(other).pushed.get(key, UNKNOWN) for other in _before(task)]
            return choice(found) if found else UNKNOWN
        return UNKNOWN


def _before(task: Any) -> Iterable[Any]:
    return list(task.upstream_tasks.values())


def _part(value: Any, key: str) -> Any:
    if isinstance(value, Choice):
        return choice([_part(each, key) for each in value.values])
    if isinstance(value, dict):
        return value.get(key, UNKNOWN)
    if isinstance(value, list) and key.isdigit() and int(key) < len(value):
        return value[int(key)]
    return UNKNOWN


def _called(budget: Budget, function: Any, args: list[Any], named: dict[str, Any]) -> Any:
    """Follow the function that a task runs, under whatever it was bound to."""
    while isinstance(function, Bound):
        args, named = [*function.args, *args], {**function.named, **named}
        function = function.function
    if isinstance(function, Instance):
        method = objects.of_instance(function, "__call__")
        return _called(budget, method, args, named) if isinstance(method, Bound) else UNKNOWN
    if not isinstance(function, Routine):
        return UNKNOWN
    return follow(budget, function, args, named, is_task=True)
