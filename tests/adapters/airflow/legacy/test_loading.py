import sys

import pytest

from adapters.airflow.legacy.loading import load_folder
from bridge.errors import ImportReadError


def test_a_folder_that_is_not_there_is_said(tmp_path):
    with pytest.raises(ImportReadError, match="There is no file or folder"):
        load_folder(tmp_path / "dags")


def test_a_python_that_does_not_start_is_named(tmp_path):
    with pytest.raises(ImportReadError, match=r"/no/python did not load .*--python"):
        load_folder(tmp_path, python="/no/python")


def test_a_python_without_airflow_is_named_with_what_it_says(tmp_path):
    # -S leaves the packages of an environment out, whichever it is
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" -S "$@"\n')
    python.chmod(0o755)
    with pytest.raises(ImportReadError, match=r"ModuleNotFoundError: No module named 'airflow'"):
        load_folder(tmp_path, python=python, environment={})


def test_a_python_that_takes_too_long_is_ended(tmp_path):
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nsleep 600\n")
    python.chmod(0o755)
    with pytest.raises(ImportReadError, match=r"not done after 0 s"):
        load_folder(tmp_path, python=python, timeout_s=0.2)
