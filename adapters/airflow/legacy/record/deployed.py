"""What the files of a deployment in the code base give to the environment of Airflow."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from adapters.airflow.legacy.blanks import has_blank
from adapters.airflow.legacy.record.deployment_files import (
    of_chart,
    of_compose,
    of_dockerfile,
    of_dotenv,
)
from adapters.airflow.legacy.record.shipped import PRODUCTION

_COMPOSE = ("docker-compose*.y*ml", "compose*.y*ml")
_DOCKER = ("Dockerfile*", "*.Dockerfile")
_CHART = ("values*.y*ml",)
_DOTENV = (".env", ".env.example", ".env.sample", ".env.template", ".env.dist", "env.example")
_OF_TESTS = re.compile(r"(^|[^a-z])(ci|e2e|tests?|testing)([^a-z]|$)")
_PRODUCTION = re.compile(rf"(^|[^a-z])({'|'.join(sorted(PRODUCTION))})([^a-z]|$)")
# Of the machine or the container, or Airflow's own settings and secrets.
_NOT_THEIRS = re.compile(
    r"(PATH|HOME|USER|PWD|SHELL|LANG|TZ|TMPDIR|HOSTNAME|(PYTHON|PIP|UV|AIRFLOW__|_AIRFLOW)\w*"
    r"|(LC|LD|AIRFLOW_CONN|DOCKER|COMPOSE)_\w+|AIRFLOW_(HOME|UID|GID|PROJ_DIR)|DEBIAN_FRONTEND)"
)
# Whether the deployment of the files is the one that counts, such a value leaves open.
_STAGE = re.compile(
    r"(dev|devel|development|local|localhost|docker|ci|e2e|test|testing|stage|staging|qa|uat|sandbox)",
    re.IGNORECASE,
)
# More than is left out of what is supplied: nobody has looked through these files.
_SECRET_NAME = re.compile(
    r"pass|pwd|secret|token|cred|key|auth|cookie|webhook|dsn|salt|cert|private|(^|_)pat$",
    re.IGNORECASE,
)
_SECRET_VALUE = re.compile(
    r"-----BEGIN.*|eyJ[\w-]{10}.*|(AKIA|ASIA|ghp_|xox|sk-|AIza)[\w-]{10}.*|[A-Za-z0-9+=]{32,}",
    re.DOTALL,
)
_SECRET_INSIDE = re.compile(r"(sig|token|key|passw\w*|pwd|secret)\s*=", re.IGNORECASE)
_OF_A_PERSON = re.compile(r"(file://)?(/home/(?!airflow/)|/Users/|~|\.\.?/|[A-Za-z]:\\)")
_WHO = re.compile(r"(?<=://)[^/@\s]*@")
_EXAMPLES = re.compile(r"x{3,}|\.\.\.|changeme|example", re.IGNORECASE)
_MOST = 200  # files that are looked at


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """The values, and the file that each came from, its name relative to the root."""

    values: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)

    def below(self, environment: Collection[str], variables: Collection[str]) -> Deployed:
        """Without what was supplied, also as a Variable: Airflow asks its environment first."""
        above = {*environment, *(f"AIRFLOW_VAR_{name}".upper() for name in variables)}
        kept = {name: text for name, text in self.values.items() if name not in above}
        return Deployed(values=kept, files={name: self.files[name] for name in kept})


NOTHING = Deployed()


def deployed_environment(folder: Path, root: Path) -> Deployed:
    """What compose files, Dockerfiles, charts and `.env` say of the environment, those nearest to
    the folder of DAGs first, and production's before others. What looks like a secret, a place of
    somebody's machine, a blank to fill in or a stage that is not production stays open.
    """
    values: dict[str, str] = {}
    files: dict[str, str] = {}
    for path, found in _found(folder, root):
        new = {
            name: _WHO.sub("", text)
            for name, text in found.items()
            if name not in values and _is_told(name, text, root)
        }
        values.update(new)
        files.update(dict.fromkeys(new, path.relative_to(root).as_posix()))
    return Deployed(values=values, files=files)


def _found(folder: Path, root: Path) -> Iterator[tuple[Path, dict[str, str]]]:
    places = [each for each in (folder, *folder.parents) if each == root or root in each.parents]
    for place in places:
        paths = _files(place)
        for path in _named(paths, _COMPOSE):
            yield from of_compose(path, root)
        for path in _named(paths, _CHART):
            yield path, of_chart(path)
        for path in _named(paths, _DOCKER):
            yield path, of_dockerfile(path)
        for name in _DOTENV:
            for path in (each for each in paths if each.name == name):
                yield path, of_dotenv(path)


def _files(place: Path) -> list[Path]:
    """The files of a folder, and those one below it."""
    try:
        inner = sorted(place.iterdir())
        below = [one for each in inner if _is_entered(each) for one in sorted(each.iterdir())]
    except OSError:
        return []
    return [each for each in (*inner, *below) if each.is_file() and not each.is_symlink()][:_MOST]


def _is_entered(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink() and not path.name.startswith((".", "test"))


def _named(paths: list[Path], patterns: tuple[str, ...]) -> list[Path]:
    fitting = [
        each for each in paths if any(fnmatch.fnmatch(each.name, pattern) for pattern in patterns)
    ]
    fitting = [each for each in fitting if not _OF_TESTS.search(each.name.lower())]
    return sorted(fitting, key=lambda each: _PRODUCTION.search(each.name.lower()) is None)


def _is_told(name: str, text: str, root: Path) -> bool:
    is_asked = re.fullmatch(r"[A-Za-z_]\w*", name) is not None and not _NOT_THEIRS.fullmatch(name)
    is_open = not text.strip() or has_blank(text) or _EXAMPLES.search(text) is not None
    is_of_here = _OF_A_PERSON.match(text) is not None or str(root) in text
    is_other = is_open or is_of_here or _STAGE.fullmatch(text) is not None
    return is_asked and not is_other and not _is_secret(name, text)


def _is_secret(name: str, text: str) -> bool:
    is_called = _SECRET_NAME.search(name) is not None
    return is_called or bool(_SECRET_VALUE.fullmatch(text) or _SECRET_INSIDE.search(text))
