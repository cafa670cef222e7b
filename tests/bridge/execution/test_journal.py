"""The history of a run: complete, and free where there is nothing to tell."""

from __future__ import annotations

import sys
from collections.abc import Callable

from bridge import AssetKey, RetryPolicy, asset, asset_check
from bridge.execution import RunResult
from bridge.execution.capture import HEAD, TAIL
from bridge.store import Store

Run = Callable[..., RunResult]


@asset
def quiet() -> None: ...


@asset
def broken() -> None:
    raise ValueError("no such column")


@asset(deps=[broken])
def after() -> None: ...


def steps(store: Store, result: RunResult) -> dict[str, str]:
    return {str(step.key): step.status for step in store.steps(result.run_id)}


def test_every_step_is_in_the_history(run: Run, store: Store) -> None:
    result = run(quiet, broken, after)

    found = {str(step.key): step for step in store.steps(result.run_id)}
    assert {name: step.status for name, step in found.items()} == {
        "quiet": "succeeded",
        "broken": "failed",
        "after": "skipped",
    }
    assert found["after"].message == "broken failed"
    assert found["after"].cause == AssetKey("broken")
    assert found["broken"].is_failure


def test_what_is_printed_and_logged_is_kept_with_the_step(run: Run, store: Store, capsys) -> None:
    @asset
    def loud(context) -> None:
        sys.stdout.write("out\n")
        sys.stderr.write("err\n")
        context.log.info("logged %d", 3)

    result = run(loud, quiet)

    (text,) = store.step_texts(result.run_id)
    assert (text.stdout, text.stderr) == ("out\n", "err\n")
    assert [(line.level, line.message) for line in text.log] == [("INFO", "logged 3")]
    assert capsys.readouterr().out == "out\n", "it is let through as well"


def test_much_output_keeps_its_begin_and_its_end(run: Run, store: Store, capsys) -> None:
    @asset
    def loud() -> None:
        sys.stdout.write("begin\n")
        for _ in range(200):
            sys.stdout.write("x" * 10_000)
        sys.stdout.write("\nend")

    result = run(loud)

    (text,) = store.step_texts(result.run_id)
    assert text.stdout.startswith("begin\n")
    assert text.stdout.endswith("\nend")
    assert len(text.stdout) < HEAD + TAIL + 100
    assert "characters left out …]" in text.stdout


def test_much_that_is_logged_keeps_its_begin_and_its_end(run: Run, store: Store) -> None:
    @asset
    def loud(context) -> None:
        for number in range(1000):
            context.log.info("%d %s", number, "x" * 1000)

    result = run(loud)

    (text,) = store.step_texts(result.run_id)
    assert text.log[0].message.startswith("0 ")
    assert text.log[-1].message.startswith("999 ")
    assert any("lines left out" in line.message for line in text.log)


def test_attempts_are_counted(run: Run, store: Store) -> None:
    @asset(retry_policy=RetryPolicy(max_retries=2))
    def flaky(context) -> None:
        if context.attempt < 3:
            raise ValueError("not yet")

    result = run(flaky)

    (step,) = store.steps(result.run_id)
    assert (step.status, step.attempts) == ("succeeded", 3)


def test_a_check_that_raises_is_a_failure_in_the_history(run: Run, store: Store) -> None:
    @asset_check(asset=quiet, blocking=False)
    def raises() -> bool:
        raise ValueError("cannot say")

    result = run(quiet, raises)

    (step,) = store.steps(result.run_id)
    assert (step.status, step.is_failure, step.failed_checks) == ("succeeded", True, ("raises",))


def test_a_silent_run_writes_nothing_beyond_its_events(run: Run, store: Store) -> None:
    noted: list[object] = []
    store.note_steps = lambda *given: noted.append(given)  # type: ignore[method-assign]

    assert run(quiet).success

    assert noted == []
