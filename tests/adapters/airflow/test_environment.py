"""What an Airflow process sees of a project."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path

from adapters.airflow.environment import Environment
from bridge import AssetKey

DEFINITIONS = """
from bridge import Definitions, DynamicPartitionsDefinition, asset

@asset(partitions_def=DynamicPartitionsDefinition("files"))
def lines(): ...

defs = Definitions([lines])
"""


def test_partitions_added_after_the_first_task_are_known_to_the_next(tmp_path: Path) -> None:
    (tmp_path / "bridge.toml").write_text('definitions = ["lines_of_files.py"]\n')
    (tmp_path / "lines_of_files.py").write_text(DEFINITIONS)
    environment = Environment.open(tmp_path)
    now = datetime.now(timezone.utc)

    def known() -> list[str]:
        definition = environment.graph.nodes[AssetKey("lines")].spec.partitions_def
        assert definition is not None
        return definition.keys(now)

    assert known() == []
    environment.store.add_dynamic_partitions("files", ["a", "b"])
    assert known() == ["a", "b"]
    environment.store.close()
