"""Which interpreter runs what, as settings say it and as a generated task has it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.airflow.environment import Environment
from adapters.airflow.generate.files import generate_files
from adapters.airflow.generate.manifest import read_manifest
from bridge.definitions import load_code_locations
from bridge.errors import ConfigError, DefinitionError
from bridge.project import Project, find_project

_PLAIN = "from bridge import asset\n\n@asset\ndef orders(): ...\n"
_MODELS = (
    "from bridge import asset, asset_check\n\n"
    "@asset(deps=['orders'])\ndef model(): ...\n\n"
    "@asset_check(asset=model, blocking=True)\ndef converges(): ...\n"
)
_LATER = "from bridge import asset\n\n@asset(deps=['model'])\ndef report(): ...\n"
PYTHON = "/venvs/ml/bin/python"


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    for name, text in (("plain", _PLAIN), ("models", _MODELS), ("later", _LATER)):
        (tmp_path / f"iso_{name}.py").write_text(text)
    (tmp_path / "bridge.toml").write_text(
        'definitions = ["iso_plain.py", "iso_models.py"]\n\n'
        f'[generate]\nform = "rendered"\npython = {{ "iso_models.py" = "{PYTHON}" }}\n'
    )
    before = set(sys.modules)
    path = list(sys.path)
    yield find_project(tmp_path)
    sys.path[:] = path
    for name in set(sys.modules) - before:
        if name.startswith("iso_"):
            del sys.modules[name]


def with_python(project: Project, **locations: str) -> Project:
    given = {f"iso_{name}.py": python for name, python in locations.items()}
    return replace(project, generate=project.generate.model_copy(update={"python": given}))


def generated(project: Project) -> str:
    definitions = load_code_locations([project.located(name) for name in project.definitions])
    (file,) = generate_files(definitions.graph(), project).files
    return file.text


def test_every_task_of_its_assets_has_the_interpreter_and_no_other(project: Project) -> None:
    tasks = generated(project).split("task_id=")[1:]
    blocks = {text.split('"')[1]: text for text in tasks}

    assert f'python="{PYTHON}"' in blocks["model"]
    assert f'python="{PYTHON}"' in blocks["model-check-converges"]
    assert "python=" not in blocks["orders"]


def test_the_manifest_carries_it(project: Project, tmp_path: Path) -> None:
    project = replace(project, generate=project.generate.model_copy(update={"form": "loader"}))
    definitions = load_code_locations([project.located(name) for name in project.definitions])
    files = {
        file.path.name: file.text for file in generate_files(definitions.graph(), project).files
    }
    (tmp_path / "manifest.json").write_text(files["manifest.json"])

    (dag,) = read_manifest(tmp_path / "manifest.json").dags

    assert {task.task_id: task.settings.python for task in dag.tasks} == {
        "orders": None,
        "model": PYTHON,
        "model-check-converges": PYTHON,
    }


def test_an_interpreter_loads_its_own_code_locations_and_those_without_one(
    project: Project,
) -> None:
    def loaded(python: str | None) -> tuple[str, ...]:
        return Environment.open(project.root, python=python).locations

    assert loaded(None) == ("iso_plain.py",)
    assert loaded(PYTHON) == ("iso_plain.py", "iso_models.py")
    assert loaded("/another/python") == ("iso_plain.py",)


def test_a_code_location_that_the_project_has_not_is_refused(project: Project) -> None:
    with pytest.raises(ConfigError, match=r"names the code location 'iso_typo\.py'"):
        generated(with_python(project, typo=PYTHON))


def test_what_airflow_loads_may_not_need_what_only_another_interpreter_does(
    project: Project,
) -> None:
    project = replace(project, definitions=(*project.definitions, "iso_later.py"))

    with pytest.raises(DefinitionError, match="The interpreter of Airflow loads iso_plain"):
        generated(project)
    generated(with_python(project, models=PYTHON, later=PYTHON))


def test_two_interpreters_may_not_need_each_other(project: Project) -> None:
    project = replace(project, definitions=(*project.definitions, "iso_later.py"))

    with pytest.raises(DefinitionError, match=r"^/venvs/b/python loads iso_plain"):
        generated(with_python(project, models=PYTHON, later="/venvs/b/python"))
