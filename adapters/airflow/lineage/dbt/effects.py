"""What one dbt command reads and writes, as tables with what they are made from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from adapters.airflow.legacy.datasets import Direction
from adapters.airflow.legacy.dbt.forms import DbtNode, DbtTarget
from adapters.airflow.lineage.dbt.command import BUILDING, QUIET, TESTING, DbtCommand
from adapters.airflow.lineage.dbt.projects import DbtProjects
from adapters.airflow.lineage.dbt.relations import Relation, Relations
from adapters.airflow.lineage.dbt.selection import NotKnown, Selection

_LATER = re.compile(r"[{}]|^\*$")
_NAMED = 3
_EPHEMERAL = "ephemeral"


@dataclass(frozen=True, slots=True)
class TableTouched:
    """A table that a command reads or writes; `made_from` are the tables behind a written one."""

    relation: Relation
    direction: Direction
    file: str
    made_from: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class DbtEffect:
    """What a command does to tables; `problem` says what of it is not known, in words."""

    touched: tuple[TableTouched, ...] = ()
    problem: str | None = None


def effect_of(
    command: DbtCommand,
    folder: str | None,
    environment: Mapping[str, str],
    projects: DbtProjects,
    output: DbtTarget | None = None,
) -> DbtEffect:
    """Tables of the selected nodes of the project that the command is about.

    `folder` is where it runs, `environment` what the task sets, `output` its own target.
    """
    if command.verb in QUIET:
        return DbtEffect()
    if command.others or _is_later((command.verb,)):
        return DbtEffect(problem=f"only a run knows what `dbt {command.verb}` is given")
    if command.verb not in BUILDING and command.verb not in TESTING:
        return DbtEffect(problem=f"what `dbt {command.verb}` does is not read")
    place = command.project_dir or environment.get("DBT_PROJECT_DIR") or folder
    project = projects.find(place)
    if project is None:
        known = ", ".join(one.path for one in projects.projects[:_NAMED]) or "none"
        known += ", …" if len(projects.projects) > _NAMED else ""
        where = f" in {place}" if place else ""
        message = f"it runs dbt{where}, and that project is not in the code base (it has: {known})"
        return DbtEffect(problem=message)
    chosen = (*command.select, *command.exclude, command.selector or "")
    if _is_later(chosen):
        shown = " ".join(one for one in chosen if _is_later((one,)))
        return DbtEffect(problem=f"only a run knows what dbt selects ({shown})")
    target = command.target or environment.get("DBT_TARGET")
    return _Reading(
        projects.selection(project),
        projects.relations(project, target, environment, command.variables, output),
    ).effect(command)


def _is_later(words: Iterable[str]) -> bool:
    return any(_LATER.search(word) for word in words)


class _Reading:
    def __init__(self, selection: Selection, relations: Relations) -> None:
        self.selection = selection
        self.relations = relations

    def effect(self, command: DbtCommand) -> DbtEffect:
        try:
            chosen = self.selection.chosen(
                command.select, command.exclude, command.selector, command.indirect
            )
        except NotKnown as error:
            return DbtEffect(problem=f"dbt's selection {error} cannot be known from its files")
        nodes = [self.selection.nodes[key] for key in sorted(chosen)]
        if command.resource_types:
            nodes = [node for node in nodes if node.kind in command.resource_types]
        if command.verb == "test":
            found = self._read(
                one for node in nodes if node.kind == "test" for one in self._above(node)
            )
        elif command.verb == "source freshness":
            found = self._read(node for node in nodes if node.kind == "source")
        else:
            found = self._built(node for node in nodes if node.kind in BUILDING[command.verb])
        touched = tuple(dict.fromkeys(found))
        asked = " ".join((*command.select, command.selector or "")).strip()
        if asked and not touched and not nodes:
            name = self.selection.project.name
            return DbtEffect(
                problem=f"dbt selects {asked}, and the project {name} has no such node"
            )
        return DbtEffect(touched)

    def _built(self, nodes: Iterable[DbtNode]) -> Iterator[TableTouched]:
        for node in nodes:
            if node.materialized == _EPHEMERAL:
                continue
            above = list(self._above(node))
            read = [*self._read(above), *self._written_out(node, above)]
            yield from read
            uris = tuple(dict.fromkeys(one.relation.uri for one in read))
            yield TableTouched(self.relations.of(node), "write", self._file(node), uris)

    def _read(self, nodes: Iterable[DbtNode]) -> Iterator[TableTouched]:
        for node in nodes:
            yield TableTouched(self.relations.of(node), "read", self._file(node))

    def _written_out(self, node: DbtNode, above: list[DbtNode]) -> Iterator[TableTouched]:
        """Tables that its SQL names itself; what `ref` names too is known already."""
        known = {self.relations.of(one).uri for one in (node, *above)}
        for one in (node, *self._ephemeral(node)):
            for name in one.written_out:
                relation = self.relations.written(name)
                if relation is not None and relation.uri not in known:
                    yield TableTouched(relation, "read", self._file(one))

    def _ephemeral(self, node: DbtNode) -> Iterator[DbtNode]:
        for key in self.selection.above[node.id]:
            parent = self.selection.nodes[key]
            if parent.materialized == _EPHEMERAL:
                yield parent
                yield from self._ephemeral(parent)

    def _above(self, node: DbtNode) -> Iterator[DbtNode]:
        """The tables that a node reads; an ephemeral model is what it reads itself."""
        for key in self.selection.above[node.id]:
            parent = self.selection.nodes[key]
            if parent.materialized == _EPHEMERAL:
                yield from self._above(parent)
            elif parent.kind != "test":
                yield parent

    def _file(self, node: DbtNode) -> str:
        path = self.selection.project.path
        return node.path if path == "." else f"{path}/{node.path}"
