"""The dbt projects of a snapshot, found by the paths that commands give, each looked into once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from adapters.airflow.legacy.dbt.forms import DbtProject, DbtTarget
from adapters.airflow.lineage.dbt.relations import Relations
from adapters.airflow.lineage.dbt.selection import Selection


class DbtProjects:
    """All projects, their graphs and the names of their tables, made when they are asked for."""

    def __init__(self, projects: Iterable[DbtProject] = ()) -> None:
        self.projects = tuple(projects)
        self._selections: dict[str, Selection] = {}
        self._relations: dict[object, Relations] = {}

    def find(self, folder: str | None) -> DbtProject | None:
        """The project whose path ends as the folder does, the longest end first; else the only
        one.
        """
        wanted = _parts(folder or "")
        ends = [(_shared_end(wanted, _parts(one.path)), one) for one in self.projects]
        most = max((length for length, _ in ends), default=0)
        best = [one for length, one in ends if length == most and most]
        if len(best) == 1:
            return best[0]
        return self.projects[0] if len(self.projects) == 1 else None

    def selection(self, project: DbtProject) -> Selection:
        """The project's graph."""
        if project.path not in self._selections:
            self._selections[project.path] = Selection(project)
        return self._selections[project.path]

    def relations(
        self,
        project: DbtProject,
        target: str | None,
        environment: Mapping[str, str],
        variables: Mapping[str, object],
        output: DbtTarget | None = None,
    ) -> Relations:
        """The names of the project's tables in a target."""
        key = (project.path, target, frozenset(environment.items()), repr(variables), output)
        if key not in self._relations:
            self._relations[key] = Relations(project, target, environment, variables, output)
        return self._relations[key]


def _parts(path: str) -> list[str]:
    return [part for part in path.split("/") if part not in ("", ".", "..")]


def _shared_end(one: list[str], other: list[str]) -> int:
    length = 0
    for a, b in zip(reversed(one), reversed(other), strict=False):
        if a != b:
            break
        length += 1
    return length
