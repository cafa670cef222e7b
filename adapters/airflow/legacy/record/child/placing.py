"""Where the code base lies on this machine, taken out of texts: the same code base gives the same
snapshot wherever it is imported.
"""

import functools
import re
from collections.abc import Sequence
from typing import Any

from .journal import journal

_LEAST = 2  # names of a path that no other machine is likely to have for something else


class Places:
    """The folders of a code base on this machine: its roots, and the one above the DAGs' folder,
    where Airflow would be at home.
    """

    def __init__(self, roots: Sequence[str], home: str) -> None:
        self._named = [("folder", root.rstrip("/")) for root in roots]
        # unless other things lie there too
        if home.count("/") >= _LEAST and home.rpartition("/")[2] not in ("tmp", "home"):
            self._named.append(("AIRFLOW_HOME", home))

    def placed(self, text: str) -> str:
        """A text with `/{{ folder }}` and `/{{ AIRFLOW_HOME }}`, as a template could say it."""
        return self._said(text, "/{{ %s }}")

    def placed_in(self, value: Any) -> Any:
        """JSON with each of its texts placed, also names."""
        if isinstance(value, str):
            return self.placed(value)
        if isinstance(value, list):
            return [self.placed_in(each) for each in value]
        if isinstance(value, dict):
            return {self.placed(key): self.placed_in(each) for key, each in value.items()}
        return value

    def placed_uris(self, value: Any) -> Any:
        """URIs as lineage writes them: `file:///{folder}/x.csv`."""
        if isinstance(value, list):
            return [self._said(each, "/{%s}") for each in value]
        return value

    def placed_dag(self, dag: dict[str, Any]) -> dict[str, Any]:
        """A DAG in the form of `snapshot.Dag`, with its paths and those of its tasks placed."""
        schedule, links = dag["schedule"], dag["links"]
        if "datasets" in schedule:
            schedule = {**schedule, "datasets": self.placed_uris(schedule["datasets"])}
        links = [
            {**one, "uri": self.placed_uris([one["uri"]])[0]} if one.get("uri") else one
            for one in links
        ]
        parts = ("params", "templates", "template_searchpath", "doc")
        named = {part: self.placed_in(dag[part]) for part in parts if part in dag}
        tasks = [self._placed_task(task) for task in dag["tasks"]]
        return {**dag, **named, "schedule": schedule, "links": links, "tasks": tasks}

    def _placed_task(self, task: dict[str, Any]) -> dict[str, Any]:
        parts = ("arguments", "pulled", "calls", "scripts")
        named = {part: self.placed_in(task[part]) for part in parts if part in task}
        declared = {part: self.placed_uris(task[part]) for part in ("inlets", "outlets")}
        return {**task, **named, **declared}

    def _said(self, text: str, form: str) -> str:
        for name, path in self._named:
            if path and path in text:
                text = _whole(path).sub(form % name, text)
        return text


def here() -> Places:
    """The places of the file that is being read."""
    return _places(journal.roots, journal.home)


def inside(text: str) -> str:
    """What is said of a file of the code base, with its path from the code base's folder."""
    for root in journal.roots:
        text = text.replace(root, "")
    return text


@functools.lru_cache(maxsize=16)
def _places(roots: tuple[str, ...], home: str) -> Places:
    return Places(roots, home)


@functools.lru_cache(maxsize=16)
def _whole(path: str) -> "re.Pattern[str]":
    """The path where it is no part of a longer name: not in `s3://lake/repo`, nor `/repo-old`."""
    return re.compile(rf"(?<![\w.}}-]){re.escape(path)}(?![\w.-])")
