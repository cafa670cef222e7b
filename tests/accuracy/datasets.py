"""What labelled tasks read and write, against what lineage says of them.

    python -m tests.accuracy.datasets FOLDER LABELS

LABELS is JSON: code base -> `dag.task` -> `reads`, `writes`, as a person wrote them down before the
tool was run on them; FOLDER has one folder for each code base, named as there. In a label, `{any}`
stands for what nobody can know from the source (the bucket that a Variable names), and the scheme
`any` for a database whose kind the source does not tell. Who does not know a server knows neither
whether it speaks http or https: there they are one; and Snowflake tells no cases apart.

A task may also list as `debatable` what people would disagree on (a scratch file, the table that an
UPDATE changes in place): found or not, read or written, it counts neither way.

A label is found when a dataset of the same task and direction fits it; a dataset is right when it
fits a label. "certain" are datasets from confidence 0.8 on, "rated" are all.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from adapters.airflow.legacy.datasets import TaskLineage, TaskPlace
from adapters.airflow.legacy.take import record_folder
from adapters.airflow.lineage.reading import read_snapshot
from bridge.uris import canonical

Labels: TypeAlias = Mapping[str, Mapping[str, list[str]]]
CERTAIN = 0.8
_SIDES = {"reads": "read", "writes": "write"}


@dataclass(frozen=True, slots=True, order=True)
class Named:
    """One dataset of one task, labelled or found."""

    task: str
    direction: str
    uri: str
    confidence: float = 1.0

    def __str__(self) -> str:
        return f"{self.task} {self.direction} {self.uri}"


@dataclass(frozen=True, slots=True)
class Fit:
    """Labels beside what was found: `missed` are labels, `surplus` are datasets."""

    labelled: int = 0
    found: int = 0
    missed: tuple[Named, ...] = ()
    surplus: tuple[Named, ...] = ()

    @property
    def recall(self) -> float:
        """Labels that were found, in percent."""
        return 100 - 100 * len(self.missed) / self.labelled if self.labelled else 100.0

    @property
    def precision(self) -> float:
        """Datasets that are labelled, in percent."""
        return 100 - 100 * len(self.surplus) / self.found if self.found else 100.0


def fit(labels: Iterable[Named], found: Iterable[Named]) -> Fit:
    """Which labels nothing fits, and which datasets fit no label of their task and direction."""
    told, seen = list(labels), list(found)
    pairs = [
        (label, one)
        for label in told
        for one in seen
        if (label.task, label.direction) == (one.task, one.direction) and fits(label.uri, one.uri)
    ]
    met, right = {label for label, _ in pairs}, {one for _, one in pairs}
    return Fit(
        len(told),
        len(seen),
        tuple(sorted(set(told) - met)),
        tuple(sorted(set(seen) - right)),
    )


def fits(label: str, uri: str) -> bool:
    """Whether `uri` is what the label names."""
    scheme, _, rest = _canonical(label).partition("://")
    pattern = ".*".join(map(re.escape, rest.split("{any}")))
    kinds = {"any": "[^:]+", "snowflake": "snowflake"}
    if scheme in ("http", "https") and rest.startswith("{any}"):
        scheme = "https?"
    flags = re.IGNORECASE if scheme in kinds else 0
    return re.fullmatch(f"{kinds.get(scheme, scheme)}://{pattern}", uri, flags) is not None


def _canonical(label: str) -> str:
    """The label's canonical text; `postgres://{any}orders` and `bigquery://p.d.t`, which name no
    server, are tables of any.
    """
    scheme, _, name = label.partition("://")
    if "/" in name or not (name.startswith("{any}") or scheme == "bigquery"):
        text = str(canonical(label))
        return text.rstrip("/") if label.endswith("{any}") else text
    whole = canonical(f"{scheme}://x/{name.removeprefix('{any}')}")
    return f"{whole.scheme}://{{any}}{whole.path}"


def labelled(labels: Labels) -> Iterator[Named]:
    """The labels of one code base, one by one."""
    for task, sides in labels.items():
        for side, direction in _SIDES.items():
            for uri in sides[side]:
                yield Named(task, direction, uri)


def found_of(lineage: Mapping[TaskPlace, TaskLineage], labels: Labels) -> Iterator[Named]:
    """What lineage says of the labelled tasks and nobody would dispute; of two ratings of one
    dataset, the higher.
    """
    best: dict[tuple[str, str, str], float] = {}
    for (_, dag_id, task_id), each in lineage.items():
        task = f"{dag_id}.{task_id}"
        for ref in each.datasets if task in labels else ():
            key = (task, ref.direction, ref.uri)
            best[key] = max(best.get(key, 0), ref.confidence)
    for (task, direction, uri), confidence in best.items():
        sides = labels[task]
        told = [
            label for side, name in _SIDES.items() if name == direction for label in sides[side]
        ]
        disputed = any(fits(label, uri) for label in sides.get("debatable", ()))
        if not disputed or any(fits(label, uri) for label in told):
            yield Named(task, direction, uri, confidence)


def main() -> int:
    """Print the table, and what was missed or is surplus."""
    words = argparse.ArgumentParser(prog="python -m tests.accuracy.datasets")
    words.add_argument("folder", type=Path, help="has the code bases")
    words.add_argument("labels", type=Path, nargs="+")
    given = words.parse_args()
    told: list[Named] = []
    seen: list[Named] = []
    unknown: list[str] = []
    for file in given.labels:
        for base, labels in json.loads(file.read_text(encoding="utf-8")).items():
            if not (given.folder / base).is_dir():
                print(f"{base} is not in {given.folder}: put it there, or leave {file.name} out")
                return 2
            lineage = read_snapshot(record_folder((given.folder / base).resolve()))
            tasks = {f"{dag_id}.{task_id}" for _, dag_id, task_id in lineage}
            unknown += sorted(f"{base}: {task}" for task in labels.keys() - tasks)
            told += labelled(labels)
            seen += found_of(lineage, labels)
    _print(told, seen)
    for name in unknown:
        print(f"no such task  {name}")
    return 0


def _print(told: list[Named], seen: list[Named]) -> None:
    for name, least in (("certain", CERTAIN), ("rated", 0.0)):
        for direction in ("read", "write", "both"):
            one = fit(*(_of(each, direction, least) for each in (told, seen)))
            print(
                f"{name:<8} {direction:<6} recall {one.recall:6.2f} %   precision"
                f" {one.precision:6.2f} %   labelled {one.labelled}, found {one.found}"
            )
    for label in fit(told, seen).missed:
        print(f"missed    {label}")
    for dataset in fit(told, seen).surplus:
        print(f"surplus   {dataset} ({dataset.confidence:.2f})")


def _of(named: list[Named], direction: str, least: float) -> list[Named]:
    kept = [one for one in named if one.confidence >= least]
    return kept if direction == "both" else [one for one in kept if one.direction == direction]


if __name__ == "__main__":
    sys.exit(main())
