"""Which tasks are guarded, and what a project that cannot be read does to them."""

from pathlib import Path

import pytest

from adapters.airflow.cutover.guarded import GuardedTask, UnreadTask, rule_for
from adapters.airflow.legacy.mapping import Mapping, PartitionsEntry, UnitEntry, WriteEntry
from adapters.airflow.legacy.mapping_file import to_yaml
from bridge import AssetKey, DailyPartitionsDefinition
from bridge.cli.files import write

MAPPING = Mapping(
    instance="airflow",
    units=(
        UnitEntry(
            dag="shop",
            task="build",
            writes=(WriteEntry(asset="shop/orders"),),
            partitions=PartitionsEntry(kind="daily", start="2024-01-01", timezone="Europe/Berlin"),
        ),
        UnitEntry(dag="shop", task="wait"),
    ),
)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with the mapping above, named by the environment."""
    monkeypatch.setenv("BRIDGE_PROJECT", str(tmp_path))
    monkeypatch.delenv("BRIDGE_STORE", raising=False)
    monkeypatch.delenv("BRIDGE_AIRFLOW_INSTANCE", raising=False)
    (tmp_path / "bridge.toml").write_text("")
    write(tmp_path / "migration" / "airflow.yaml", to_yaml(MAPPING))
    return tmp_path


def test_a_mapped_task_with_an_asset_is_guarded(project: Path) -> None:
    assert rule_for("shop", "build") == GuardedTask(
        name="airflow:shop.build",
        assets=(AssetKey(["shop", "orders"]),),
        partitions=DailyPartitionsDefinition("2024-01-01", timezone="Europe/Berlin"),
    )


@pytest.mark.parametrize(
    ("dag_id", "task_id"),
    [("shop", "wait"), ("shop", "other"), ("other", "build"), ("sho", "buil")],
)
def test_any_other_task_is_left_alone(project: Path, dag_id: str, task_id: str) -> None:
    assert rule_for(dag_id, task_id) is None


def test_without_a_project_no_task_is_guarded(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BRIDGE_PROJECT")

    assert rule_for("shop", "build") is None


def test_a_project_without_a_mapping_of_this_airflow_guards_nothing(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BRIDGE_AIRFLOW_INSTANCE", "second")

    assert rule_for("shop", "build") is None


def test_a_changed_mapping_is_read_again(project: Path) -> None:
    rule_for("shop", "build")
    write(project / "migration" / "airflow.yaml", to_yaml(MAPPING.model_copy(update={"units": ()})))

    assert rule_for("shop", "build") is None


def test_of_a_mapping_that_is_no_yaml_the_tasks_it_names_are_held_back(project: Path) -> None:
    file = project / "migration" / "airflow.yaml"
    file.write_text(file.read_text() + "\nunits: [")

    rule = rule_for("shop", "build")

    assert isinstance(rule, UnreadTask)
    assert rule.is_named
    assert str(file) in rule.why
    assert rule_for("other", "task") is None


@pytest.mark.parametrize("settings", [b"store = 1", b"store = ", b"\xff"])
def test_of_settings_that_cannot_be_read_the_usual_mapping_counts(
    project: Path, settings: bytes
) -> None:
    (project / "bridge.toml").write_bytes(settings)

    rule = rule_for("shop", "build")

    assert isinstance(rule, UnreadTask)
    assert rule.is_named
    assert rule_for("other", "task") is None


def test_the_mapping_of_another_airflow_holds_its_tasks_back(project: Path) -> None:
    other = MAPPING.model_copy(update={"instance": "second"})
    write(project / "migration" / "airflow.yaml", to_yaml(other))

    rule = rule_for("shop", "build")

    assert isinstance(rule, UnreadTask)
    assert "'second'" in rule.why


def test_where_the_project_is_not_mounted_the_store_has_to_tell(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BRIDGE_PROJECT", str(project / "nothing"))

    assert rule_for("shop", "build") is None, "nobody could be asked"
    monkeypatch.setenv("BRIDGE_STORE", f"sqlite:///{project / 'store.db'}")
    rule = rule_for("shop", "build")
    assert isinstance(rule, UnreadTask)
    assert not rule.is_named
