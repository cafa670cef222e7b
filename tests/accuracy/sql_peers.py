"""Lineage of labelled tasks that hold SQL, beside sqllineage and beside sqlglot's bare table names.

    python -m tests.accuracy.sql_peers FOLDER LABELS.json … --sqllineage .nox/peers/bin/python

Every tool gets the same SQL: found in the files, rendered, and in the dialect of the task. The
names it finds become URIs as ours do. Labels that no SQL tells (a destination that is an argument)
count for all. FOLDER and LABELS are those of `tests.accuracy.datasets`.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from adapters.airflow.legacy.datasets import DatasetRef
from adapters.airflow.legacy.snapshot import Task
from adapters.airflow.legacy.take import record_folder
from adapters.airflow.lineage.context import LineageContext, connection_of
from adapters.airflow.lineage.families import sql
from adapters.airflow.lineage.reading import read_task
from adapters.airflow.lineage.routines import routines_of
from adapters.airflow.lineage.schemes import schemes_of
from adapters.airflow.lineage.templates import Marks
from tests.accuracy.datasets import CERTAIN, Labels, Named, fit, labelled

Tables: TypeAlias = tuple[Sequence[str], Sequence[str]]
_CHANGES = (exp.Insert, exp.Create, exp.Merge, exp.Update, exp.Delete, exp.TruncateTable)


@dataclass(frozen=True, slots=True)
class Piece:
    """One rendered SQL text of a labelled task, and how its names become URIs."""

    task: str
    text: str
    marks: Marks
    dialect: str | None
    names: sql.Names

    def named(self, tables: Tables) -> Iterator[Named]:
        """The tables of the text as datasets of its task."""
        for direction, side in zip(("read", "write"), tables, strict=True):
            for name in side:
                yield Named(self.task, direction, self.names.uri(name, self.marks))


@dataclass(slots=True)
class Gathered:
    """The labels of tasks with SQL, their SQL, and what we say of them."""

    labels: list[Named] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)
    ours: list[Named] = field(default_factory=list)
    cpu_s: float = 0.0

    def take(self, folder: Path, labels: Labels) -> None:
        """Add the labelled tasks of one code base."""
        snapshot = record_folder(folder)
        schemes, routines = schemes_of(snapshot), routines_of(snapshot)
        for dag in snapshot.dags:
            context = LineageContext(dag=dag, schemes=schemes, routines=routines)
            for task in dag.tasks:
                name = f"{dag.dag_id}.{task.task_id}"
                if name in labels and sql.applies(task):
                    self._add(name, task, context)
                    self.labels += labelled({name: labels[name]})

    def _add(self, name: str, task: Task, context: LineageContext) -> None:
        begin = time.process_time()
        found = read_task(task, context).datasets
        self.cpu_s += time.process_time() - begin
        self.ours += [_named(name, ref) for ref in found]
        scheme = context.scheme(task, connection_of(task))
        names = sql.Names(task, scheme, connection_of(task))
        for text, marks in sql.sql_of(task, context):
            self.pieces.append(Piece(name, text, marks, context.dialect(scheme), names))


def _named(task: str, ref: DatasetRef) -> Named:
    return Named(task, ref.direction, ref.uri, ref.confidence)


def table_names(text: str, dialect: str | None) -> Tables:
    """What 25 lines of sqlglot find: every table, written where it is what a statement changes."""
    try:
        trees = [tree for tree in sqlglot.parse(text, read=dialect) if tree is not None]
    except SqlglotError:
        return (), ()
    reads: dict[str, None] = {}
    writes: dict[str, None] = {}
    for tree in trees:
        target = tree.find(exp.Table) if isinstance(tree, _CHANGES) else None
        local = {cte.alias for cte in tree.find_all(exp.CTE)}
        for table in tree.find_all(exp.Table):
            name = ".".join(part.name for part in table.parts)
            if name not in local:
                (writes if table is target else reads)[name] = None
    return tuple(reads), tuple(writes)


def asked_of_sqllineage(python: str, pieces: Sequence[Piece]) -> tuple[list[Tables], float]:
    """What sqllineage says of each text, and the CPU seconds it took."""
    asked = json.dumps([{"sql": each.text, "dialect": each.dialect} for each in pieces])
    words = [python, str(Path(__file__).with_name("sqllineage_names.py"))]
    done = subprocess.run(words, input=asked, capture_output=True, text=True, check=True)
    answer: Any = json.loads(done.stdout)
    return [(reads, writes) for reads, writes in answer["tables"]], float(answer["cpu_s"])


def row(tool: str, labels: Sequence[Named], found: Sequence[Named], cpu_s: float) -> str:
    """Recall and precision of a tool, reads and writes apart."""
    cells = []
    for side in ("read", "write"):
        one = fit(*([each for each in all_ if each.direction == side] for all_ in (labels, found)))
        cells.append(f"{one.recall:6.1f} / {one.precision:5.1f}")
    return f"{tool:<22}" + "".join(f"{cell:>18}" for cell in cells) + f"{cpu_s:8.1f}"


def main() -> int:
    """Print a row for each tool."""
    words = argparse.ArgumentParser(prog="python -m tests.accuracy.sql_peers")
    words.add_argument("folder", type=Path, help="has the code bases")
    words.add_argument("labels", type=Path, nargs="+")
    words.add_argument("--sqllineage", help="a Python that has sqllineage (nox -s peers)")
    given = words.parse_args()
    all_ = Gathered()
    for file in given.labels:
        for base, labels in json.loads(file.read_text(encoding="utf-8")).items():
            all_.take((given.folder / base).resolve(), labels)
    print(f"{'recall / precision, %':<22}{'reads':>18}{'writes':>18}   CPU s")
    certain = [one for one in all_.ours if one.confidence >= CERTAIN]
    print(row("bridge, certain", all_.labels, certain, all_.cpu_s))
    print(row("bridge, all rated", all_.labels, all_.ours, all_.cpu_s))
    bare, took_s = _timed(lambda: [table_names(each.text, each.dialect) for each in all_.pieces])
    print(row("sqlglot, bare names", all_.labels, _all_named(all_.pieces, bare), took_s))
    if given.sqllineage:
        peers, took_s = asked_of_sqllineage(given.sqllineage, all_.pieces)
        print(row("sqllineage", all_.labels, _all_named(all_.pieces, peers), took_s))
    return 0


def _timed(work: Callable[[], list[Tables]]) -> tuple[list[Tables], float]:
    begin = time.process_time()
    return work(), time.process_time() - begin


def _all_named(pieces: Sequence[Piece], tables: Sequence[Tables]) -> list[Named]:
    found = (one for piece, each in zip(pieces, tables, strict=True) for one in piece.named(each))
    return list(dict.fromkeys(found))


if __name__ == "__main__":
    sys.exit(main())
