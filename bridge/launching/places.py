"""Where a run is done: on this machine, or by an instance of another system. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bridge.capabilities import Launches
from bridge.errors import ConfigError
from bridge.project import Project
from bridge.runs import PLACE_SEPARATOR, RUN_ON_TAG, Run

LOCAL = "local"


@dataclass(frozen=True, slots=True)
class Place:
    """A system that does runs, such as `airflow`, and which one of it, as the settings name it."""

    system: str
    instance: str

    def __str__(self) -> str:
        return f"{self.system}{PLACE_SEPARATOR}{self.instance}"


def place_of(run: Run, default: str = LOCAL) -> str:
    """Where a run is to be done, as its tag `bridge/run_on` or the default says it.

    Checks alone are asked here.
    """
    if run.remote is not None:
        return run.remote.place
    if run.target.checks is not None:
        return LOCAL
    return run.tags.get(RUN_ON_TAG, default)


def found_place(text: str, project: Project, adapters: Iterable[object]) -> Place:
    """The place that `airflow:eu` or, where only one is known, `airflow` names.

    Raises ConfigError for one that is not known.
    """
    system, _, instance = text.partition(PLACE_SEPARATOR)
    systems = [each.name for each in adapters if isinstance(each, Launches)]
    if system not in systems:
        known = ", ".join([LOCAL, *systems])
        raise ConfigError(f"Runs cannot be done on {text!r}; there are {known}.")
    known_instances = sorted(project.airflow)
    if not instance and len(known_instances) == 1:
        instance = known_instances[0]
    if instance not in project.airflow:
        names = ", ".join(f"{system}:{name}" for name in known_instances)
        there = f"There are {names}." if names else "The settings name none."
        raise ConfigError(
            f"Which {system} is {text!r}? {there} Each has a table [{system}.NAME] with its url in "
            f"{project.file or 'bridge.toml'} (in pyproject.toml: [tool.bridge.{system}.NAME])."
        )
    return Place(system, instance)
