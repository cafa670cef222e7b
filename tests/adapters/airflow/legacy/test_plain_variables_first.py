"""Of two exported files that disagree, the one that is named after variables alone counts."""

import json
from pathlib import Path

import pytest

from adapters.airflow.legacy.record.shipped import shipped_variables


def _written(root: Path, name: str, value: str) -> None:
    root.joinpath(name).write_text(json.dumps({"region": value}))


@pytest.mark.parametrize("plain", ["variable.json", "variables.json", "airflow_variables.json"])
def test_the_plain_name_counts_before_one_with_another_word(tmp_path: Path, plain: str) -> None:
    _written(tmp_path, "a_big_variables.json", "all")
    _written(tmp_path, plain, "north")

    assert shipped_variables(tmp_path).values == {"region": "north"}


def test_production_counts_before_the_plain_name(tmp_path: Path) -> None:
    _written(tmp_path, "variables.json", "north")
    _written(tmp_path, "variables_prod.json", "all")

    assert shipped_variables(tmp_path).values == {"region": "all"}


def test_without_a_plain_name_the_first_in_the_order_of_names_counts(tmp_path: Path) -> None:
    _written(tmp_path, "small_variables.json", "north")
    _written(tmp_path, "big_variables.json", "all")

    assert shipped_variables(tmp_path).values == {"region": "all"}
