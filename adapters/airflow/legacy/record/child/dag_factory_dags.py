"""One DAG of `dag-factory`'s YAML: its groups, its tasks in the order of their dependencies, its
edges.
"""

import graphlib
import inspect
import re
from contextlib import ExitStack
from typing import Any

from .airflow_graph import DAG, TaskGroup
from .airflow_values import Variable
from .callables import TIME_NAMES
from .dag_factory_values import assets_of, moment, schedule_of, span
from .dotted import Place, function_in_file, named, operator_named
from .journal import journal
from .other_paths import found_here
from .placeholders import Unknown
from .yaml_files import Lines, text_of

_NOT_OF_DAG = frozenset(
    """
    tasks task_groups timezone doc_md_file_path doc_md_python_callable_file
    doc_md_python_callable_name doc_md_python_arguments
    """.split()  # noqa: SIM905
)
_NOT_OF_TASK = ("operator", "decorator", "dependencies", "task_group_name", "parent_group_name")
_OF_OUTPUT = re.compile(r"^\+(?P<task>\w*)(\[['\"](?P<key>.*)['\"]\])?$")
# What Airflow hands to a function that asks for it (2.11 and 3.3).
_OF_CONTEXT = TIME_NAMES | frozenset(
    """
    conf conn dag dag_run expanded_ti_count inlet_events inlets macros map_index_template
    outlet_events outlets params run_id task task_instance task_instance_key_str test_mode ti
    triggering_asset_events triggering_dataset_events var
    """.split()  # noqa: SIM905
)
_CALLBACK = re.compile(r"^(on_\w+|sla_miss)_callback(_name|_file)?$")


def build_dag(name: str, config: dict[str, Any], lines: Lines) -> DAG:
    """The DAG with all that is in it. Raises ValueError, KeyError or TypeError where Airflow would
    have none.
    """
    tasks = _by_name(config.get("tasks"), "task_id")
    groups = _by_name(config.get("task_groups"), "group_name")
    dag = _empty_dag(name, config)
    made: dict[str, Any] = {}
    for group in groups:
        _make_group(group, groups, made, dag, lines)
    of_groups = dict(made)
    for task in _in_order(tasks):
        place = lines.of(name, "tasks", task)
        made[task] = _make_task(task, dict(tasks[task]), dag, of_groups, made, place)
    for each, given in [*tasks.items(), *groups.items()]:
        for upstream in given.get("dependencies") or []:
            if upstream in made:
                made[each].set_upstream(made[upstream])
            else:
                journal.note(
                    "error",
                    "edge_not_read",
                    f"{each} depends on {upstream}, which is neither a task nor a group",
                    place=lines.of(name, "tasks", each),
                    dag_id=name,
                    task_id=each,
                )
    return dag


def _by_name(given: Any, naming: str) -> dict[str, dict[str, Any]]:
    """A mapping as it is; a list of mappings that name themselves as one."""
    if isinstance(given, list):
        return {
            str(one[naming]): {key: value for key, value in one.items() if key != naming}
            for one in given
        }
    return {str(name): value or {} for name, value in (given or {}).items()}


def _empty_dag(name: str, config: dict[str, Any]) -> DAG:
    given = {
        key: value
        for key, value in config.items()
        if key not in _NOT_OF_DAG and not _CALLBACK.match(key)
    }
    args = dict(given.get("default_args") or {})
    for owner in (given, args):
        zone = config.get("timezone") if owner is given else args.get("timezone")
        for key in ("start_date", "end_date"):
            if owner.get(key) is not None:
                owner[key] = moment(owner[key], zone)
    given["default_args"] = {
        key: span(value) if key in ("retry_delay", "sla", "execution_timeout") else value
        for key, value in args.items()
        if not _CALLBACK.match(key)
    }
    if "schedule" in given:
        given["schedule"] = schedule_of(given["schedule"])
    if isinstance(given.get("timetable"), dict) and "callable" in given["timetable"]:
        kind = named(str(given["timetable"]["callable"]), ("", 0))
        given["timetable"] = kind(**(given["timetable"].get("params") or {}))
    if given.get("timetable") is None:
        given.pop("timetable", None)
    tags = list(given.get("tags") or [])
    given["tags"] = tags if "dagfactory" in tags else [*tags, "dagfactory"]
    if config.get("doc_md_file_path"):
        given["doc_md"] = text_of(found_here(str(config["doc_md_file_path"])))
    return DAG(**{**given, "dag_id": name})


def _make_group(
    name: str,
    groups: dict[str, dict[str, Any]],
    made: dict[str, Any],
    dag: DAG,
    lines: Lines,
    below: tuple[str, ...] = (),
) -> None:
    """The group, its parent before it."""
    if name in made:
        return
    if name in below:
        raise ValueError(f"the groups {', '.join(below)} are inside one another")
    given = groups[name]
    parent = given.get("parent_group_name")
    if parent:
        _make_group(str(parent), groups, made, dag, lines, (*below, name))
    options = {key: value for key, value in given.items() if key not in _NOT_OF_TASK}
    made[name] = TaskGroup(
        **{
            **options,
            "group_id": name,
            "dag": dag,
            "parent_group": made[str(parent)] if parent else None,
        }
    )


def _in_order(tasks: dict[str, dict[str, Any]]) -> list[str]:
    """Each task behind those it depends on, so that their results are there for it."""
    above = {
        name: [one for one in given.get("dependencies") or [] if one in tasks]
        for name, given in tasks.items()
    }
    try:
        return list(graphlib.TopologicalSorter(above).static_order())
    except graphlib.CycleError as error:
        raise ValueError(f"a cycle of tasks: {' -> '.join(error.args[1])}") from error


def _make_task(
    name: str,
    given: dict[str, Any],
    dag: DAG,
    groups: dict[str, Any],
    made: dict[str, Any],
    place: Place,
) -> Any:
    options = {
        key: value
        for key, value in given.items()
        if key not in _NOT_OF_TASK and not _CALLBACK.match(key)
    }
    group = groups.get(str(given.get("task_group_name")))
    _adjust(options, place)
    before = set(dag.task_dict)
    with ExitStack() as inside:
        inside.enter_context(dag)
        if group is not None:
            inside.enter_context(group)
        if given.get("operator"):
            node = _operator(str(given["operator"]), name, options, made, place)
        elif given.get("decorator"):
            node = _decorated(str(given["decorator"]), name, options, made, place)
        else:
            raise ValueError(f"the task {name} has neither `operator` nor `decorator`")
    for task_id in dag.task_dict.keys() - before:
        dag.task_dict[task_id].recorder_place = place
    return node


_SPANS = ("execution_delta", "retry_delay", "execution_timeout", "sla")
_SECONDS = {  # of versions before 1.0
    "execution_timeout_secs": "execution_timeout",
    "retry_delay_sec": "retry_delay",
    "sla_secs": "sla",
    "execution_delta_secs": "execution_delta",
}
_FUNCTIONS = {
    "execution_date_fn": "execution_date_fn",
    "response_check": "response_check",
    "success_check": "success",
    "failure_check": "failure",
}


def _adjust(options: dict[str, Any], place: Place) -> None:
    for key in options.keys() & {"inlets", "outlets"}:
        options[key] = assets_of(options[key])
    for old in _SECONDS.keys() & options.keys():
        options[_SECONDS[old]] = f"{int(options.pop(old))} seconds"
    for key in options.keys() & set(_SPANS):
        options[key] = span(options[key])
    for key, kept in _FUNCTIONS.items():
        name, file = options.pop(f"{key}_name", None), options.pop(f"{key}_file", None)
        if name and file:
            options[kept] = function_in_file(name, file, place)
        elif isinstance(options.get(key), str):
            options[key] = named(options[key], place)
    for variable in options.pop("variables_as_arguments", None) or []:
        options[variable["attribute"]] = Variable.get(variable["variable"])


def _callable(options: dict[str, Any], place: Place) -> None:
    """`python_callable` from a name and a file, or from a dotted name."""
    name = options.pop("python_callable_name", None)
    file = options.pop("python_callable_file", None)
    if name and file and not options.get("python_callable"):
        options["python_callable"] = function_in_file(name, file, place)
    elif isinstance(options.get("python_callable"), str):
        options["python_callable"] = named(options["python_callable"], place)


def _operator(
    path: str, name: str, options: dict[str, Any], made: dict[str, Any], place: Place
) -> Any:
    kind = operator_named(path, place)
    _callable(options, place)
    expand, partial = options.pop("expand", None), options.pop("partial", None)
    options = {**options, **(partial or {}), "task_id": name}
    if not expand:
        return kind(**options)
    over = {key: _output_of(value, made) for key, value in expand.items()}
    return kind.partial(**options).expand(**over)


def _output_of(value: Any, made: dict[str, Any]) -> Any:
    """`task.output` and `XcomArg(task)` as that task's result."""
    found = re.match(r"^(?:XcomArg\(+(.*?)\)|(.*?)\.output)", value) if type(value) is str else None
    node = made.get(found[1] or found[2]) if found else None
    return node.output if node is not None else value


def _decorated(
    path: str, name: str, options: dict[str, Any], made: dict[str, Any], place: Place
) -> Any:
    decorator = named(path, place)
    _callable(options, place)
    function = options.pop("python_callable", None) or Unknown(f"{name}.python_callable")
    taken = _parameters(function)
    given = {
        key: _result_of(options.pop(key), made)
        for key in list(options)
        if (key in taken if taken else key not in ("expand", "partial"))
    }
    expand, partial = (
        {key: _result_of(value, made) for key, value in (options.pop(word, None) or {}).items()}
        for word in ("expand", "partial")
    )
    call = decorator(**{**options, "task_id": name})(function)
    if expand:
        return (call.partial(**partial) if partial else call).expand(**expand)
    missing = [one for one in _required(function) if one not in given]
    if missing:
        raise TypeError(f"{name} is called without {', '.join(missing)}")
    return call(**given)


def _required(function: Any) -> list[str]:
    """The parameters that Airflow does not fill itself: what is named like a part of the context is
    from there.
    """
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return []
    return [
        one.name
        for one in parameters
        if one.default is one.empty
        and one.kind not in (one.VAR_POSITIONAL, one.VAR_KEYWORD)
        and one.name not in _OF_CONTEXT
    ]


def _parameters(function: Any) -> list[str]:
    try:
        return list(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return []


def _result_of(value: Any, made: dict[str, Any]) -> Any:
    """`+task` and `+task["key"]` as that task's result."""
    found = _OF_OUTPUT.match(value) if isinstance(value, str) else None
    if found is None or found["task"] not in made:
        return value
    node = made[found["task"]]
    return node[found["key"]] if found["key"] else node
