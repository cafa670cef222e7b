"""Names that a YAML file gives as text (`airflow.operators.bash.BashOperator`), and files that it
gives by a path of another machine.
"""

# Plain os.path: quicker to load, and the user's code may have changed pathlib.
# ruff: noqa: PTH110, PTH112, PTH118, PTH119, PTH122, PTH123

import importlib
import os
import sys
import types
from typing import Any

from .airflow_operators import OperatorMeta, operator_class
from .journal import journal
from .placeholders import Unknown

Place = tuple[str, int]  # a file and its line


def named(path: str, place: Place) -> Any:
    """What the dotted name stands for; unknown, with a finding, if it cannot be had."""
    module, _, name = path.rpartition(".")
    try:
        return getattr(importlib.import_module(module), name)
    except Exception as error:  # noqa: BLE001 - user code, noted
        message = f"{path} could not be imported ({type(error).__name__})"
        journal.note("warning", "name_not_read", message, place=place)
        return Unknown(path)


def operator_named(path: str, place: Place) -> Any:
    """The operator's class, or a stand-in of that name, so that its task is not lost."""
    found = named(path, place)
    return found if isinstance(found, OperatorMeta) else operator_class(path)


def function_in_file(name: Any, file: Any, place: Place) -> Any:
    """A function of a Python file that is run for it; unknown, with a finding, if not there."""
    try:
        return getattr(_run(found_here(str(file), place)), str(name))
    except Exception as error:  # noqa: BLE001 - user code, noted
        message = f"the function {name} of {file} was not read ({type(error).__name__})"
        journal.note("warning", "name_not_read", message, place=place)
        return Unknown(f"{file}:{name}")


def _run(path: str) -> types.ModuleType:
    name = os.path.splitext(os.path.basename(path))[0]
    module = types.ModuleType(name)
    module.__file__ = path
    with open(path, encoding="utf-8") as file:
        code = compile(file.read(), path, "exec")
    exec(code, module.__dict__)  # noqa: S102 - what the child is for
    sys.modules[name] = module
    return module


def found_here(path: str, place: Place | None = None) -> str:
    """The path, or where the code base has what `/opt/airflow/dags/x.yml` names elsewhere: the
    longest end of it that is below the DAG folder or the root.
    """
    if os.path.exists(path):
        return path
    parts = path.replace("\\", "/").strip("/").split("/")
    for start in range(len(parts)):
        for root in (dags_folder(), *journal.roots):
            candidate = os.path.join(root, *parts[start:])
            if os.path.exists(candidate):
                message = f"{path} is not here; {'/'.join(parts[start:])} of the code base is taken"
                journal.note("info", "assumed_path", message, place=place)
                return candidate
    return path


def dags_folder() -> str:
    """The folder Airflow reads DAGs from, as far as it is on this machine."""
    given = os.environ.get("AIRFLOW__CORE__DAGS_FOLDER", "")
    if os.path.isdir(given):
        return given
    return journal.roots[0].rstrip("/") if journal.roots else "."
