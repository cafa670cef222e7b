"""Names that a YAML file gives as text, such as `airflow.operators.bash.BashOperator`."""

# Plain os.path: quicker to load, and the user's code may have changed pathlib.
# ruff: noqa: PTH119, PTH122, PTH123

import importlib
import os
import sys
import types
from typing import Any

from .airflow_operators import OperatorMeta, operator_class
from .journal import journal
from .other_paths import found_here
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
