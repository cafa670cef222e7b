"""The history of a run's steps: kept where the log of events does not tell it by itself."""

from __future__ import annotations

from collections.abc import Sequence

from bridge.execution.capture import HEAD, TAIL
from bridge.execution.outcome import Ended, StepResult
from bridge.execution.plan import Step
from bridge.runs import LogLine, StepRecord, StepText
from bridge.store import Store

_TOLD = ("succeeded", "failed")  # an event says so


class Journal:
    """Writes down how steps ended; a step that went well and was silent costs nothing.

    What was skipped is kept until the next that is written, or until `close`.
    """

    def __init__(self, store: Store, run_id: str) -> None:
        self._store = store
        self._run_id = run_id
        self._kept: list[StepRecord] = []

    def add(self, step: Step, ended: Ended) -> None:
        """Note a step that ran."""
        records = [
            _record(self._run_id, step, result, ended)
            for result in ended.results
            if _is_worth_noting(step, result)
        ]
        text = _text(self._run_id, step, ended)
        if records or text:
            self._store.note_steps([*self._kept, *records], [text] if text else [])
            self._kept = []

    def skip(self, step: Step, results: Sequence[StepResult]) -> None:
        """Note a step that did not run."""
        self._kept += [_record(self._run_id, step, result, None) for result in results]

    def close(self) -> None:
        """Write down what is left."""
        if self._kept:
            self._store.note_steps(self._kept)
            self._kept = []


def _is_worth_noting(step: Step, result: StepResult) -> bool:
    is_told = result.status in _TOLD and step.definition is not None
    return (
        not is_told or result.attempts > 1 or (result.status == "succeeded" and result.is_failure)
    )


def _record(run_id: str, step: Step, result: StepResult, ended: Ended | None) -> StepRecord:
    return StepRecord(
        run_id=run_id,
        key=result.key,
        partition=result.partition,
        status=result.status,
        checks=_checks(step),
        is_failure=result.is_failure,
        started_at=None if ended is None else ended.began_at,
        ended_at=None if ended is None else ended.ended_at,
        attempts=result.attempts,
        message=result.message,
        cause=result.cause,
    )


def _text(run_id: str, step: Step, ended: Ended) -> StepText | None:
    log = ended.results[0].log if ended.results else ()
    if not log and ended.output is None:
        return None
    return StepText(
        run_id=run_id,
        keys=step.keys,
        partition=step.partition,
        checks=_checks(step),
        stdout=ended.output.stdout if ended.output else "",
        stderr=ended.output.stderr if ended.output else "",
        log=_shortened(log),
    )


def _checks(step: Step) -> tuple[str, ...]:
    """The names of the checks of a step that asks nothing but those."""
    if step.definition is not None:
        return ()
    return tuple(spec.name for check in step.checks for spec in check.specs)


def _shortened(lines: Sequence[LogLine]) -> tuple[LogLine, ...]:
    """The begin and the end of a log that is long."""
    if sum(len(line.message) for line in lines) <= HEAD + TAIL:
        return tuple(lines)
    head = _taken(lines, HEAD)
    tail = _taken(lines[len(head) :][::-1], TAIL)[::-1]
    left_out = len(lines) - len(head) - len(tail)
    mark = LogLine(lines[len(head)].at, "INFO", f"[… {left_out:,} lines left out …]")
    return (*head, mark, *tail)


def _taken(lines: Sequence[LogLine], size: int) -> list[LogLine]:
    found = []
    for line in lines:
        size -= len(line.message)
        if size < 0:
            break
        found.append(line)
    return found
