import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.airflow.legacy.snapshot import DagSnapshot
from adapters.airflow.legacy.take import record_folder

Recorder = Callable[..., DagSnapshot]


@pytest.fixture
def write_folder(tmp_path: Path) -> Callable[[dict[str, str]], Path]:
    """Writes files below a `dags` folder and returns it; `../x` is a place beside it."""

    def write(files: dict[str, str]) -> Path:
        folder = tmp_path / "project" / "dags"
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            place = folder / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")
        return folder

    return write


@pytest.fixture
def record(write_folder: Callable[[dict[str, str]], Path]) -> Recorder:
    """Records a folder of the given files; a lone text is `dag.py`."""

    def run(files: str | dict[str, str], **options: object) -> DagSnapshot:
        named = {"dag.py": files} if isinstance(files, str) else files
        return record_folder(write_folder(named), **options)  # type: ignore[arg-type]

    return run
