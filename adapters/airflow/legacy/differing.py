"""How two snapshots of one code base differ: what to read before an import is taken over."""

from __future__ import annotations

import json
from collections.abc import Iterator

from adapters.airflow.legacy.snapshot import Call, Dag, DagSnapshot, Task

# Where a thing stands in its file changes with every line above it; when it ran last, and how long
# it takes, change with every run.
_PASSING = {"line", "file", "durations", "done_after", "operation"}
_OWN = {
    "tasks",
    "templates",
    "links",
    "dag_id",
    "task_id",
    "schedule",
    "calls",
    "scripts",
    "pulled",
}
_SHOWN, _LEAD = 60, 12


def differences(before: DagSnapshot, after: DagSnapshot) -> list[str]:
    """DAGs and tasks that came (`+`), went (`-`) or changed (`~`, with what), by name."""
    old = {dag.dag_id: dag for dag in before.dags}
    new = {dag.dag_id: dag for dag in after.dags}
    lines: list[str] = []
    for dag_id in sorted(old.keys() | new.keys()):
        was, now = old.get(dag_id), new.get(dag_id)
        if was is None and now is not None:
            lines.append(f"+ {dag_id}  {_tasks(now)}")
        elif now is None and was is not None:
            lines.append(f"- {dag_id}  {_tasks(was)}")
        elif was is not None and now is not None:
            lines += _of_dag(was, now)
    return lines


def _of_dag(was: Dag, now: Dag) -> Iterator[str]:
    changed = list(_changed(was, now))
    if was.schedule != now.schedule:
        changed.append(f"schedule: {was.schedule.words} -> {now.schedule.words}")
    paused = [each.operation.is_paused if each.operation else None for each in (was, now)]
    if None not in paused and paused[0] != paused[1]:
        changed.append("paused" if paused[1] else "no longer paused")
    if was.file != now.file:
        changed.append(f"file: {was.file} -> {now.file}")
    if was.templates != now.templates:
        names = [
            n
            for n in was.templates.keys() | now.templates.keys()
            if was.templates.get(n) != now.templates.get(n)
        ]
        changed.append(f"templates: {', '.join(sorted(names))}")
    if changed:
        yield f"~ {now.dag_id}  {'; '.join(changed)}"
    old = {task.task_id: task for task in was.tasks}
    new = {task.task_id: task for task in now.tasks}
    for task_id in sorted(old.keys() | new.keys()):
        name = f"{now.dag_id}.{task_id}"
        if task_id not in old:
            yield f"+ {name}  {_kind(new[task_id])}"
        elif task_id not in new:
            yield f"- {name}  {_kind(old[task_id])}"
        elif found := [*_changed(old[task_id], new[task_id]), *_code(old[task_id], new[task_id])]:
            yield f"~ {name}  {'; '.join(found)}"


def _changed(was: Dag | Task, now: Dag | Task) -> Iterator[str]:
    """`retries: 1 -> 3` for each field; of arguments only those that changed."""
    old, new = was.model_dump(mode="json"), now.model_dump(mode="json")
    for name in old:
        if name in _PASSING | _OWN or old[name] == new[name]:
            continue
        if name == "arguments":
            yield from _fields(old[name], new[name])
        elif isinstance(old[name], list):
            came = [each for each in new[name] if each not in old[name]]
            went = [each for each in old[name] if each not in new[name]]
            signs = [f"+{_shown(one)}" for one in came] + [f"-{_shown(one)}" for one in went]
            yield f"{name}: {' '.join(signs) or 'in another order'}"
        else:
            yield f"{name}: {_step(old[name], new[name])}"


def _fields(old: dict[str, object], new: dict[str, object]) -> Iterator[str]:
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name):
            yield f"{name}: {_step(old.get(name), new.get(name))}"


def _code(was: Task, now: Task) -> Iterator[str]:
    """What its Python code calls otherwise; that a call moved to another line is no change."""
    old, new = (
        [(call.name, _without_lines(call)) for call in _all_calls(each)] for each in (was, now)
    )
    names = [name for name, call in new if (name, call) not in old]
    names += [name for name, call in old if (name, call) not in new]
    if names:
        yield f"calls: {', '.join(dict.fromkeys(names))}"


def _all_calls(task: Task) -> list[Call]:
    return [*task.calls, *(call for script in task.scripts for call in script.calls)]


def _without_lines(call: Call) -> str:
    return json.dumps(call.model_dump(mode="json", exclude={"line"}), sort_keys=True)


def _kind(task: Task) -> str:
    return task.operator.rpartition(".")[2]


def _step(old: object, new: object) -> str:
    """`old -> new`; of long texts that begin alike, from shortly before they part."""
    was, now = _plain(old), _plain(new)
    if max(len(was), len(now)) > _SHOWN:
        pairs = enumerate(zip(was, now, strict=False))
        parting = next((at for at, (one, two) in pairs if one != two), min(len(was), len(now)))
        alike = parting - _LEAD
        if alike > 0:
            was, now = f"…{was[alike:]}", f"…{now[alike:]}"
    return f"{_cut(was)} -> {_cut(now)}"


def _shown(value: object) -> str:
    """A value on one line, not longer than may be read at a glance."""
    return _cut(_plain(value))


def _plain(value: object) -> str:
    if value is None:
        return "-"
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True)
    return " ".join(text.split())


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def _tasks(dag: Dag) -> str:
    return f"{len(dag.tasks):,} task{'' if len(dag.tasks) == 1 else 's'}"
