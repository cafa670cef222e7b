"""The tasks of one DAG: what each computes or asks, what it waits for, what it tells. Pure."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from adapters.airflow.fingerprint import fingerprint
from adapters.airflow.generate import ids
from adapters.airflow.generate.fuse import Fused, fused_of, outside_readers
from adapters.airflow.generate.manifest import TaskPlan
from adapters.airflow.generate.settings import of_function, of_fused, of_task_beside, of_wait
from adapters.airflow.generate.waits import Waits
from adapters.airflow.own_tasks import is_own_task
from adapters.airflow.uris import asset_uri
from bridge.checks import AssetChecksDefinition
from bridge.errors import DefinitionError
from bridge.execution.calls import Call, asked_checks, calls_of
from bridge.graph import AssetGraph
from bridge.keys import AssetKey


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """Where each asset of the DAG is computed, and after which task its downstream may run."""

    graph: AssetGraph
    home: Mapping[AssetKey, str]
    gates: Mapping[AssetKey, Sequence[str]]
    last: Mapping[AssetKey, str]
    past: Collection[AssetKey]
    waits: Waits


def tasks_of(
    graph: AssetGraph,
    keys: Collection[AssetKey],
    past: Collection[AssetKey],
    waits: Waits,
    to_fuse: Collection[AssetKey] = (),
) -> tuple[TaskPlan, ...]:
    """A task for each function, each check that is one, and the gates and waits that they need.

    The last task about an asset emits its event: who listens must not start on data that fails a
    check. The task of an asset in `past` waits for that of the run before, and for what gates it.
    Assets `to_fuse` that read each other are one task. Raises SelectionError where a function would
    have to compute an asset that is not among `keys`, DefinitionError for what cannot be fused.
    """
    ours = [graph.nodes[key] for key in graph.order if key in keys]
    calls = calls_of(graph, ours, ())
    asked = asked_checks(graph, keys, None)
    fused = fused_of(graph, calls, asked, to_fuse)
    together = {id(part): part for part in fused.values()}.values()
    checks = [
        check
        for check in asked
        if is_own_task(
            check, graph, fused[key].keys if (key := check.asset_keys[0]) in fused else ()
        )
    ]
    home = {key: _called(call) for call in calls for key in call.keys}
    home |= {key: ids.fused_task_id(part.keys[0]) for key, part in fused.items()}
    gates: dict[AssetKey, list[str]] = {key: [] for key in home}
    for check in checks:
        for key in {spec.asset_key for spec in check.specs if spec.is_blocking} & home.keys():
            gates[key].append(_check_called(check))
    last = {
        key: _last_of_fused(key, fused[key], gates[key], graph, home)
        if key in fused
        else _last(key, call, gates[key], graph)
        for call in calls
        for key in call.keys
    }
    plan = _Plan(graph=graph, home=home, gates=gates, last=last, past=past, waits=waits)
    return _in_order(
        [
            *(_computing(call, plan) for call in calls if call.keys[0] not in fused),
            *(_fused(part, plan) for part in together),
            *(
                _waiting(name, found, plan)
                for name, found in _homes(home).items()
                if _awaited(found, waits)
            ),
            *(_asking(check, plan) for check in checks),
            *(_gate(key, plan) for key in home if last[key] in _gate_names(key)),
        ]
    )


def _called(call: Call) -> str:
    definition = call.definition
    if definition is None or len(definition.specs) == 1:
        return ids.task_id(call.keys[0])
    return ids.function_task_id(call.keys[0], definition.name)


def _check_called(check: AssetChecksDefinition) -> str:
    first = check.specs[0]
    name = ids.check_task_id if len(check.specs) == 1 else ids.checks_task_id
    return name(first.asset_key, first.name)


def _last(key: AssetKey, call: Call, gates: Sequence[str], graph: AssetGraph) -> str:
    """The task after which an asset's downstream may run.

    A function that makes one asset is skipped where it leaves that out; of one that makes several,
    a task after it has to be.
    """
    if len(gates) == 1:
        return gates[0]
    if gates:
        return ids.gate_task_id(key)
    if graph.nodes[key].spec.skippable and _is_of_several(call):
        return ids.made_task_id(key)
    return _called(call)


def _last_of_fused(
    key: AssetKey,
    part: Fused,
    gates: Sequence[str],
    graph: AssetGraph,
    home: Mapping[AssetKey, str],
) -> str:
    """As `_last`; the task tells of what it made, and is not skipped where it left one out."""
    spec, readers = graph.nodes[key].spec, outside_readers(graph, home, key)
    if not readers and not gates:
        return home[key]
    above = [dep for dep in graph.all_upstream(key) if dep in part.keys]
    unsure = next((dep for dep in sorted(above) if graph.nodes[dep].spec.skippable), None)
    if unsure is not None:
        who = f"{readers[0]} reads" if readers else "A check is about"
        raise DefinitionError(
            f"{who} {key} from outside of its fused task, which does not make it where it leaves "
            f"out {unsure}. Fuse both, or none. At {spec.place}"
        )
    if gates:
        return gates[0] if len(gates) == 1 else ids.gate_task_id(key)
    return ids.made_task_id(key) if spec.skippable else home[key]


def _is_of_several(call: Call) -> bool:
    return call.definition is not None and len(call.definition.specs) > 1


def _gate_names(key: AssetKey) -> tuple[str, str]:
    return ids.gate_task_id(key), ids.made_task_id(key)


def _computing(call: Call, plan: _Plan) -> TaskPlan:
    name, nodes = _called(call), [plan.graph.nodes[key] for key in call.keys]
    waits = {plan.last[dep] for node in nodes for dep in node.spec.deps if dep in plan.last}
    if _awaited(call.keys, plan.waits):
        waits.add(ids.wait_task_id(name))
    inside = {plan.last[key] for key in call.keys}
    return TaskPlan(
        task_id=name,
        kind="asset",
        assets=tuple(map(str, call.keys)),
        is_function=_is_of_several(call),
        upstream=tuple(sorted(waits - inside)),
        outlets=_outlets(name, plan),
        made_from=_made_from(name, plan),
        owner=_owner(call.keys, plan.graph),
        doc=_doc(call, plan.graph),
        after_past=_after_past(call.keys, plan),
        settings=of_function(call.definition, nodes),
        fingerprint=fingerprint(plan.graph, nodes),
    )


def _awaited(keys: Iterable[AssetKey], waits: Waits) -> dict[AssetKey, str]:
    return {key: who for each in keys for key, who in waits.of.get(each, {}).items()}


def _waiting(name: str, keys: Iterable[AssetKey], plan: _Plan) -> TaskPlan:
    """One a task that computes, before nothing else: DAGs that read each other do not block."""
    readers = [key for key in keys if key in plan.waits.of]
    awaited = _awaited(readers, plan.waits)
    names = ", ".join(f"{shown(key)} ({who})" for key, who in awaited.items())
    return TaskPlan(
        task_id=ids.wait_task_id(name),
        kind="wait",
        assets=tuple(map(str, readers)),
        owner=_owner(readers, plan.graph),
        doc=f"Waits for the partitions that {', '.join(map(shown, readers))} reads of: {names}.",
        settings=of_wait([plan.graph.nodes[key] for key in readers], plan.waits.timeout_s),
        waits_for={str(key): who for key, who in awaited.items()},
    )


def _homes(home: Mapping[AssetKey, str]) -> dict[str, list[AssetKey]]:
    """The assets that each task computes."""
    found: dict[str, list[AssetKey]] = {}
    for key, name in home.items():
        found.setdefault(name, []).append(key)
    return found


def _fused(part: Fused, plan: _Plan) -> TaskPlan:
    nodes = [plan.graph.nodes[key] for key in part.keys]
    name, definitions = plan.home[part.keys[0]], [call.definition for call in part.calls]
    waits = {plan.last[dep] for node in nodes for dep in node.spec.deps if dep in plan.last}
    if _awaited(part.keys, plan.waits):
        waits.add(ids.wait_task_id(name))
    return TaskPlan(
        task_id=name,
        kind="fused",
        assets=tuple(map(str, part.keys)),
        upstream=tuple(sorted(waits - {plan.last[key] for key in part.keys})),
        outlets=_outlets(name, plan),
        made_from=_made_from(name, plan),
        owner=_owner(part.keys, plan.graph),
        doc=f"Computes {len(nodes)} assets, one after the other.",
        after_past=_after_past(part.keys, plan),
        settings=of_fused(definitions, nodes),
        fingerprint=fingerprint(plan.graph, nodes),
    )


def _after_past(keys: Iterable[AssetKey], plan: _Plan) -> Literal["task", "checks"] | None:
    again = [key for key in keys if key in plan.past]
    if not again:
        return None
    return "checks" if any(plan.gates[key] for key in again) else "task"


def _asking(check: AssetChecksDefinition, plan: _Plan) -> TaskPlan:
    about, name = check.asset_keys, _check_called(check)
    upstream = {dep for key in about for dep in plan.graph.all_upstream(key)} if check.reads else ()
    after = [*about, *(key for key in check.reads if key not in upstream)]
    return TaskPlan(
        task_id=name,
        kind="check",
        assets=tuple(map(str, about)),
        checks=tuple(f"{spec.asset_key}:{spec.name}" for spec in check.specs),
        is_function=len(check.specs) > 1,
        upstream=tuple(sorted({plan.home[key] for key in after if key in plan.home})),
        outlets=_outlets(name, plan),
        made_from=_made_from(name, plan),
        owner=_owner(about, plan.graph),
        doc=_doc_of_check(check),
        settings=of_task_beside(plan.graph.nodes[key] for key in about),
    )


def _gate(key: AssetKey, plan: _Plan) -> TaskPlan:
    return TaskPlan(
        task_id=plan.last[key],
        kind="gate",
        assets=(str(key),),
        upstream=tuple(sorted(plan.gates[key])) or (plan.home[key],),
        outlets=_outlets(plan.last[key], plan),
        made_from=_made_from(plan.last[key], plan),
        owner=_owner((key,), plan.graph),
        doc=None if plan.gates[key] else f"Skipped where {shown(key)} was left out.",
        settings=of_task_beside([plan.graph.nodes[key]]),
    )


def _outlets(task_id: str, plan: _Plan) -> tuple[str, ...]:
    found = sorted(key for key, name in plan.last.items() if name == task_id)
    return tuple(_uri(key, plan) for key in found)


def _made_from(task_id: str, plan: _Plan) -> dict[str, list[str]]:
    """For each outlet of a task the URIs of what its asset reads, in this DAG and elsewhere.

    Empty where nothing is read and no task comes before that could be taken for a source.
    """
    ours = sorted(key for key, name in plan.last.items() if name == task_id)
    nodes = [plan.graph.nodes[key] for key in ours]
    found = {
        _uri(node.key, plan): [_uri(dep, plan) for dep in sorted(node.spec.deps) if dep != node.key]
        for node in nodes
    }
    alone = all(node.definition is None or len(node.definition.specs) == 1 for node in nodes)
    return {} if alone and not any(found.values()) else found


def _uri(key: AssetKey, plan: _Plan) -> str:
    return asset_uri(key, plan.graph.nodes[key].spec.uri)


def _owner(keys: Iterable[AssetKey], graph: AssetGraph) -> str | None:
    owners = dict.fromkeys(owner for key in keys for owner in graph.nodes[key].spec.owners)
    return ", ".join(owners) or None


def _doc(call: Call, graph: AssetGraph) -> str | None:
    if not _is_of_several(call):
        return first_paragraph(graph.nodes[call.keys[0]].spec.description)
    said = first_paragraph(call.definition.function.__doc__ if call.definition else None)
    return said or f"Computes {', '.join(map(shown, call.keys))}."


def _doc_of_check(check: AssetChecksDefinition) -> str | None:
    if len(check.specs) == 1:
        return first_paragraph(check.spec.description)
    names = ", ".join(spec.name for spec in check.specs)
    return first_paragraph(check.function.__doc__) or f"Answers {names}."


def shown(key: AssetKey) -> str:
    """The key as a sentence can hold it."""
    text = str(key)
    return text if text.isprintable() else repr(text)


def first_paragraph(text: str | None) -> str | None:
    """One line out of a docstring."""
    lines = (text or "").strip().split("\n\n")[0]
    return " ".join(lines.split()) or None


def _in_order(tasks: Sequence[TaskPlan]) -> tuple[TaskPlan, ...]:
    """Upstream first, and by name where that leaves a choice."""
    by_id = {task.task_id: task for task in tasks}
    missing = {task.task_id: len(task.upstream) for task in tasks}
    downstream: dict[str, list[str]] = {}
    for task in tasks:
        for name in task.upstream:
            downstream.setdefault(name, []).append(task.task_id)
    ready = [name for name, count in missing.items() if not count]
    heapq.heapify(ready)
    ordered = []
    while ready:
        name = heapq.heappop(ready)
        ordered.append(by_id[name])
        for other in downstream.get(name, ()):
            missing[other] -= 1
            if not missing[other]:
                heapq.heappush(ready, other)
    if len(ordered) < len(by_id):
        left = ", ".join(sorted(by_id.keys() - {task.task_id for task in ordered}))
        raise DefinitionError(
            f"The tasks {left} would wait for each other: a blocking check reads what comes after "
            "its asset. Give it blocking=False."
        )
    return tuple(ordered)
