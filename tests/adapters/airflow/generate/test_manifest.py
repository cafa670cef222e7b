"""Manifests that we did not write so: one line says which, what is wrong, and what to do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.airflow.generate.manifest import read_manifest
from adapters.airflow.generate.plan import plan_dags
from bridge import asset
from bridge.errors import ConfigError
from bridge.graph import AssetGraph
from bridge.project import find_project


@asset
def orders() -> int:
    return 1


@pytest.fixture
def text(tmp_path: Path) -> str:
    return plan_dags(AssetGraph.build([orders]), find_project(tmp_path)).manifest.to_json()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: text[:200], "cannot be read"),
        (lambda text: text.replace('"version": 1', '"version": 99'), "has version 99, not 1"),
        (lambda text: text.replace('"kind": "asset"', '"kind": "aset"'), "of the kind 'aset'"),
        (lambda text: text.replace('"tags"', '"tag"'), "was changed by hand: 'tags'"),
        (lambda text: text.replace('"kind"', '"pond"'), "was changed by hand"),
        (lambda _: "[]", "has version None, not 1"),
    ],
)
def test_what_we_did_not_write_is_refused(
    text: str, tmp_path: Path, change: Callable[[str], str], said: str
) -> None:
    file = tmp_path / "manifest.json"
    file.write_text(change(text))
    assert file.read_text() != text

    with pytest.raises(ConfigError) as refused:
        read_manifest(file)

    assert said in str(refused.value)
    assert str(file) in str(refused.value)
    assert "python -m bridge generate" in str(refused.value)


def test_a_manifest_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        read_manifest(tmp_path / "manifest.json")
