"""DAGs in as many files as Airflow reads in time, none of which changes without need. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from adapters.airflow.generate.manifest import DagPlan

# 2.11 kills the process that reads a file for 50 s, and starts none of its DAGs.
AT_MOST = 50


def parts_of(dags: Iterable[DagPlan], at_most: int = AT_MOST) -> dict[str, tuple[DagPlan, ...]]:
    """DAGs by the name of their part, which is empty where there is only one.

    A part's name is how the hashes of its dag_ids begin, in binary digits: one too many, and it
    becomes two, while all others stay as they are.
    """
    found: dict[str, tuple[DagPlan, ...]] = {}
    todo = [("", [(_bits(dag.dag_id), dag) for dag in dags])]
    while todo:
        name, members = todo.pop()
        if len(members) <= at_most:
            if members or not name:
                found[name] = tuple(dag for _, dag in members)
            continue
        for digit in "01":
            begin = name + digit
            todo.append((begin, [each for each in members if each[0].startswith(begin)]))
    return dict(sorted(found.items()))


def _bits(dag_id: str) -> str:
    return f"{int.from_bytes(hashlib.sha256(dag_id.encode()).digest(), 'big'):0256b}"
