"""A project of two code locations, one of which another interpreter runs, and that interpreter.

The interpreter is an environment made here: its own prefix, a package of its own, and no Airflow.
To need no download it sees the other packages of the environment that runs the tests, with
Airflow hidden, so SQLAlchemy is the same in both.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]

_SETTINGS = """
definitions = ["{package}.plain", "{package}.models"]
store = "sqlite:///store.db"

[generate]
form = "rendered"
python = {{ "{package}.models" = "{python}" }}
"""
_PLAIN = """
from bridge import DailyPartitionsDefinition, Definitions, asset

days = DailyPartitionsDefinition("2024-01-01")


@asset(group_name="plain", partitions_def=days)
def orders() -> list:
    return [3, 4]


defs = Definitions([orders])
"""
_MODELS = '''
"""Imports what only the other interpreter has. `behaviour.json` says what goes wrong."""
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import only_there

from adapters.airflow import AirflowConnection, AirflowVariable
from bridge import (
    AssetCheckResult, AssetOut, Definitions, Failure, MaterializeResult, Output, asset, asset_check,
    multi_asset,
)
from {package}.plain import days

FOLDER = Path(__file__).parents[1]


def behaves(name):
    return name in json.loads((FOLDER / "behaviour.json").read_text())


@asset(group_name="models", partitions_def=days)
def model(context, orders: list, warehouse: AirflowConnection, quota: AirflowVariable) -> dict:
    context.log.warning("fitting %s", context.partition_key)
    print("printed on the way")
    subprocess.run([sys.executable, "-c", "print('a grandchild said so')"], check=True)
    if behaves("broken"):
        raise ValueError("no convergence")
    if behaves("hopeless"):
        raise Failure("never again", allow_retries=False)
    if behaves("dies"):
        os._exit(3)
    if behaves("waits"):
        (FOLDER / "waiting").write_text(str(os.getpid()))
        time.sleep(60)
    found = warehouse.get()
    (FOLDER / "seen.json").write_text(json.dumps({{
        "executable": sys.executable, "rows": orders, "only_there": only_there.ANSWER,
        "stdin": sys.stdin.read(), "login": found.login, "host": found.host,
        "password": found.password, "quota": quota.get(), "shown": f"{{warehouse}} {{found}}",
        "airflow": [name for name in sys.modules if name.partition(".")[0] == "airflow"],
        "environment": sorted(name for name in os.environ if "AIRFLOW_" in name),
    }}))
    context.add_output_metadata({{"score": 0.5}})
    return {{"weights": orders}}


@asset_check(asset=model, blocking=True)
def converges(model):
    return AssetCheckResult(passed=not behaves("bad"), description="looked at the weights")


@multi_asset(group_name="models", outs={{"train": AssetOut(), "test": AssetOut(is_required=False)}})
def split():
    yield Output([1], "train")


defs = Definitions(
    [model, split], [converges],
    {{"warehouse": AirflowConnection(conn_id="warehouse"), "quota": AirflowVariable(name="quota")}},
)
'''


@dataclass(frozen=True)
class IsolatedProject:
    """The project's folder, and the interpreter of its second code location."""

    root: Path
    package: str
    python: Path

    @property
    def generated(self) -> Path:
        """Where its DAG files are."""
        return self.root / "dags" / "generated"

    def behave(self, *names: str) -> None:
        """What goes wrong from now on."""
        (self.root / "behaviour.json").write_text(json.dumps(names))

    def seen(self) -> dict[str, object]:
        """What the model's function saw when it ran last."""
        found: dict[str, object] = json.loads((self.root / "seen.json").read_text())
        return found

    def bridge(self, *words: str) -> subprocess.CompletedProcess[str]:
        """`bridge` in the other interpreter, which can import all of the project."""
        env = {name: value for name, value in os.environ.items() if not name.startswith("BRIDGE_")}
        return subprocess.run(
            [str(self.python), "-m", "bridge", *words],
            cwd=self.root,
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )


def isolated_project(folder: Path, package: str) -> IsolatedProject:
    """Make the environment and the project below `folder`, and generate its DAGs."""
    python = _interpreter(folder / "environment")
    root = folder / "project"
    (root / package).mkdir(parents=True)
    (root / package / "__init__.py").touch()
    (root / package / "plain.py").write_text(_PLAIN)
    (root / package / "models.py").write_text(_MODELS.format(package=package))
    (root / "bridge.toml").write_text(_SETTINGS.format(package=package, python=python))
    project = IsolatedProject(root, package, python)
    project.behave()
    done = project.bridge("generate")
    assert done.returncode == 0, done.stderr
    return project


def _interpreter(home: Path) -> Path:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(home)], check=True)
    python = home / "bin" / "python"
    asked = "import sysconfig; print(sysconfig.get_path('purelib'))"
    said = subprocess.run([str(python), "-c", asked], check=True, capture_output=True, text=True)
    packages = Path(said.stdout.strip())
    others = dict.fromkeys((str(REPOSITORY), *map(sysconfig.get_path, ("purelib", "platlib"))))
    (packages / "others.pth").write_text("\n".join(others) + "\n")
    (packages / "only_there.py").write_text("ANSWER = 42\n")
    (packages / "airflow.py").write_text(
        "raise ModuleNotFoundError(\"No module named 'airflow'\", name='airflow')\n"
    )
    return python
