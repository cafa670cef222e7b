"""Values of the environment that the files of a deployment name: compose files, Dockerfiles, values
of a Helm chart, `.env`. What they take from the machine that deploys is not known here.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from bridge.env_lines import assignment

_MAX_BYTES = 1 << 20
_ASKED = re.compile(r"\$(?:\$|\{(\w+)(?:(:?[-?+])([^{}]*))?\}|(\w+))")
_AIRFLOW = re.compile(r"airflow|astro", re.IGNORECASE)
_PARTS = re.compile(r"(^|[-_])(scheduler|webserver|worker|triggerer|dag-?processor)([-_]|$)")
_ENV = re.compile(r"ENV\s+(.+)", re.IGNORECASE)
_LISTS = ("env", "extraEnv")
_DEEPEST = 6


def of_dotenv(path: Path) -> dict[str, str]:
    """Lines `NAME=value`; any other line is left out."""
    pairs = map(assignment, text_of(path).splitlines())
    return dict(pair for pair in pairs if pair is not None)


def of_compose(path: Path, root: Path) -> Iterator[tuple[Path, dict[str, str]]]:
    """The environment of the services that run Airflow, and the files that it is taken from, if
    they are below the root.
    """
    services = _mapping(_mapping(_yaml(text_of(path))).get("services"))
    beside = of_dotenv(path.parent / ".env")
    for name, service in services.items():
        if not _is_airflow(str(name), _mapping(service)):
            continue
        yield path, _known(_pairs(service.get("environment")), beside)
        for each in _listed(service.get("env_file")):
            file = (path.parent / str(_mapping(each).get("path", each))).resolve()
            if file.is_relative_to(root):
                yield file, of_dotenv(file)


def of_dockerfile(path: Path) -> dict[str, str]:
    """What `ENV` sets in an image of Airflow."""
    text = text_of(path)
    if _AIRFLOW.search(text) is None:
        return {}
    found: dict[str, str] = {}
    for line in re.sub(r"\\\s*\n", " ", text).splitlines():
        match = _ENV.fullmatch(line.strip())
        if match is not None:
            name, _, rest = match[1].partition(" ")
            pairs = _words(match[1]) if "=" in name else [f"{name}={rest.strip()}"]
            found |= {key: value for key, _, value in (each.partition("=") for each in pairs)}
    return _known(found, {})


def of_chart(path: Path) -> dict[str, str]:
    """The lists `env` and `extraEnv` in the values of a chart of Airflow."""
    text = text_of(path)
    return dict(_in_lists(_yaml(text))) if _AIRFLOW.search(f"{path}{text}") else {}


def text_of(path: Path) -> str:
    """All of a file; nothing where it is not there, too large or no text."""
    try:
        return path.read_text(encoding="utf-8") if path.stat().st_size <= _MAX_BYTES else ""
    except (OSError, ValueError):
        return ""


def _in_lists(value: Any, depth: int = 0) -> Iterator[tuple[str, str]]:
    for key, each in _mapping(value).items() if depth < _DEEPEST else ():
        if key in _LISTS:
            items = _yaml(each) if isinstance(each, str) else each
            for item in items if isinstance(items, list) else ():
                name, said = _mapping(item).get("name"), _mapping(item).get("value")
                if isinstance(name, str) and isinstance(said, (str, int, float)):
                    yield name, str(said)
        else:
            yield from _in_lists(each, depth + 1)


def _is_airflow(name: str, service: Mapping[str, Any]) -> bool:
    said = f"{name} {service.get('image')} {service.get('command')} {service.get('build')}"
    return _AIRFLOW.search(said) is not None or _PARTS.search(name) is not None


def _known(values: Mapping[str, str], beside: Mapping[str, str]) -> dict[str, str]:
    """The values whose `${NAME}` are known: from the file beside, or by their own default."""
    filled = {name: _filled(text, beside) for name, text in values.items()}
    return {name: text for name, text in filled.items() if text is not None}


def _filled(text: str, beside: Mapping[str, str]) -> str | None:
    parts = [_asked(match, beside) for match in _ASKED.finditer(text)]
    waiting = iter(parts)
    return None if None in parts else _ASKED.sub(lambda _: str(next(waiting)), text)


def _asked(match: re.Match[str], beside: Mapping[str, str]) -> str | None:
    name = match[1] or match[4]
    if name is None:
        return "$"
    if beside.get(name):
        return beside[name]
    return match[3] if match[2] in ("-", ":-") else None


def _pairs(value: Any) -> dict[str, str]:
    if isinstance(value, list):
        pairs = (str(each).partition("=") for each in value if "=" in str(each))
        return {name: said for name, _, said in pairs}
    return {
        str(name): str(said).lower() if isinstance(said, bool) else str(said)
        for name, said in _mapping(value).items()
        if isinstance(said, (str, int, float))
    }


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _yaml(text: str) -> Any:
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        return None


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        return []
