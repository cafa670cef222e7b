"""Sensors that wait for data: what they wait for is a read where their arguments name it."""

from dataclasses import replace

from adapters.airflow.legacy.snapshot import Task
from adapters.airflow.lineage.context import LineageContext, Reading
from adapters.airflow.lineage.families.moves import WAITS, move_of
from adapters.airflow.lineage.families.transfers import moved

CONFIDENCE = 0.9


def applies(task: Task) -> bool:
    """Sensors of the list, and what inherits from them."""
    return move_of(task, WAITS) is not None


def read(task: Task, context: LineageContext) -> Reading:
    """The file or table waited for; a sensor writes nothing."""
    move = move_of(task, WAITS)
    found = Reading() if move is None else moved(move, task, context, CONFIDENCE)
    return replace(found, nature="quiet", writes_known=True)
