"""Import finders: stand-ins for `airflow` and for what is missing, the user's own modules before
everybody else's.
"""

# Plain os.path: quicker to load, and the user's code may have changed pathlib.
# ruff: noqa: PTH110, PTH112, PTH118, PTH119, PTH120, PTH123, PTH207, PTH208, RUF071

import contextlib
import glob
import importlib.abc
import importlib.machinery
import importlib.util
import os
import re
import sys
import types
from collections.abc import Sequence
from typing import Any

from . import dotted
from .airflow_names import foreign_name, name_of
from .journal import journal
from .placeholders import Unknown
from .star_imports import names_left_open

_DISTRIBUTION = re.compile(r"[A-Za-z0-9][\w.-]*")
_MOST_OF_A_LIST = 200_000  # characters
# Real Airflow's packages: whatever else is called airflow.<x> may be a folder of the code base.
_AIRFLOW_PACKAGES = frozenset(
    """
    api api_connexion auth callbacks cli compat configuration contrib datasets decorators
    example_dags exceptions executors hooks io jobs kubernetes lineage listeners
    logging_config macros metrics models operators plugins_manager policies providers sdk
    secrets security sensors sentry serialization settings stats task templates ti_deps
    timetables traces triggers typing_compat utils version www assets dag_processing
    """.split()  # noqa: SIM905
)
# Clients of services, and what drives Airflow itself: real ones would want to talk to somebody.
# Readers of settings: real ones end where one is missing.
_NEVER_REAL = frozenset(
    """
    requests httpx urllib3 aiohttp boto3 botocore google azure snowflake psycopg2 psycopg
    pymysql MySQLdb pymongo redis hvac kubernetes docker paramiko pysftp kafka confluent_kafka
    elasticsearch opensearchpy openai slack_sdk slack dotenv databricks pyodbc cx_Oracle
    oracledb cosmos great_expectations mlflow sentry_sdk bridge adapters pyspark tensorflow
    torch consul pika smbclient ldap3 trino prestodb clickhouse_driver clickhouse_connect
    tableauserverclient salesforce simple_salesforce stripe twilio sendgrid datadog newrelic
    openlineage sqlalchemy sqlmodel
    environs environ envparse decouple prettyconf pydantic_settings
    """.split()  # noqa: SIM905
)
# what a generated file calls Airflow's names, and our timetable
_OUR_AIRFLOW_NAMES = ("adapters.airflow.compat", "adapters.airflow.timetables")
_MAX_FOLDERS = 5000  # how far a root is searched for a module that no path has


class StandInModule(types.ModuleType, Unknown):
    """A module whose every name is made when it is asked for; a lower case name may be a function,
    so it is callable.
    """

    def __init__(self, name: str) -> None:
        types.ModuleType.__init__(self, name)
        self._label = name
        self.__path__: list[str] = []
        self.__file__ = None

    def __getattr__(self, name: str) -> Any:
        if name == "__all__":
            return names_left_open(sys._getframe(1))  # noqa: SLF001
        if name.startswith("__") and name.endswith("__"):
            if name == "__version__":
                return "2.11.2" if self.__name__ == "airflow" else "1.0.0"
            raise AttributeError(name)
        path = f"{self.__name__}.{name}"
        if path in sys.modules:
            return sys.modules[path]
        if self.__name__ in _OUR_AIRFLOW_NAMES:
            value = name_of("airflow.sdk", name)
        elif self.__name__.partition(".")[0] == "airflow":
            value = name_of(self.__name__, name)
        else:
            value = foreign_name(path)
        if type(value) is Unknown and name.islower() and not name.startswith("_"):
            return importlib.import_module(path)
        setattr(self, name, value)
        return value


class _StandInLoader(importlib.abc.Loader):
    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        return StandInModule(spec.name)

    def exec_module(self, module: types.ModuleType) -> None: ...


def _stand_in(name: str) -> importlib.machinery.ModuleSpec:
    return importlib.machinery.ModuleSpec(name, _StandInLoader(), is_package=True)


class AirflowFinder(importlib.abc.MetaPathFinder):
    """Every `airflow.*`, unless the code base has a folder `airflow/<x>` of its own and Airflow
    knows no such x.
    """

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        first, _, rest = fullname.partition(".")
        if first != "airflow":
            return None
        package = rest.partition(".")[0]
        if package and package not in _AIRFLOW_PACKAGES:
            own = [os.path.join(root, "airflow") for root in journal.roots]
            if rest == package:
                found = importlib.machinery.PathFinder.find_spec(fullname, own)
                if found is not None:
                    return found
            elif path:
                return importlib.machinery.PathFinder.find_spec(fullname, list(path))
        return _stand_in(fullname)


class UserFinder(importlib.abc.MetaPathFinder):
    """The code base's own top-level modules, before whatever happens to be installed beside this
    program.
    """

    def __init__(self, folders: list[str], not_ours: list[str]) -> None:
        self.folders = folders
        self.not_ours = tuple(not_ours)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if path is not None or fullname in sys.stdlib_module_names:
            return None
        spec = self._own(fullname)
        if spec is None or (spec.origin or "").startswith(self.not_ours):
            return None
        if spec.origin is not None or isinstance(spec.loader, _StandInLoader):
            return spec  # a module or a package with __init__.py
        if not any(_holds_modules(folder) for folder in spec.submodule_search_locations or ()):
            return None  # a folder of Dockerfiles called docker
        if fullname in _NEVER_REAL:
            return spec
        real = importlib.machinery.PathFinder.find_spec(fullname)
        return real if real is not None and real.origin is not None else spec

    def _own(self, name: str) -> importlib.machinery.ModuleSpec | None:
        """The module of that name; a stand-in where the module itself asks for a library."""
        spec = importlib.machinery.PathFinder.find_spec(name, self.folders)
        if spec is None or spec.origin is None or spec.origin != _asking_file():
            return spec
        _note_missing(name)
        return _stand_in(name)


def _holds_modules(folder: str) -> bool:
    try:
        inside = sorted(os.listdir(folder))
        deeper = [
            os.path.join(folder, name)
            for name in inside
            if os.path.isdir(os.path.join(folder, name))
        ]
        return any(name.endswith(".py") for each in (folder, *deeper) for name in os.listdir(each))
    except OSError:
        return False


class NotRealFinder(importlib.abc.MetaPathFinder):
    """Clients of services get a stand-in even where they are installed."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname.partition(".")[0] in _NEVER_REAL:
            parent = sys.modules.get(fullname.rpartition(".")[0])
            if parent is not None and not isinstance(parent, StandInModule):
                return None
            _note_missing(fullname)
            return _stand_in(fullname)
        return None


class MissingFinder(importlib.abc.MetaPathFinder):
    """Last: what nobody has, if the code base itself asks for it. A library's optional imports
    still fail.
    """

    def __init__(self, roots: list[str]) -> None:
        self.roots = roots
        self._folders: dict[str, list[str]] | None = None
        self._required: set[str] | None = None

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        parent = fullname.rpartition(".")[0]
        of_stand_in = isinstance(sys.modules.get(parent), StandInModule)
        if not of_stand_in and not _asked_by_user():
            return None
        if not parent:
            guessed = self._guess(fullname)
            if guessed is not None:
                return guessed
        _note_missing(fullname)
        return _stand_in(fullname)

    def _guess(self, name: str) -> importlib.machinery.ModuleSpec | None:
        """A folder of the code base that holds such a module: the path was set elsewhere, in a
        Dockerfile perhaps.
        """
        if self._folders is None:
            self._folders = _modules_below(self.roots)
        folders = sorted(
            self._folders.get(name, []), key=lambda folder: (-_shared(folder), len(folder), folder)
        )
        for folder in folders:
            if self._is_required(name) and os.path.exists(os.path.join(folder, "__init__.py")):
                continue  # a module of a package that is called as a library that it uses
            spec = importlib.machinery.PathFinder.find_spec(name, [folder])
            if spec is not None and spec.origin != _asking_file():
                sys.path.append(folder)
                journal.note(
                    "info",
                    "assumed_path",
                    f"{name} is not on the path; a folder of the code base has it",
                )
                return spec
        return None

    def _is_required(self, name: str) -> bool:
        """Do the code base's requirements name a library that is called so?"""
        if self._required is None:
            self._required = _requirements(self.roots)
        return name.lower().replace("_", "-") in self._required


def _requirements(roots: list[str]) -> set[str]:
    found: set[str] = set()
    for root in roots:
        for path in sorted(glob.glob(os.path.join(glob.escape(root), "*requirements*.txt"))):
            with contextlib.suppress(OSError), open(path, errors="replace") as file:
                named = map(_DISTRIBUTION.match, file.read(_MOST_OF_A_LIST).splitlines())
                found |= {each[0].lower().replace("_", "-") for each in named if each}
    return found


def _shared(folder: str) -> int:
    return len(os.path.commonprefix([folder, journal.file]))


def _modules_below(roots: list[str]) -> dict[str, list[str]]:
    """Module and package name -> folders that hold it."""
    found: dict[str, list[str]] = {}
    seen = 0
    for root in roots:
        for folder, inner, files in os.walk(root):
            skipped = ("node_modules", "site-packages", "__pycache__", "venv")
            inner[:] = sorted(
                name for name in inner if not name.startswith(".") and name not in skipped
            )
            seen += 1
            if seen > _MAX_FOLDERS:
                return found
            for file in files:
                if file.endswith(".py"):
                    found.setdefault(file[:-3], []).append(folder)
                    if os.path.dirname(folder).startswith(root):
                        found.setdefault(os.path.basename(folder), []).append(
                            os.path.dirname(folder)
                        )
    return {name: sorted(set(folders)) for name, folders in found.items()}


def _asking_file() -> str:
    """The file whose import statement is being run, "" where nobody's is. No module means itself by
    the library that it imports.
    """
    frame = sys._getframe(2)  # noqa: SLF001
    while frame is not None:
        name = frame.f_code.co_filename
        if "importlib" not in name and name != __file__:
            return name
        frame = frame.f_back  # type: ignore[assignment]
    return ""


def _asked_by_user() -> bool:
    """Is the import statement being run in the code base, or by a YAML file of it?"""
    name = _asking_file()
    return name in (dotted.__file__, journal.file) or journal.is_user_file(name)


def _note_missing(fullname: str) -> None:
    top = fullname.partition(".")[0]
    journal.note(
        "info", "stand_in_module", f"the module {top} is not importable here; a stand-in was used"
    )


def install(
    roots: list[str],
    folders: list[str],
    not_ours: list[str],
    factories: importlib.abc.MetaPathFinder,
) -> None:
    """Put the finders in their order: airflow, the code base, what makes DAGs from files,
    never-real, what is installed, missing.
    """
    for name in list(sys.modules):  # a library that was loaded ahead may have loaded them
        if name.partition(".")[0] in ("airflow", *_NEVER_REAL):
            del sys.modules[name]
    sys.meta_path[:0] = [
        AirflowFinder(),
        UserFinder(folders, not_ours),
        factories,
        NotRealFinder(),
    ]
    sys.meta_path.append(MissingFinder(roots))
    sys.path.extend(folders)
