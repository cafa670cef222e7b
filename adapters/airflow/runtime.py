"""What a DAG file imports: the operators of generated tasks, and the functions they call.

Importing this loads nothing but names of Airflow; the core and user code come when a task runs.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from adapters.airflow.compat import AirflowSkipException, BaseOperator, BaseSensorOperator

if TYPE_CHECKING:
    from adapters.airflow.steps import (
        WhichChecks,
        pass_gate,
        run_asset,
        run_assets,
        run_check,
        run_checks,
    )

__all__ = [
    "AssetCheckOperator",
    "AssetGateOperator",
    "AssetOperator",
    "AssetSensor",
    "FusedAssetsOperator",
    "MultiAssetCheckOperator",
    "MultiAssetOperator",
    "pass_gate",
    "run_asset",
    "run_assets",
    "run_check",
    "run_checks",
]

_ONE_DAY_S = 86_400.0
_FAILED_DEFERRAL = "__fail__"  # both versions resume with this
_KILLED = 143  # 128 + SIGTERM, as shells say it


def __getattr__(name: str) -> Any:
    """A function of `adapters.airflow.steps`, which loads the core."""
    if name not in __all__:
        raise AttributeError(f"module 'adapters.airflow.runtime' has no attribute {name!r}")
    return getattr(importlib.import_module("adapters.airflow.steps"), name)


class _EndsWell:
    """A task that, when killed, ends the user's code so that its failure is recorded.

    `python` is the interpreter that runs that code, None for Airflow's own.

    No operator itself: Airflow copies all default arguments once for each operator class above
    another.
    """

    dag: Any
    python: str | None
    _is_running = False

    def __init__(
        self, *, made_from: Sequence[str] | Mapping[str, Sequence[str]] = (), **kwargs: Any
    ) -> None:
        """`made_from`: for those who read the file, the URIs that the outlets are made from."""
        super().__init__(**kwargs)
        self.made_from = made_from

    def _do(self, call: str, words: Sequence[Any], context: Any, **options: Any) -> Any:
        """What `<module>.<function>` of this package returns, for the project of the DAG file.

        That is the one around it, unless BRIDGE_PROJECT names another.
        """
        start = Path(self.dag.fileloc).parent
        self._is_running = True
        try:
            if self.python is not None:
                isolated = importlib.import_module("adapters.airflow.isolated.calling")
                return isolated.call_isolated(
                    self.python, call, tuple(words), context, start=start, options=options
                )
            attempt = importlib.import_module("adapters.airflow.attempt")  # loads the core
            with attempt.told_to_airflow():
                here = attempt.Environment.open(start)
            module, _, name = call.partition(".")
            function = getattr(importlib.import_module(f"adapters.airflow.{module}"), name)
            return function(*words, context, environment=here, **options)
        finally:
            self._is_running = False

    def on_kill(self) -> None:
        """End what runs; its claim is given back with the record of its failure.

        Airflow 3 calls this on SIGTERM and then lets the code go on until SIGKILL. It retries after
        SystemExit, but not after the exception with which 2.11 ends a task.
        """
        if self._is_running:
            raise SystemExit(_KILLED)


class AssetOperator(_EndsWell, BaseOperator):
    """Computes an asset, or the run's partition of it, with its checks that do not block."""

    def __init__(
        self,
        *,
        asset_key: str,
        checks: WhichChecks = "beside",
        fingerprint: str | None = None,
        python: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.fingerprint = fingerprint
        self.python = python
        self.asset_key = asset_key
        self.checks: WhichChecks = checks

    def execute(self, context: Any) -> Any:
        """Compute it; the result says what was recorded."""
        facts = self._do(
            "steps.run_asset",
            [self.asset_key],
            context,
            checks=self.checks,
            retries_here=False,
            fingerprint=self.fingerprint,
        )
        if facts.get("left_out"):
            raise AirflowSkipException(f"{self.asset_key} was left out by its function.")
        return facts


class MultiAssetOperator(_EndsWell, BaseOperator):
    """Computes the assets of one function in one call, with the checks that no task of theirs asks.

    It succeeds also where the function leaves an asset out: a task after it is skipped then.
    """

    def __init__(
        self,
        *,
        asset_keys: Sequence[str],
        fingerprint: str | None = None,
        python: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.python = python
        self.fingerprint = fingerprint
        self.asset_keys = asset_keys

    def execute(self, context: Any) -> Any:
        """Compute them; the result says what was recorded of each."""
        return self._do(
            "steps.run_assets", [list(self.asset_keys)], context, fingerprint=self.fingerprint
        )


class FusedAssetsOperator(_EndsWell, BaseOperator):
    """Computes the assets of several functions one after the other, each with all its checks.

    What is downstream of a failure is not computed, and the task fails at its end; a retry does
    what is not done yet. Its success is an event of each asset that was made.
    """

    def __init__(
        self,
        *,
        asset_keys: Sequence[str],
        fingerprint: str | None = None,
        python: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.python = python
        self.fingerprint = fingerprint
        self.asset_keys = asset_keys

    def execute(self, context: Any) -> Any:
        """Compute them; the result says what was recorded of each."""
        return self._do(
            "fused.run_fused", [list(self.asset_keys)], context, fingerprint=self.fingerprint
        )


class AssetCheckOperator(_EndsWell, BaseOperator):
    """Answers one check; fails, so that downstream does not run, where it blocks and the data
    fails.
    """

    def __init__(
        self, *, asset_key: str, check_name: str, python: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.python = python
        self.asset_key = asset_key
        self.check_name = check_name

    def execute(self, context: Any) -> Any:
        """Answer it; the result says how."""
        return self._do("steps.run_check", [self.asset_key, self.check_name], context)


class MultiAssetCheckOperator(_EndsWell, BaseOperator):
    """Answers the checks of one function, each written `asset:name`; fails as one check does."""

    def __init__(self, *, checks: Sequence[str], python: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.python = python
        self.checks = checks

    def execute(self, context: Any) -> Any:
        """Answer them; the result says how."""
        return self._do("steps.run_checks", [list(self.checks)], context)


class AssetGateOperator(_EndsWell, BaseOperator):
    """Comes after all blocking checks of an asset, or after a function that may leave it out.

    It tells other DAGs that the asset was updated, and is skipped where it was left out.
    """

    def __init__(self, *, asset_key: str, python: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.python = python
        self.asset_key = asset_key

    def execute(self, context: Any) -> Any:
        """Tell them; the result says what."""
        return self._do("steps.pass_gate", [self.asset_key], context)


class AssetSensor(_EndsWell, BaseSensorOperator):
    """Waits until the partitions that the run's partition of `asset_keys` reads are there.

    Whoever makes them, and has recorded it in the store; `waits_for` says of which assets, and who
    writes each. It defers; where no triggerer takes that up, it is rescheduled from then on.
    """

    def __init__(
        self,
        *,
        asset_keys: Sequence[str],
        waits_for: Mapping[str, str],
        timeout: float = _ONE_DAY_S,
        python: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(timeout=timeout, mode="reschedule", **kwargs)
        self.python = python
        self.asset_keys = asset_keys
        self.waits_for = waits_for

    def execute(self, context: Any) -> None:
        """Look; then wait, give up, or end."""
        self._wait(context)

    def look_again(self, context: Any, event: Mapping[str, Any]) -> None:
        """Look after a trigger has fired."""
        self._wait(context, since=event["since"])

    def resume_execution(
        self, next_method: str, next_kwargs: dict[str, Any] | None, context: Any
    ) -> Any:
        """Go on after a deferral; one that failed, or that nobody took up, was the last."""
        if next_method == _FAILED_DEFERRAL:
            said = next_kwargs or {}
            self.log.warning(
                "No triggerer (%s), so this task looks itself from now on. %s",
                said.get("error", "unknown error"),
                "".join(said.get("traceback") or ()),
            )
            return self._wait(context, defers=False)
        return super().resume_execution(next_method, next_kwargs, context)

    def look(self, context: Any) -> Any:
        """Why it has to wait, None if it has not, and for what."""
        return self._do("looking.look", [list(self.asset_keys), dict(self.waits_for)], context)

    def _wait(self, context: Any, *, since: str | None = None, defers: bool = True) -> None:
        waiting = importlib.import_module("adapters.airflow.waiting")
        here = waiting.Environment.open(Path(self.dag.fileloc).parent)
        stint = waiting.stint_or_none(self, context, here, since=since, defers=defers)
        if stint is not None:
            trigger = importlib.import_module("adapters.airflow.trigger").PartitionsTrigger(
                project=stint.project,
                awaited=stint.awaited,
                poke_interval_s=self.poke_interval,
                since=stint.since.isoformat(),
                until=stint.until.isoformat(),
            )
            self.defer(trigger=trigger, method_name="look_again", timeout=stint.timeout)
