"""Which pools generated tasks need, and which of these an Airflow lacks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from adapters.airflow.api.rest import AirflowRest
from adapters.airflow.generate.pools import missing_pools, pools_of
from bridge.project import Project, find_project

DEFINITIONS = """
from bridge import Definitions, asset

@asset(pool="warehouse")
def a(): ...

@asset
def b(): ...

defs = Definitions([a, b])
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "pools_of_a_project.py").write_text(DEFINITIONS)
    (tmp_path / "bridge.toml").write_text(
        'definitions = ["pools_of_a_project.py"]\n[pools]\nwarehouse = 3\n'
    )
    return find_project(tmp_path)


def test_only_who_has_generated_something_needs_pools(project: Project) -> None:
    assert pools_of(project) == frozenset()

    project.generated.mkdir(parents=True)

    assert pools_of(project) == {"warehouse"}


def test_code_that_does_not_load_is_somebody_elses_finding(project: Project) -> None:
    project.generated.mkdir(parents=True)

    assert pools_of(replace(project, definitions=("no_such_module",))) == frozenset()


def test_a_missing_pool_is_named_with_what_makes_it(project: Project) -> None:
    assert missing_pools(["warehouse"], ["warehouse", "default_pool"], "prod", project) == []

    (finding,) = missing_pools(["warehouse"], ["default_pool"], "prod", project)

    assert finding.level == "problem"
    assert finding.message == ("Airflow prod has no pool warehouse, so the tasks in it never start")
    assert finding.hint == "airflow pools set warehouse 3 ''"


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_all_pages_of_pools_are_read(version: str) -> None:
    names = [f"pool_{number}" for number in range(130)]

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == f"/api/{version}/version":
            return httpx.Response(200, json={"version": "3.3.2" if version == "v2" else "2.11.2"})
        if request.url.path == f"/api/{version}/pools":
            first = int(request.url.params["offset"])
            rows = [{"name": name} for name in names[first : first + 100]]
            return httpx.Response(200, json={"pools": rows, "total_entries": len(names)})
        return httpx.Response(404)

    rest = AirflowRest.connect("http://airflow", transport=httpx.MockTransport(answer))

    assert rest.pools() == set(names)
