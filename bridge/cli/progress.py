"""The lines of a run: one an asset when it ends; on a terminal also the one that is running."""

from __future__ import annotations

import time
from types import TracebackType
from typing import TYPE_CHECKING

from rich.live import Live
from rich.text import Text

from bridge.cli.terminal import Terminal, line, shown_path, symbol
from bridge.cli.words import count, duration

if TYPE_CHECKING:
    from bridge.execution import Plan, Step, StepResult
    from bridge.keys import AssetKey

_NAME_AT_MOST = 60
_INDENT = 6


class Progress:
    """Hears of each step as it begins and ends; use it as a context manager around the run."""

    def __init__(self, terminal: Terminal, todo: Plan) -> None:
        self._terminal = terminal
        self._several = (
            len({step.partition for step in todo.steps if step.partition is not None}) > 1
        )
        self._wide = min(
            _NAME_AT_MOST,
            max(len(self._name(key, step.partition)) for step in todo.steps for key in step.keys),
        )
        self._left = sum(len(step.keys) for step in todo.steps)
        self._running: tuple[Step, float] | None = None
        self._live: Live | None = None

    def __enter__(self) -> Progress:
        if self._terminal.out.is_terminal:
            self._live = Live(
                console=self._terminal.out,
                get_renderable=self._now,
                transient=True,
                refresh_per_second=4,
                redirect_stderr=False,
            )
            self._live.start()
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
            self._running = (step, time.perf_counter())
            return
        begin = None if self._running is None else self._running[1]
        self._running = None
        self._left -= 1
        took_s = None if begin is None else time.perf_counter() - begin
        if len(step.keys) > 1:
            took_s = None if result.event is None else result.event.duration_s
        self._terminal.say(self._line(result, took_s))
        for detail in self._details(step, result):
            self._terminal.say(Text.assemble(" " * _INDENT, detail))

    def _now(self) -> Text:
        if self._running is None:
            return Text("")
        step, begin = self._running
        took = duration(time.perf_counter() - begin).rjust(8)
        name = self._name(step.key, step.partition)
        more = f"   {count(self._left - 1, 'more', 'more')}" if self._left > 1 else ""
        return Text.assemble(
            "  ",
            symbol("running"),
            f" {name:<{self._wide}}{took}",
            (more, "dim"),
        )

    def _line(self, result: StepResult, took_s: float | None) -> Text:
        name = f"{self._name(result.key, result.partition):<{self._wide}}"
        if result.status == "omitted":
            return line("skipped", f"{name}   {result.message}")
        if result.status == "skipped":
            return line("skipped", f"{name}   skipped, {result.message}")
        if result.status == "refused":
            return line("refused", f"{name}   refused")
        event = result.event
        rows = "" if event is None or event.row_count is None else count(event.row_count, "row")
        took = "" if took_s is None else duration(took_s)
        return line(
            "failed" if result.is_failure else "succeeded", f"{name} {rows:>14} {took:>8}".rstrip()
        )

    def _details(self, step: Step, result: StepResult) -> list[Text]:
        if result.status in ("skipped", "omitted"):
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
