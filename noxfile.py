"""The environments and the version matrix: what is installed where, and which tests run in it.

`make` is the usual door (`make help`); `nox --list` shows every session. All versions come from
pyproject.toml (what may be installed) and constraints/*.txt (what is).
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import nox

nox.needs_version = ">=2026.10.20"  # the first release here that runs sessions side by side
nox.options.default_venv_backend = "none"  # `provide` makes them, so that sessions can share one
nox.options.sessions = ["lint", "types", "imports", "tests", "airflow2", "airflow3", "lowest"]

# Every Airflow process would compile all of Airflow again (2 to 5 s each).
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

ROOT = Path(__file__).parent
BUILD = ROOT / "constraints" / "build.txt"
# uv is beside the nox that runs this where none was on PATH (see the Makefile).
UV = shutil.which("uv", path=Path(sys.executable).parent) or "uv"
FORMATTED = ("bridge", "adapters", "tests", "migration_examples", "noxfile.py")

WITHOUT_AIRFLOW = ("tests/architecture", "tests/bridge", "tests/adapters", "tests/conformance")
# The store runs on SQLAlchemy 1.4 beside Airflow 2.11 and on 2.x beside 3.3: tested beside both.
WITH_AIRFLOW = ("tests/architecture", "tests/bridge/store", "tests/airflow", "tests/examples")


@dataclass(frozen=True, slots=True)
class Environment:
    """One environment: where it is, its pins, and what of pyproject.toml goes in."""

    home: str
    constraints: str
    extras: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    has_project: bool = True
    resolution: str = "highest"

    def program(self, name: str) -> str:
        """Full path of a program: nox would look it up on the outer PATH."""
        return str(ROOT / self.home / "bin" / name)

    @property
    def pins(self) -> Path:
        """The constraints file."""
        return ROOT / "constraints" / f"{self.constraints}.txt"

    def installed(self) -> list[str]:
        """The arguments of `uv pip install` that name what goes in."""
        project = ["--editable", f".[{','.join(self.extras)}]"] if self.has_project else []
        return project + [word for group in self.groups for word in ("--group", group)]

    def compiled(self) -> list[str]:
        """The arguments of `uv pip compile` that name the same."""
        words = ["pyproject.toml"] if self.has_project else []
        words += [word for extra in self.extras for word in ("--extra", extra)]
        return words + [word for group in self.groups for word in ("--group", group)]


USED_BY_TESTS = ("duckdb", "openlineage", "polars", "postgres", "storage", "web")
DEV = Environment(".venv", "dev", extras=("dev",))
LOWEST = Environment(
    ".nox/lowest", "lowest", extras=USED_BY_TESTS, groups=("test",), resolution="lowest-direct"
)
AIRFLOW2 = Environment(
    ".nox/airflow2", "airflow-2.11", extras=("duckdb", "postgres"), groups=("airflow2",)
)
AIRFLOW3 = Environment(".nox/airflow3", "airflow-3.3", extras=USED_BY_TESTS, groups=("airflow3",))
PEERS = Environment(".nox/peers", "peers", groups=("peers",), has_project=False)


def provide(session: nox.Session, environment: Environment, python: str = sys.executable) -> None:
    """Make the environment anew where pyproject, pins or Python changed, and put it on PATH."""
    digest = hashlib.sha256(f"{environment} {ROOT} {os.path.realpath(python)}".encode())
    for source in (ROOT / "pyproject.toml", environment.pins, BUILD):
        digest.update(source.read_bytes())
    home = ROOT / environment.home
    stamp = home / "installed.sha256"
    if not stamp.exists() or stamp.read_text() != digest.hexdigest():
        session.run_install(UV, "venv", "--quiet", "--clear", "--python", python, str(home))
        session.run_install(
            *(UV, "pip", "install", "--quiet", "--compile-bytecode"),
            *("--python", environment.program("python")),
            *("--constraints", str(environment.pins)),
            *("--build-constraints", str(BUILD)),
            *environment.installed(),
        )
        stamp.write_text(digest.hexdigest())
    session.env["VIRTUAL_ENV"] = str(home)
    session.env["PATH"] = os.pathsep.join([str(home / "bin"), os.environ["PATH"]])


def run_pytest(session: nox.Session, environment: Environment, folders: tuple[str, ...]) -> None:
    """Run pytest in the environment on the folders that exist, or on what stands after `--`.

    pytest exits with 5 where it finds no test, and so fails the session.
    """
    present = [folder for folder in folders if (ROOT / folder).is_dir()]
    session.run(environment.program("python"), "-m", "pytest", *(session.posargs or present))


def oldest_python() -> str:
    """A Python 3.10 that starts, else the Python nox runs on."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    found = sorted(str(path) for path in pyenv.glob("3.10*/bin/python3.10"))
    for candidate in (shutil.which("python3.10"), *found):
        # A pyenv shim is on PATH even where no 3.10 is selected: only starting it tells.
        if candidate is None:
            continue
        started = subprocess.run([candidate, "-c", ""], capture_output=True, check=False)
        if started.returncode == 0:
            return candidate
    return sys.executable


@nox.session
def dev(session: nox.Session) -> None:
    """Make .venv: everything a contributor needs."""
    provide(session, DEV)


@nox.session
def lint(session: nox.Session) -> None:
    """Style: ruff format and ruff check; `-- --fix` mends what can be mended."""
    provide(session, DEV)
    present = [path for path in FORMATTED if (ROOT / path).exists()]
    fix = "--fix" in session.posargs
    session.run(DEV.program("ruff"), "format", *([] if fix else ["--check"]), *present)
    session.run(DEV.program("ruff"), "check", *(["--fix"] if fix else []), *present)


@nox.session
def types(session: nox.Session) -> None:
    """Types: mypy --strict."""
    provide(session, DEV)
    session.run(DEV.program("mypy"), *session.posargs)


@nox.session
def imports(session: nox.Session) -> None:
    """Layers: the import contracts in pyproject.toml."""
    provide(session, DEV)
    session.run(DEV.program("lint-imports"), *session.posargs)


@nox.session(allow_parallel=True)
def tests(session: nox.Session) -> None:
    """Tests without Airflow, newest versions."""
    provide(session, DEV)
    run_pytest(session, DEV, WITHOUT_AIRFLOW)


@nox.session(allow_parallel=True)
def lowest(session: nox.Session) -> None:
    """Tests without Airflow, lowest versions that pyproject.toml allows, on Python 3.10 if any."""
    provide(session, LOWEST, oldest_python())
    session.run(
        LOWEST.program("python"),
        "-c",
        "import sys; print('lowest versions on Python', sys.version)",
    )
    run_pytest(session, LOWEST, WITHOUT_AIRFLOW)


def airflow_home(session: nox.Session) -> None:
    """Keep whatever Airflow writes on import out of the contributor's home."""
    session.env["AIRFLOW_HOME"] = str(ROOT / ".nox" / f"{session.name}_home")


@nox.session(allow_parallel=True)
def airflow2(session: nox.Session) -> None:
    """Tests with Airflow 2.11 and SQLAlchemy 1.4."""
    provide(session, AIRFLOW2)
    airflow_home(session)
    run_pytest(session, AIRFLOW2, WITH_AIRFLOW)


@nox.session(allow_parallel=True)
def airflow3(session: nox.Session) -> None:
    """Tests with Airflow 3.3 and SQLAlchemy 2."""
    provide(session, AIRFLOW3)
    airflow_home(session)
    run_pytest(session, AIRFLOW3, WITH_AIRFLOW)


@nox.session
def demo(session: nox.Session) -> None:
    """The story end to end on a real Airflow 3.3."""
    provide(session, AIRFLOW3)
    session.run(
        AIRFLOW3.program("python"), "migration_examples/01-flights/demo.py", *session.posargs
    )


@nox.session
def demo_celery(session: nox.Session) -> None:
    """Several days at once on two workers: CeleryExecutor, Redis and PostgreSQL."""
    provide(session, AIRFLOW3)
    session.run(
        AIRFLOW3.program("python"),
        "migration_examples/02-flights-on-celery/demo.py",
        *session.posargs,
    )


@nox.session
def peers(session: nox.Session) -> None:
    """Make the environment of the tools that the benchmarks measure against."""
    provide(session, PEERS)
    session.run(
        PEERS.program("python"), "-c", "import dagster; print('dagster', dagster.__version__)"
    )


@nox.session
def bench(session: nox.Session) -> None:
    """Benchmarks, as JSON on standard output. `make bench` makes the other environments first."""
    provide(session, DEV)
    for name, environment in (("PEERS", PEERS), ("AIRFLOW2", AIRFLOW2), ("AIRFLOW3", AIRFLOW3)):
        session.env[f"BRIDGE_BENCH_{name}_PYTHON"] = environment.program("python")
    session.run(DEV.program("python"), "-m", "tests.benchmarks", *session.posargs)


@nox.session
def constraints(session: nox.Session) -> None:
    """Write constraints/*.txt anew; `-- --upgrade` moves every pin to the newest release."""
    compiled = [UV, "pip", "compile", "--quiet", "--universal", "--python-version=3.10"]
    compiled += ["--no-annotate", "--custom-compile-command=make constraints", *session.posargs]
    for environment in (DEV, LOWEST, AIRFLOW2, AIRFLOW3, PEERS):
        session.run(
            *compiled,
            f"--resolution={environment.resolution}",
            f"--output-file={environment.pins.relative_to(ROOT)}",
            *environment.compiled(),
        )
    session.run(*compiled, f"--output-file={BUILD.relative_to(ROOT)}", "constraints/build.in")
