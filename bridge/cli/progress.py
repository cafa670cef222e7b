"""The lines of a run: one an asset when it ends; on a terminal also those that are running."""

from __future__ import annotations

import time
from itertools import groupby
from types import TracebackType
from typing import TYPE_CHECKING

from rich.text import Text

from bridge.cli.drawing import started
from bridge.cli.terminal import Terminal, line, shown_path, symbol
from bridge.cli.words import count, duration

if TYPE_CHECKING:
    from rich.live import Live

    from bridge.execution import Plan, Step, StepResult
    from bridge.keys import AssetKey

_NAME_AT_MOST = 60
_INDENT = 6
_RUNNING_AT_MOST = 8  # lines of what is running now
_BAR = 30
_LONG_S = 1.0  # a run that is over sooner needs no bar


class Progress:
    """Hears of each step as it begins and ends; use it as a context manager around the run."""

    def __init__(self, terminal: Terminal, todo: Plan) -> None:
        self._terminal = terminal
        names = {name for step in todo.steps for name in step.partitions if name is not None}
        self._several = len(names) > 1
        self._wide = min(
            _NAME_AT_MOST,
            max(len(self._name(key, step.partition)) for step in todo.steps for key in step.keys),
        )
        self._total = sum(_size(step) for step in todo.steps)
        self._done = 0
        self._begin = time.perf_counter()
        self._running: dict[int, tuple[Step, float]] = {}  # by the step's identity
        self._heard: dict[int, list[StepResult]] = {}  # of calls for several partitions
        self._live: Live | None = None

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def __call__(self, step: Step, result: StepResult | None) -> None:
        """`result` is None where the step begins."""
        if result is None:
            self._draw()
            self._running[id(step)] = (step, time.perf_counter())
            return
        self._done += 1
        heard = [result]
        if len(step.partitions) > 1:
            heard = self._heard.setdefault(id(step), [])
            heard.append(result)
            if len(heard) < _size(step):
                return
            self._heard.pop(id(step))
        begin = self._running[id(step)][1] if id(step) in self._running else None
        if result.key == step.keys[-1]:
            self._running.pop(id(step), None)
        took_s = None if begin is None else time.perf_counter() - begin
        for _, same in groupby(heard, _outcome):
            self._say(step, list(same), took_s)

    def _say(self, step: Step, results: list[StepResult], took_s: float | None) -> None:
        """What became of an asset; of several partitions without a gap in one line."""
        first, last = results[0], results[-1]
        partition = first.partition
        if len(results) > 1:
            partition = f"{first.partition}...{last.partition}"
        if _size(step) > len(results):
            parts = [r.event.duration_s for r in results if r.event and r.event.duration_s]
            took_s = sum(parts) if parts else None
        rows = [r.event.row_count for r in results if r.event and r.event.row_count is not None]
        shown = self._line(first, partition, sum(rows) if rows else None, took_s)
        self._terminal.say(shown)
        for detail in self._details(step, first):
            self._terminal.say(Text.assemble(" " * _INDENT, detail))

    def _draw(self) -> None:
        """Begin to show what is running, on a terminal.

        Not before the first step: drawing has a thread, and workers are forked before that.
        """
        if self._live is None and self._terminal.out.is_terminal:
            self._live = started(self._terminal.out, self._now)

    def _now(self) -> Text:
        now = time.perf_counter()
        lines = []
        for step, begin in list(self._running.values())[:_RUNNING_AT_MOST]:
            took = duration(now - begin).rjust(8)
            name = self._name(step.key, step.partition)
            lines.append(
                Text.assemble("  ", symbol("running"), f" {name:<{self._wide}} {took:>23}")
            )
        if self._total > 1 and now - self._begin > _LONG_S:
            lines.append(self._bar(now - self._begin))
        return Text("\n").join(lines)

    def _bar(self, elapsed_s: float) -> Text:
        """How much of the run is done, and since when it runs."""
        full = _BAR * self._done // self._total
        return Text.assemble(
            "  ",
            ("━" * full, "blue"),
            ("─" * (_BAR - full), "dim"),
            f" {self._done:,} of {self._total:,}",
            (f"   {duration(elapsed_s)}", "dim"),
        )

    def _line(
        self, result: StepResult, partition: str | None, row_count: int | None, took_s: float | None
    ) -> Text:
        name = f"{self._name(result.key, partition):<{self._wide}}"
        if result.status == "omitted":
            return line("skipped", f"{name}   {result.message}")
        if result.status == "skipped":
            return line("skipped", f"{name}   skipped, {result.message}")
        if result.status == "refused":
            return line("refused", f"{name}   refused")
        if result.status == "canceled":
            return line("failed", f"{name}   {result.message}")
        rows = "" if row_count is None else count(row_count, "row")
        took = "" if took_s is None else duration(took_s)
        return line(
            "failed" if result.is_failure else "succeeded", f"{name} {rows:>14} {took:>8}".rstrip()
        )

    def _details(self, step: Step, result: StepResult) -> list[Text]:
        if result.status in ("skipped", "omitted", "canceled"):
            return []
        details = [
            Text(text, "red") for text in (result.traceback or result.message or "").splitlines()
        ]
        for report in result.checks:
            if report.outcome.passed:
                continue
            word, style = (
                ("failed", "red") if report.outcome.severity == "ERROR" else ("warned", "yellow")
            )
            said = f": {report.message}" if report.message else ""
            details.append(Text(f"check {word} {report.outcome.name}{said}", style))
        if result.is_failure and result.status != "refused":
            details.append(Text(f"at {shown_path(step.place.file)}:{step.place.line}", "dim"))
        return details

    def _name(self, key: AssetKey, partition: str | None) -> str:
        return f"{key} {partition}" if self._several and partition else str(key)


def _size(step: Step) -> int:
    """How many results a step has."""
    return len(step.keys) * len(step.partitions)


def _outcome(result: StepResult) -> tuple[object, ...]:
    """What is said of a result, but for its partition."""
    wrong = ((r.outcome.name, r.message) for r in result.checks if not r.outcome.passed)
    return (result.key, result.status, result.is_failure, result.message, *wrong)
