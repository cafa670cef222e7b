"""Every operator of the installed providers that takes a place is decided by a rule of lineage, so
that a newer provider shows what is new in it.
"""

import importlib
import inspect
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from adapters.airflow.legacy.snapshot import Task
from adapters.airflow.lineage.reading import RULES
from tests.airflow.live.installed import WHAT_WOULD_RUN_IT, airflow_version

pytestmark = pytest.mark.airflow
_ROOTS = ("airflow.operators", "airflow.sensors", "airflow.providers")
_MODULES = re.compile(r"\.(operators|sensors|transfers)\b")
_PLACE = re.compile(
    r"(^|_)(bucket|key|keys|table|tables|uri|url|path|file|files|filepath|filename|endpoint|topic"
    r"|container|blob|dataset|object|prefix|src|dst|sql|query|stage|index_name|collection)(_name)?$"
)
_UNDECIDED = ("python", "opaque")
# Takes a place, and what it does with it is not to be told from that.
EXCEPTIONS = {
    "HttpOperator": "GET reads its endpoint, and what any other method does only the server knows",
    "PythonVirtualenvOperator": "its URLs are of packages; what its function does, its body says",
}


def modules(name: str) -> Iterator[ModuleType]:
    """All modules of operators below a package; what an extra would need is left out."""
    try:
        package = importlib.import_module(name)
    except ImportError:
        return
    for folder in map(Path, package.__path__):
        for file in sorted(folder.rglob("*.py")):
            path = ".".join((name, *file.relative_to(folder).with_suffix("").parts))
            if _MODULES.search(path) and not path.endswith("__init__"):
                try:
                    yield importlib.import_module(path)
                except ImportError:
                    continue


def operators() -> dict[str, type]:
    """Every class of an operator or sensor, by its path."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {
            f"{each.__module__}.{each.__name__}": each
            for root in _ROOTS
            for module in modules(root)
            for each in vars(module).values()
            if inspect.isclass(each)
            and each.__module__ == module.__name__
            and any(base.__name__ == "BaseOperator" for base in each.__mro__[1:])
        }


def arguments(operator: type) -> set[str]:
    """The names of the arguments that the class and those below `BaseOperator` take."""
    return {
        name
        for each in operator.__mro__
        if each.__name__ not in ("BaseOperator", "BaseSensorOperator", "AbstractOperator", "object")
        for name in inspect.signature(each.__init__).parameters
        if "__init__" in vars(each)
    }


def rule_of(path: str, operator: type) -> str:
    task = Task(
        task_id="t",
        operator=path,
        bases=tuple(f"{each.__module__}.{each.__name__}" for each in operator.__mro__[1:]),
        arguments=dict.fromkeys(arguments(operator), "select 1 from orders"),
    )
    return next(rule.name for rule in RULES if rule.applies(task))


@pytest.mark.skipif(airflow_version() is None, reason=WHAT_WOULD_RUN_IT)
def test_every_operator_that_takes_a_place_is_decided() -> None:
    takes_place = {
        path: operator
        for path, operator in operators().items()
        if any(map(_PLACE.search, arguments(operator)))
    }

    undecided = {
        path.rpartition(".")[2]
        for path, operator in takes_place.items()
        if rule_of(path, operator) in _UNDECIDED
    }

    assert len(takes_place) > 10
    assert undecided == EXCEPTIONS.keys() & undecided, "decide these, or say why not"
