"""Replaying the reference cases: which file, which cases, and what is left out for which reason.

A test module names its file (`CASES`), says why a case is left out (`left_out(case, document)`,
None to replay it) and replays one `case`. `--cases DIR` replays other cases of the same form.
"""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

OWN_CASES = Path(__file__).parent / "cases"
_REPLAYED = pytest.StashKey[dict[str, int]]()
_LEFT_OUT = pytest.StashKey[dict[str, Counter[str]]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Where the cases are."""
    parser.addoption("--cases", type=Path, default=OWN_CASES, help="folder of reference cases")


def pytest_configure(config: pytest.Config) -> None:
    """Nothing counted yet."""
    config.stash[_REPLAYED], config.stash[_LEFT_OUT] = {}, {}


@cache
def _document(file: Path) -> dict[str, Any]:
    return json.loads(file.read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def _file(config: pytest.Config, name: str) -> Path:
    folder: Path = config.getoption("--cases", default=OWN_CASES)
    return folder / name


@pytest.fixture
def document(request: pytest.FixtureRequest) -> dict[str, Any]:
    """The whole file of the module's cases: some have more beside the cases."""
    return _document(_file(request.config, request.module.CASES))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test a case, named by its id."""
    if "case" not in metafunc.fixturenames:
        return
    module: Any = metafunc.module
    file = _file(metafunc.config, module.CASES)
    left_out: Counter[str] = Counter()
    replayed = []
    document = _document(file) if file.is_file() else {"cases": []}
    for case in document["cases"]:
        reason = module.left_out(case, document)
        if reason is None:
            replayed.append(pytest.param(case, id=case["id"]))
        else:
            left_out[reason] += 1
    metafunc.config.stash[_REPLAYED][file.name] = len(replayed)
    metafunc.config.stash[_LEFT_OUT][file.name] = left_out
    metafunc.parametrize("case", replayed)


def pytest_report_collectionfinish(config: pytest.Config) -> list[str]:
    """How many cases are replayed, and how many are not, with the reason."""
    lines = []
    for name, count in config.stash[_REPLAYED].items():
        reasons = config.stash[_LEFT_OUT][name]
        where = "" if _file(config, name).is_file() else f", there is no {_file(config, name)}"
        lines.append(f"{name}: {count} replayed, {sum(reasons.values())} left out{where}")
        lines.extend(f"  {number:4} {reason}" for reason, number in reasons.most_common())
    return lines
