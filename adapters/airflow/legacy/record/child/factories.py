"""Which packages that make DAGs from files have a stand-in that reads those files too."""

import importlib
import importlib.abc
import importlib.machinery
import sys
import types
from collections.abc import Sequence
from typing import Any

from .airflow_operators import operator_class
from .imports import StandInModule

# What makes a profile of a connection; cosmos.profiles of Cosmos 1.15.
PROFILES = [
    f"{name}ProfileMapping"
    for name in """
    AthenaAccessKey ClickhouseUserPassword DatabricksOauth DatabricksToken DuckDBUserPassword
    ExasolUserPassword GoogleCloudOauth GoogleCloudServiceAccountDict
    GoogleCloudServiceAccountFile MysqlUserPassword OracleUserPassword PostgresUserPassword
    RedshiftUserPassword SnowflakeEncryptedPrivateKeyFilePem SnowflakeEncryptedPrivateKeyPem
    SnowflakePrivateKeyFilePem SnowflakePrivateKeyPem SnowflakeUserPassword SparkThrift
    StandardSQLServerAuth TeradataUserPassword TrinoBase TrinoCertificate TrinoJWT TrinoLDAP
    VerticaUserPassword
    """.split()  # noqa: SIM905
]
# `cosmos.operators` has the classes that run dbt here under shorter names.
_COSMOS_LOCAL = tuple(
    """
    Build Deps DocsAzureStorage DocsGCS Docs DocsS3 LS Run RunOperation Seed Snapshot Test
    """.split()  # noqa: SIM905
)
_HAVE = {  # package -> its names, each in a module beside this one
    "adapters": {"build_dags": "generated.build_dags"},
    "dagfactory": {
        "DagFactory": "dag_factory.DagFactory",
        "_DagFactory": "dag_factory.DagFactory",
        "load_yaml_dags": "dag_factory.load_yaml_dags",
    },
    "gusty": {
        "create_dag": "gusty_folders.create_dag",
        "create_dags": "gusty_folders.create_dags",
    },
    "cosmos": {
        **{name: f"cosmos.{name}" for name in PROFILES},
        "DbtDag": "cosmos.DbtDag",
        "DbtTaskGroup": "cosmos.DbtTaskGroup",
        **dict.fromkeys(
            ("ProjectConfig", "ProfileConfig", "RenderConfig", "ExecutionConfig"), "cosmos.Config"
        ),
        **dict.fromkeys(
            (
                "TestBehavior",
                "LoadMode",
                "ExecutionMode",
                "SourceRenderingBehavior",
                "SeedRenderingBehavior",
            ),
            "airflow_names.Constants",
        ),
    },
}


def _names(package: str) -> dict[str, Any]:
    """The package's names that are read; loaded only where a file asks for them."""
    found: dict[str, Any] = {}
    for name, path in _HAVE[package].items():
        module, _, ours = path.partition(".")
        found[name] = getattr(importlib.import_module(f".{module}", __package__), ours)
    return found


def load(packages: list[str]) -> None:
    """Load what reads these packages' files once, before the forks."""
    for package in packages:
        if package in _HAVE:
            _names(package)


class _Loader(importlib.abc.Loader):
    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        module = StandInModule(spec.name)
        for name, value in _names(spec.name.partition(".")[0]).items():
            setattr(module, name, value)
        if spec.name == "cosmos.operators":
            for kind in _COSMOS_LOCAL:
                made = operator_class(f"cosmos.operators.local.Dbt{kind}LocalOperator")
                setattr(module, f"Dbt{kind}Operator", made)
        return module

    def exec_module(self, module: types.ModuleType) -> None: ...


class FactoryFinder(importlib.abc.MetaPathFinder):
    """Behind the code base's own modules: a copy of such a package in it is run as it is."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname.partition(".")[0] not in _HAVE:
            return None
        parent = sys.modules.get(fullname.rpartition(".")[0])
        if parent is not None and not isinstance(parent, StandInModule):
            return None
        return importlib.machinery.ModuleSpec(fullname, _Loader(), is_package=True)
