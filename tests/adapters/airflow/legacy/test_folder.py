from pathlib import Path

import pytest

from adapters.airflow.legacy.record.folder import look_through
from bridge.errors import ImportReadError

DAG = "from airflow import DAG\n"


def outcomes(folder: Path) -> dict[str, str]:
    seen = look_through(folder)
    return {
        **{file.name: "run" for file in seen.to_run},
        **{file.path: file.outcome for file in seen.others},
    }


def test_a_folder_that_is_not_there_is_an_error_that_names_it(tmp_path):
    with pytest.raises(ImportReadError, match="nowhere"):
        look_through(tmp_path / "nowhere")


def test_only_files_that_say_dag_and_airflow_are_run(write_folder):
    folder = write_folder(
        {
            "a.py": DAG,
            "helper.py": "import airflow\n",
            "b/c.py": "# DAG for AIRFLOW\n",
            "d.txt": DAG,
        }
    )
    assert outcomes(folder) == {"a.py": "run", "helper.py": "no_dag", "b/c.py": "run"}


def test_a_zip_file_is_listed_and_not_opened(write_folder):
    folder = write_folder({"a.zip": "airflow dag"})
    assert outcomes(folder) == {"a.zip": "zip"}


@pytest.mark.parametrize(
    ("pattern", "ignored"),
    [
        ("helpers", {"helpers/x.py", "team/helpers/y.py"}),
        ("helpers/", {"helpers/x.py", "team/helpers/y.py"}),
        (r".*_old\.py", {"a_old.py"}),
        ("*_old.py", {"a_old.py"}),
        ("team/*", {"team/helpers/y.py", "team/z.py"}),
        ("**/z.py", {"team/z.py"}),
        ("# helpers", set()),
        ("team\n!team/z.py", {"team/helpers/y.py"}),
    ],
)
def test_airflowignore_leaves_files_out_and_says_which_line_did(write_folder, pattern, ignored):
    names = ["a.py", "a_old.py", "helpers/x.py", "team/helpers/y.py", "team/z.py"]
    folder = write_folder({**dict.fromkeys(names, DAG), ".airflowignore": pattern + "\n"})
    found = outcomes(folder)
    assert {name for name, outcome in found.items() if outcome == "ignored"} == ignored
    assert all(file.reason == ".airflowignore line 1" for file in look_through(folder).others)


def test_an_ignore_file_speaks_for_its_own_folder_only(write_folder):
    folder = write_folder({"a/x.py": DAG, "b/x.py": DAG, "a/.airflowignore": "x\n"})
    assert outcomes(folder) == {"a/x.py": "ignored", "b/x.py": "run"}


def test_the_root_is_the_nearest_folder_with_a_projects_marks(write_folder):
    folder = write_folder({"a.py": DAG, "../requirements.txt": ""})
    (folder.parent.parent / "pyproject.toml").write_text("")
    assert look_through(folder).root == folder.parent


def test_plugins_and_source_folders_beside_the_dags_are_on_the_path(write_folder):
    folder = write_folder({"a.py": DAG, "../plugins/p.py": "", "../src/s.py": ""})
    found = look_through(folder)
    assert found.path[0] == folder
    assert {folder.parent, folder.parent / "plugins", folder.parent / "src"} <= set(found.path)


@pytest.mark.parametrize(
    ("given", "files", "dags"),
    [
        ("shop", ["shop/dags/a.py", "shop/plugins/b.py"], "shop/dags"),
        ("shop", ["shop/dags/team/a.py"], "shop/dags"),
        ("shop/dags", ["shop/dags/a.py"], "shop/dags"),
        ("dags", ["dags/dags/a.py"], "dags"),
        ("shop", ["shop/a.py", "shop/dags/readme.txt"], "shop"),
    ],
)
def test_of_a_whole_code_base_airflow_would_read_its_dags(tmp_path, given, files, dags):
    for name in files:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(DAG)

    assert look_through(tmp_path / given).dags == tmp_path / dags


def test_one_file_alone_can_be_read(write_folder):
    folder = write_folder({"a.py": DAG, "b.py": DAG})
    assert outcomes(folder / "b.py") == {"b.py": "run"}


def test_folders_that_link_in_a_circle_are_read_once(write_folder):
    folder = write_folder({"a.py": DAG})
    (folder / "again").symlink_to(folder, target_is_directory=True)
    assert outcomes(folder) == {"a.py": "run"}


def test_progress_is_told_file_by_file_up_to_all_of_them(record):
    told: list[tuple[int, int]] = []
    dag = "from airflow import DAG\nDAG('{}')\n"
    files = {f"{name}.py": dag.format(name) for name in "abc"} | {
        "d.py": "from airflow import DAG\nx ="
    }
    record(files, progress=lambda done, total: told.append((done, total)))
    assert sorted(set(told)) == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert told == sorted(told)


@pytest.mark.parametrize("entry", ["/opt/airflow/shared/python", "{here}/shared/python"])
def test_a_supplied_python_path_is_looked_for_in_the_code_base(record, tmp_path, entry):
    files = {
        "../pyproject.toml": "",
        "../shared/python/naming.py": "name = 'orders'\n",
        "../other/python/naming.py": "name = 'wrong'\n",
        "dag.py": "from airflow import DAG\nfrom naming import name\nDAG(name)\nd = DAG(name)\n",
    }
    path = entry.format(here=tmp_path / "project")
    snapshot = record(files, environment={"PYTHONPATH": f"/nowhere::{path}"})
    assert [dag.dag_id for dag in snapshot.dags] == ["orders"]


def test_a_supplied_python_path_outside_of_the_code_base_is_not_entered(record, tmp_path):
    (tmp_path / "beside").mkdir()
    (tmp_path / "beside" / "naming.py").write_text("name = 'secret'\n")
    files = {
        "../pyproject.toml": "",
        "dag.py": "from airflow import DAG\nfrom naming import name\nd = DAG(f'x_{name}')\n",
    }
    snapshot = record(files, environment={"PYTHONPATH": str(tmp_path / "beside")})
    assert [dag.dag_id for dag in snapshot.dags] == ["x_unknown_name"]


def test_what_modules_beside_the_dags_import_is_known_too(write_folder):
    folder = write_folder(
        {
            "dag.py": "from airflow import DAG\nimport helper\n",
            "helper.py": "import jinja2\n",
            ".airflowignore": "helper.py\n",
            "../plugins/more.py": "    from pandas import DataFrame\n",
            "../pyproject.toml": "",
        }
    )
    assert {"airflow", "helper", "jinja2", "pandas"} <= look_through(folder).imported


def test_what_only_functions_and_classes_import_is_not_imported_at_the_top(write_folder):
    folder = write_folder(
        {
            "dag.py": "from airflow import DAG\nimport yaml\n\ntry:\n    import attrs\n"
            "except ImportError:\n    attrs = None\n\n\ndef load():\n    import pandas\n\n\n"
            "@task\ndef count():\n    import numpy\n\n\nclass One:\n    import rich\n\n\n"
            "if attrs:\n    from pydantic import BaseModel\n",
        }
    )
    seen = look_through(folder)
    assert {"airflow", "yaml", "attrs", "pydantic"} == seen.imported_at_top
    assert {"pandas", "numpy", "rich"} <= seen.imported


@pytest.mark.parametrize("word", ["TYPE_CHECKING", "typing.TYPE_CHECKING"])
def test_what_only_a_type_checker_sees_is_not_imported_at_the_top(write_folder, word):
    text = f"import typing\nif {word}:\n    import pandas\nelse:\n    import yaml\nimport attrs\n"
    seen = look_through(write_folder({"dag.py": text}))
    assert seen.imported_at_top == {"typing", "yaml", "attrs"}


def test_what_only_a_text_imports_is_not_imported_at_the_top(write_folder):
    text = 'import attrs\nSCRIPT = dedent("""\n    import pandas\n    """)\n'
    assert look_through(write_folder({"dag.py": text})).imported_at_top == {"attrs"}


def test_a_library_that_only_a_function_imports_is_there_when_it_is_called(record):
    text = """from airflow import DAG


def name():
    import yaml

    return yaml.safe_load("name: from_yaml")["name"]


dag = DAG(name())
"""
    snapshot = record({f"{name}.py": text.replace("from_yaml", name) for name in ("one", "two")})
    assert [dag.dag_id for dag in snapshot.dags] == ["one", "two"]
