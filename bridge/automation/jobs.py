"""Jobs: a selection of assets with a name, which schedules, sensors and people start as one run."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from bridge.assets import AssetsDefinition
from bridge.automation.requests import plain_config, plain_tags
from bridge.errors import DefinitionError, SelectionError
from bridge.events import PlainValue
from bridge.executors import Executor
from bridge.graph import AssetGraph
from bridge.keys import AssetKey
from bridge.partitions import PartitionsDefinition
from bridge.places import Place, user_place
from bridge.specs import AssetSpec

Selectable: TypeAlias = "AssetKey | AssetsDefinition | AssetSpec | str"
_NAME = re.compile(r"[A-Za-z0-9_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class JobDefinition:
    """A job as written. `name` is None for what a schedule or sensor names as its `target`."""

    name: str | None
    selection: str | tuple[AssetKey, ...]
    place: Place
    partitions_def: PartitionsDefinition | None = None
    run_config: Mapping[str, PlainValue] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    description: str | None = None
    executor: Executor | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedJob:
    """A job in one graph: the assets that it computes, in the graph's order, and their partitions.

    `partitions_def` is the one of all of them that have partitions.
    """

    definition: JobDefinition
    keys: tuple[AssetKey, ...]
    partitions_def: PartitionsDefinition | None

    @property
    def name(self) -> str | None:
        """The job's name, None where it is only a target."""
        return self.definition.name

    @property
    def selection(self) -> str:
        """What a person reads of its assets."""
        chosen = self.definition.selection
        return chosen if isinstance(chosen, str) else " or ".join(map(str, chosen))


@dataclass(frozen=True, slots=True)
class JobName:
    """A job that is defined elsewhere in the project, by its name."""

    name: str


Target: TypeAlias = "JobDefinition | JobName"


def define_asset_job(
    name: str,
    selection: str | Selectable | Sequence[Selectable] | None = None,
    config: Mapping[str, object] | None = None,
    description: str | None = None,
    tags: Mapping[str, str] | None = None,
    *,
    partitions_def: PartitionsDefinition | None = None,
    executor_def: Executor | None = None,
) -> JobDefinition:
    """A job that computes a selection: a selection string, or a list of assets and strings.

    Without `selection` it is all assets. `config` gives a function's name the values of its
    `config`, `tags` are on every run, and `partitions_def` says out loud which partitions a run
    takes, else it is those of the assets. Its steps are computed as `executor_def` says, else as
    the project's. Raises DefinitionError for a bad name or executor.
    """
    place = user_place()
    require_name(name, "job", place)
    if executor_def is not None and not isinstance(executor_def, Executor):
        raise DefinitionError(
            f"Job {name} has executor_def={executor_def!r}, which is no executor; there are "
            f"in_process_executor and multiprocess_executor. At {place}"
        )
    return JobDefinition(
        name=name,
        selection=settled_selection("*" if selection is None else selection, f"Job {name}", place),
        partitions_def=partitions_def,
        run_config=plain_config(config),
        tags=plain_tags(tags, f"Job {name}"),
        description=description,
        executor=executor_def,
        place=place,
    )


def settled_selection(
    chosen: str | Selectable | Sequence[Selectable], who: str, place: Place
) -> str | tuple[AssetKey, ...]:
    """A selection string, or keys. Of a list, texts are selection strings, as everywhere."""
    if isinstance(chosen, str):
        return chosen
    items = list(chosen) if isinstance(chosen, (list, tuple, set, frozenset)) else [chosen]
    keys: list[AssetKey] = []
    texts: list[str] = []
    for item in items:
        if isinstance(item, str):
            texts.append(item)
        elif isinstance(item, AssetKey):
            keys.append(item)
        elif isinstance(item, AssetsDefinition):
            keys.extend(item.keys)
        elif isinstance(item, AssetSpec):
            keys.append(item.key)
        else:
            raise DefinitionError(
                f"{who} selects {item!r}, which is no asset. Give a selection string, assets, or "
                f"keys. At {place}"
            )
    if not texts:
        return tuple(dict.fromkeys(keys))
    named = [_quoted(key) for key in keys]
    return " or ".join([*(f"({text})" for text in texts), *named])


def _quoted(key: AssetKey) -> str:
    return f'key:"{key}"'


def require_name(name: str, kind: str, place: Place) -> None:
    """Raise DefinitionError where a job, schedule or sensor cannot be called that."""
    if name == "conditions" and kind != "job":
        raise DefinitionError(
            f"A {kind} is called {name!r}, as all automation conditions together are. Rename it. "
            f"At {place}"
        )
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise DefinitionError(
            f"A {kind} is called {name!r}; use letters A-Z, digits and _. At {place}"
        )


def settled_targets(
    kind: str,
    name: str | None,
    place: Place,
    *,
    job: JobDefinition | None,
    job_name: str | None,
    target: JobDefinition | Selectable | Sequence[Selectable] | None,
    jobs: Sequence[JobDefinition] = (),
) -> tuple[Target, ...]:
    """The jobs that something starts, however they were given.

    Raises DefinitionError where they were given in two ways.
    """
    who = f"{kind} {name}" if name else kind
    given = [each for each in (job, job_name, target, jobs or None) if each is not None]
    if len(given) > 1:
        raise DefinitionError(f"{who} is given a job in several ways; keep one. At {place}")
    if not given:
        return ()
    if job_name is not None:
        return (JobName(job_name),)
    if target is not None:
        if isinstance(target, JobDefinition):
            return (target,)
        return (
            JobDefinition(name=None, selection=settled_selection(target, who, place), place=place),
        )
    found = tuple(jobs) if job is None else (job,)
    for each in found:
        if not isinstance(each, JobDefinition):
            raise DefinitionError(
                f"{who} starts {each!r}, which is no job. Make one with define_asset_job, or give "
                f"target= a selection. At {place}"
            )
    return found


def resolved_job(job: JobDefinition, graph: AssetGraph, who: str | None = None) -> ResolvedJob:
    """The job in a graph; `who` names it in messages, where the job itself has no name.

    Raises DefinitionError where it selects nothing that we compute, or assets of several sets of
    partitions, which no one run can take.
    """
    called = who or f"Job {job.name}"
    selected = _selected(job, graph, called)
    order = {key: place for place, key in enumerate(graph.order)}
    keys = tuple(
        sorted((k for k in selected if graph.nodes[k].is_executable), key=order.__getitem__)
    )
    if not keys:
        outside = ", ".join(sorted(map(str, selected)))
        what = f"only {outside}, which something outside writes" if outside else "no asset"
        raise DefinitionError(
            f"{called} selects {what}: {_shown(job)}. `bridge list` shows all. At {job.place}"
        )
    return ResolvedJob(
        definition=job, keys=keys, partitions_def=_common_partitions(job, keys, graph, called)
    )


def _selected(job: JobDefinition, graph: AssetGraph, called: str) -> Iterable[AssetKey]:
    if not isinstance(job.selection, str):
        for key in job.selection:
            if key not in graph:
                raise DefinitionError(
                    f"{called} selects {key}, which no code location defines."
                    f"{graph.suggest(str(key))} At {job.place}"
                )
        return job.selection
    if job.selection == "*":
        return graph.nodes
    from bridge.selection import select  # noqa: PLC0415 - the grammar, only where it is needed

    try:
        return select(graph, job.selection)
    except SelectionError as error:
        raise DefinitionError(f"{called} has no selection. {error} At {job.place}") from error


def _common_partitions(
    job: JobDefinition, keys: Iterable[AssetKey], graph: AssetGraph, called: str
) -> PartitionsDefinition | None:
    found: PartitionsDefinition | None = None
    first: AssetKey | None = None
    for key in keys:
        theirs = graph.nodes[key].spec.partitions_def
        if theirs is None:
            continue
        if found is None:
            found, first = theirs, key
        elif theirs != found:
            raise DefinitionError(
                f"{called} selects assets of different partitions: {first} is {found.kind}, {key} "
                f"is {theirs.kind}{'' if theirs.kind != found.kind else ' from other values'}. One "
                f"run takes one partition; make it two jobs. At {job.place}"
            )
    if job.partitions_def is not None and job.partitions_def != found:
        has = "has none" if found is None else f"has others ({found.kind})"
        raise DefinitionError(
            f"{called} is given {job.partitions_def.kind} partitions, but {first or 'no asset'} "
            f"{has}. Leave partitions_def= out to take theirs. At {job.place}"
        )
    return found


def _shown(job: JobDefinition) -> str:
    return repr(job.selection) if isinstance(job.selection, str) else "an empty list"


def suggestion(name: str, known: Iterable[str]) -> str:
    """A sentence with the names most like `name`, empty where none is."""
    close = difflib.get_close_matches(name, list(known), n=3)
    return f" Did you mean {' or '.join(close)}?" if close else ""
