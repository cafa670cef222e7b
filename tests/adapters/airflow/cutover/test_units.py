"""What the mapping files say of units, what stands in the way of one, and what is set up."""

from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

import pytest

from adapters.airflow.cutover.units import diagnose, gates, units
from adapters.airflow.legacy.mapping import Mapping, UnitEntry, WriteEntry
from adapters.airflow.legacy.mapping_file import to_yaml
from bridge import AssetKey
from bridge.cli.files import write
from bridge.errors import ConfigError
from bridge.migration import Unit
from bridge.project import Project, find_project
from bridge.store import Route, open_store

KEY = AssetKey(["shop", "orders"])
UNIT = Unit(name="airflow:shop.build", assets=(KEY,))


def entry(**changes: object) -> UnitEntry:
    values = {"dag": "shop", "task": "build", "operator": "BashOperator"}
    values |= {"writes": (WriteEntry(asset="shop/orders", evidence="sql", confidence=0.9),)}
    return UnitEntry.model_validate(values | changes)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project with an empty store and no mapping yet."""
    for name in ("BRIDGE_PROJECT", "BRIDGE_STORE"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "bridge.toml").write_text("")
    return find_project(tmp_path)


def map_units(project: Project, *entries: UnitEntry, instance: str = "airflow") -> Path:
    path = project.migration / f"{instance}.yaml"
    write(path, to_yaml(Mapping(instance=instance, units=entries)))
    return path


def failed(project: Project, unit: Unit = UNIT) -> list[str]:
    return [gate.text for gate in gates(unit, project) if gate.state == "failed"]


def warned(project: Project) -> list[str]:
    return [gate.text for gate in gates(UNIT, project) if gate.state == "warned"]


def test_units_come_from_the_mapping_of_every_imported_airflow(project: Project) -> None:
    assert units(project) == []
    map_units(project, entry(), entry(task="wait", writes=()))
    map_units(project, entry(mapped=True), instance="second")
    (project.migration / "notes.yaml").write_text("not: a mapping")

    assert [(unit.name, unit.is_mapped) for unit in units(project)] == [
        ("airflow:shop.build", False),
        ("second:shop.build", True),
    ]


def test_a_plain_unit_fails_no_gate(project: Project) -> None:
    map_units(project, entry())

    assert failed(project) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"operator": "BranchPythonOperator"}, "decides what runs next"),
        ({"operator": "airflow.operators.python.ShortCircuitOperator"}, "decides what runs next"),
        ({"operator": "TriggerDagRunOperator"}, "decides what runs next"),
        ({"operator": "EmptyOperator"}, "never runs an EmptyOperator"),
        ({"gone": True}, "not in the DAG any more"),
    ],
)
def test_a_task_that_is_more_than_its_data_is_not_cut_over(
    project: Project, changes: dict[str, object], expected: str
) -> None:
    map_units(project, entry(**changes))

    [text] = failed(project)
    assert expected in text


def test_a_unit_without_a_mapping_is_not_guarded(project: Project) -> None:
    map_units(project, entry(task="other"))

    [text] = failed(project)
    assert "does not map shop.build" in text


def test_a_guess_is_warned_of_until_a_person_confirms_it(project: Project) -> None:
    guess = WriteEntry(asset="shop/orders", evidence="name", confidence=0.4)
    map_units(project, entry(writes=(guess,)))
    assert any("is a guess (name)" in text for text in warned(project))

    map_units(project, entry(writes=(guess,), confirmed=True))
    assert not any("is a guess" in text for text in warned(project))


def test_a_mapping_that_cannot_be_read_is_an_error_and_a_problem(project: Project) -> None:
    path = map_units(project, entry())
    path.write_text(path.read_text() + "\n  nonsense: 1\n")

    with pytest.raises(ConfigError):
        units(project)
    assert "mapping-unread" in {found.code for found in diagnose(project)}


def test_the_doctor_counts_the_guarded_tasks(project: Project) -> None:
    map_units(project, entry(), entry(task="wait", writes=()))

    [found] = [f for f in diagnose(project) if f.code == "mapping"]
    assert found.message == "1 task is guarded in the Airflow 'airflow'"


def test_the_doctor_finds_a_mapping_under_a_wrong_name(project: Project) -> None:
    map_units(project, entry()).rename(project.migration / "prod.yaml")

    [found] = [f for f in diagnose(project) if f.code == "mapping-misnamed"]
    assert found.hint == "rename it to airflow.yaml"


def test_the_doctor_finds_a_cut_over_task_whose_mapping_is_gone(project: Project) -> None:
    store = open_store(project.store_url)
    route = Route(unit=UNIT.name, state="migrated", assets=(KEY,))
    store.change_route(route, actor="test", reason="", now=datetime.now(timezone.utc))
    store.close()
    map_units(project, entry())
    assert "route-unguarded" not in {found.code for found in diagnose(project)}

    map_units(project, entry(task="other"))

    [found] = [f for f in diagnose(project) if f.code == "route-unguarded"]
    assert found.about == UNIT.name


def test_a_store_that_does_not_answer_is_left_to_those_who_look_at_it(project: Project) -> None:
    map_units(project, entry())
    elsewhere = replace(project, store_url="sqlite:////proc/there/is/no/store.db")

    assert "mapping" in {found.code for found in diagnose(elsewhere)}
