"""How a backfill comes along: what fails as it fails, and on a terminal a bar."""

from __future__ import annotations

import time
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING

from rich.text import Text

from bridge.cli.drawing import started
from bridge.cli.terminal import Terminal, line
from bridge.cli.words import count, duration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.live import Live

    from bridge.runs import Run
    from bridge.store import Backfill, BackfillCounts, Store

_BAR = 28
_MOST_FAILURES = 20
_INDENT = 6


class BackfillProgress:
    """Hears of a backfill after every look at it; use it as a context manager around the work."""

    def __init__(self, terminal: Terminal, store: Store, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._terminal = terminal
        self._store = store
        self._open: set[str] = set()
        self._told = 0
        self._begin: tuple[float, int] | None = None
        self._counts: BackfillCounts | None = None
        self._live: Live | None = None

    def __enter__(self) -> BackfillProgress:
        if self._terminal.out.is_terminal and not self._quiet:
            self._live = started(self._terminal.out, self._now)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._live is not None:
            self._live.stop()
        if self._told > _MOST_FAILURES and not self._quiet:
            more = count(self._told - _MOST_FAILURES, "more run", "more runs")
            self._terminal.say(line("failed", f"{more} that did not succeed"))

    def __call__(self, backfill: Backfill) -> None:
        """Take note of how far it is; say which runs have failed since."""
        self._counts = self._seen(backfill)
        if self._begin is None:
            self._begin = (time.perf_counter(), backfill.counts.materialized)
        now_open = set(backfill.progress.open_runs)
        gone = self._open - now_open
        self._open = now_open
        if not gone or self._quiet:
            return
        ended, _ = self._store.ended_runs(gone)
        for run in sorted(ended, key=lambda run: run.created_at):
            if run.status == "succeeded" or backfill.status in ("paused", "canceling", "canceled"):
                continue
            self._told += 1
            if self._told <= _MOST_FAILURES:
                for text in self._failure(run):
                    self._terminal.say(text)

    def _seen(self, backfill: Backfill) -> BackfillCounts:
        """The counts, with what runs of many partitions have made by now."""
        counts, open_runs = backfill.counts, backfill.progress.open_runs
        if self._live is None or counts.under_way <= len(open_runs):
            return counts
        made = min(len(self._store.made_by(open_runs)), counts.under_way)
        return replace(
            counts, materialized=counts.materialized + made, under_way=counts.under_way - made
        )

    def _failure(self, run: Run) -> Iterator[Text]:
        """What went wrong in a run, one line each."""
        found = False
        for recorded in self._store.events(run_id=run.id, kinds=("failure", "check"), limit=20):
            fact = recorded.event
            if fact.check is not None and not fact.check.stops_downstream:
                continue
            found = True
            at = f" {fact.partition}" if fact.partition else ""
            yield line("failed", f"{fact.key}{at}")
            check = "" if fact.check is None else f"check failed {fact.check.name}: "
            said = (fact.message or "").splitlines()
            yield Text(f"{' ' * _INDENT}{check}{said[0] if said else ''}".rstrip(": "), "red")
        if not found:
            at = f" {run.target.partition}" if run.target.partition else ""
            yield line("failed", f"{run.selection}{at}   {run.message or run.status}")

    def _now(self) -> Text:
        if self._counts is None or self._begin is None:
            return Text("")
        counts = self._counts
        ended = counts.materialized + counts.failed + counts.blocked + counts.omitted
        share = ended / counts.total if counts.total else 1.0
        filled = round(share * _BAR)
        failed = f"  {counts.failed:,} failed" if counts.failed else ""
        return Text.assemble(
            "  ",
            ("━" * filled, "blue"),
            ("━" * (_BAR - filled), "dim"),
            f"  {share:4.0%}  {ended:,} of {counts.total:,}{failed}",
            (self._time_left(counts), "dim"),
        )

    def _time_left(self, counts: BackfillCounts) -> str:
        assert self._begin is not None  # noqa: S101 - set with the counts
        begin, before = self._begin
        done = counts.materialized - before
        if done <= 0:
            return ""
        each = (time.perf_counter() - begin) / done
        return f"  {duration(each * (counts.left + counts.under_way))} left"
