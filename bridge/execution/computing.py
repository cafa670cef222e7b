"""One call of a user's function: what it gives is stored and recorded asset by asset.

A call for several partitions is recorded for each of them, in one transaction an asset.
"""

from __future__ import annotations

import inspect
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from bridge.assets import AssetsDefinition
from bridge.checks import AssetCheckKey, AssetCheckResult, AssetCheckSpec, spec_answered
from bridge.context import AssetExecutionContext
from bridge.errors import (
    BridgeError,
    ClaimLostError,
    ConfigError,
    DefinitionError,
    Failure,
    OutputError,
    PartitionError,
)
from bridge.events import AssetEvent, metadata_values
from bridge.execution.checking import reported
from bridge.execution.heartbeat import Heartbeat
from bridge.execution.outcome import (
    CheckReport,
    StepResult,
    Writer,
    first_line,
    user_trace,
)
from bridge.execution.plan import Step
from bridge.execution.provenance import OwnPast, input_versions, own_past
from bridge.execution.storing import Facts, Storing
from bridge.execution.values import (
    config_of,
    given_arguments,
    load_inputs,
)
from bridge.keys import AssetKey
from bridge.recency import RunInstance
from bridge.results import MaterializeResult, ObserveResult, Output
from bridge.staleness import default_data_version
from bridge.store import Claim

_RESULTS = (Output, MaterializeResult, ObserveResult, AssetCheckResult)
# Whoever calls again gets the same answer.
_SAME_AGAIN = (ConfigError, DefinitionError, PartitionError)


class Computation:
    """A step's function under way: `pending` assets are still to come, `results` are there.

    A second `attempt` computes what the first did not get to. Claims in `kept` are not given back.
    """

    def __init__(
        self,
        step: Step,
        definition: AssetsDefinition,
        writer: Writer,
        claims: Mapping[AssetKey, Sequence[Claim]],
        kept: Claim | None,
        heartbeat: Heartbeat,
    ) -> None:
        self.step = step
        self.definition = definition
        self.writer = writer
        self.pending = list(step.keys)
        self.results: dict[AssetKey, list[StepResult]] = {}
        self._claims = claims
        self._kept = kept
        self._heartbeat = heartbeat
        self._reports: dict[AssetCheckKey, CheckReport] = {}
        self._number = 0
        self._begin = 0.0
        self._read: dict[AssetKey, list[dict[AssetKey, str]]] = {}
        self._past: dict[AssetKey, OwnPast | None] = {}
        self._context = self._new_context()

    def attempt(self) -> Exception | None:
        """Call the function once; what kept it from computing all there was, None if nothing.

        Records a failure and goes on where the process is about to end.
        """
        self._number += 1
        self._begin = time.perf_counter()
        self._context = self._new_context()
        try:
            self._note_versions_read()
            for result in self._given(self.definition.function(**self._arguments())):
                self._take(result)
            self._end()
        except Exception as error:  # noqa: BLE001 - user code
            return error
        except BaseException as error:
            self.fail(error)
            raise
        return None

    def fail(self, error: BaseException) -> None:
        """Record that everything still to come has failed, or was refused."""
        for key in tuple(self.pending):
            events: list[AssetEvent] = []
            if isinstance(error, ClaimLostError):
                self._give_back(key)
            else:
                noted = metadata_values(error.metadata) if isinstance(error, Failure) else {}
                said = {
                    "message": first_line(error),
                    "metadata": self._context.metadata_of(key) | noted,
                }
                events = self._events("failure", key, [said] * len(self.step.partitions))
                self._record_failure(key, events)
            self._ended(
                key,
                events,
                status="failed" if events else "refused",
                message=first_line(error),
                traceback=None if isinstance(error, BridgeError) else user_trace(error),
                is_final=_is_final(error),
            )

    def finished(self) -> tuple[StepResult, ...]:
        """One result for each asset and partition, in the step's order."""
        return tuple(result for key in self.step.keys for result in self.results[key])

    def has_made(self, key: AssetKey) -> bool:
        """Whether an asset was computed, all of its partitions."""
        return self.results[key][0].status == "succeeded"

    def reports_of(self, key: AssetKey) -> tuple[CheckReport, ...]:
        """What the function itself answered about one asset."""
        return tuple(report for check, report in self._reports.items() if check.asset_key == key)

    def _new_context(self) -> AssetExecutionContext:
        pending = self.pending if self.definition.can_subset else self.step.keys
        return AssetExecutionContext(
            asset_key=pending[0],
            run_id=self.writer.run_id,
            partitions_def=self.definition.specs[0].partitions_def,
            partitions=[name for name in self.step.partitions if name is not None],
            attempt=self.writer.attempt + max(self._number - 1, 0),
            log=self.writer.log,
            outputs={self.definition.output_name(key): key for key in pending},
            selected_asset_check_keys=frozenset(
                check.key for check in self.definition.check_specs if check.asset_key in pending
            ),
            given=self.writer.resources,
            instance=RunInstance(self.writer.store, self.writer.graph),
        )

    def _arguments(self) -> dict[str, Any]:
        definition, taken = self.definition, self.definition.arguments
        arguments = load_inputs(
            definition.function,
            taken,
            graph=self.writer.graph,
            of=self.step.key,
            partitions=self.step.partitions,
            resources=self.writer.resources,
            now=datetime.now(timezone.utc),
        )
        if taken.resources:
            arguments |= given_arguments(taken, self.writer.resources, definition.name)
        if taken.config is not None:
            self._context.config = config_of(definition, self.writer.run_config)
            arguments["config"] = self._context.config
        if taken.context is not None:
            arguments[taken.context] = self._context
        return arguments

    def _given(self, value: object) -> Iterator[object]:
        """The results in what a function returned: several of a generator or a tuple."""
        definition = self.definition
        several = len(definition.specs) + len(definition.check_specs) > 1
        if inspect.isgenerator(value):
            for each in value:
                if not isinstance(each, _RESULTS):
                    raise OutputError(
                        f"{definition.name} yielded a {type(each).__name__}; yield Output, "
                        f"MaterializeResult or AssetCheckResult. At {definition.place}"
                    )
                yield each
        elif (
            isinstance(value, AssetCheckResult)
            or not several
            or not isinstance(value, (tuple, list))
        ):
            yield value
        else:
            values = [each for each in value if not isinstance(each, _RESULTS)]
            names = list(self._context.outputs)
            if values and len(values) != len(names):
                raise OutputError(
                    f"{definition.name} returned {len(values)} values for {len(names)} outputs "
                    f"({', '.join(names)}). At {definition.place}"
                )
            named = iter(names)
            for each in value:
                yield each if isinstance(each, _RESULTS) else Output(each, next(named))

    def _take(self, result: object) -> None:
        """Store and record one result; an asset that is there already is not stored again."""
        if isinstance(result, AssetCheckResult):
            self.writer.store.record(self._answers(result))
            return
        if self.definition.is_observation:
            result = self._seen(result)
        key = self._key_of(result)
        if key not in self.pending:
            return
        said = getattr(result, "data_version", None)
        version = None if said is None else str(said)
        facts: list[Facts]
        if isinstance(result, ObserveResult):
            kind = "observation"
            seen = {"metadata": metadata_values(result.metadata), "data_version": version}
            facts = [dict(seen) for _ in self.step.partitions]
        else:
            kind, facts = "materialization", self._store(key, result)
            for said, versions in zip(facts, self._versions(key, version), strict=True):
                said.update(versions)
        noted = self._context.metadata_of(key)
        for said in facts:
            said["metadata"] = noted | said["metadata"]
        checks: Iterable[AssetCheckResult] = getattr(result, "check_results", ())
        answers = [answer for check in checks for answer in self._answers(check, key)]
        events = self._events(kind, key, facts)
        self._record(key, [*events, *answers])
        self._ended(key, events, status="succeeded")

    def _seen(self, result: object) -> ObserveResult:
        if isinstance(result, ObserveResult):
            return result
        if isinstance(result, str):
            return ObserveResult(data_version=str(result))
        raise OutputError(
            f"{self.definition.name} observes, and returned a {type(result).__name__}; return an "
            f"ObserveResult or a data version as text. At {self.definition.place}"
        )

    def _key_of(self, result: object) -> AssetKey:
        definition = self.definition
        if isinstance(result, Output) and result.output_name is not None:
            named = dict(zip(definition.output_names, definition.keys, strict=True))
            if result.output_name in named:
                return named[result.output_name]
            said = f"output_name={result.output_name!r}"
        elif getattr(result, "asset_key", None) is not None:
            key = AssetKey.from_coercible(result.asset_key)  # type: ignore[attr-defined]
            if key in definition.keys:
                return key
            said = f"asset_key={key}"
        elif len(definition.keys) == 1:
            return definition.keys[0]
        elif len(self.step.keys) == 1 and definition.can_subset:
            return self.step.keys[0]
        else:
            said = f"one {type(result).__name__} without a name"
        raise OutputError(
            f"{definition.name} gave {said}; it computes {', '.join(map(str, definition.keys))} "
            f"under the names {', '.join(definition.output_names)}. At {definition.place}"
        )

    def _store(self, key: AssetKey, result: object) -> list[Facts]:
        held = self._claims[key]
        storing = Storing(
            key=key,
            definition=self.definition,
            partitions=self.step.partitions,
            writer=self.writer,
            metadata=self._context.metadata_of(key),
            confirm=lambda numbers: self._heartbeat.confirm(*held[numbers]),
        )
        return storing.store(result)

    def _answers(self, result: AssetCheckResult, key: AssetKey | None = None) -> list[AssetEvent]:
        """What the function answered to one of its own checks, for each partition."""
        specs = self.definition.check_specs
        spec = spec_answered(result, [s for s in specs if key is None or s.asset_key == key])
        return self._reported(spec, result, "")

    def _reported(
        self, spec: AssetCheckSpec, result: AssetCheckResult | None, why_not: str
    ) -> list[AssetEvent]:
        events = []
        for name in self.step.partitions:
            event, self._reports[spec.key] = reported(
                spec, result, why_not, partition=name, writer=self.writer, metadata={}
            )
            events.append(event)
        return events

    def _end(self) -> None:
        """What the function did not give is stored by itself, left out, or an error."""
        missing = []
        for key in tuple(self.pending):
            spec = next(spec for spec in self.definition.specs if spec.key == key)
            if spec.skippable:
                self._give_back(key)
                self._ended(key, status="omitted", message=f"{self.definition.name} left it out")
            elif self.definition.passes_values:
                missing.append(str(key))
            else:
                noted = self._context.metadata_of(key)
                facts = [{"metadata": noted, **each} for each in self._versions(key, None)]
                events = self._events("materialization", key, facts)
                self._record(key, events)
                self._ended(key, events, status="succeeded")
        if missing:
            raise OutputError(
                f"{self.definition.name} ended without {', '.join(missing)}. Yield it, or declare "
                f"that it may be left out. At {self.definition.place}"
            )
        why_not = f"{self.definition.name} did not answer it"
        for check in self.definition.check_specs:
            is_made = check.asset_key in self.results and self.has_made(check.asset_key)
            if is_made and check.key not in self._reports:
                self.writer.store.record(self._reported(check, None, why_not))

    def _note_versions_read(self) -> None:
        names, now = self.step.partitions, datetime.now(timezone.utc)
        graph, store = self.writer.graph, self.writer.store
        self._read = {k: input_versions(k, names, graph, store, now) for k in self.pending}
        self._past = {k: own_past(k, names, graph, store, now) for k in self.pending}

    def _versions(self, key: AssetKey, given: str | None) -> list[dict[str, Any]]:
        """What is recorded of versions; what this function made before counts as read now."""
        spec = next(spec for spec in self.definition.specs if spec.key == key)
        past, now = self._past[key], datetime.now(timezone.utc)
        found: list[dict[str, Any]] = []
        for number, read in enumerate(self._read[key]):
            if past is not None:
                read[key] = past.version(number)
            for dep in read.keys() & self.results.keys():
                made = self.results[dep][number].event
                if made is not None and made.data_version is not None:
                    read[dep] = made.data_version
            version = given or default_data_version(spec.code_version, read)
            if past is not None:
                past.add(self.step.partitions[number], now, version)
            found.append(
                {
                    "happened_at": now,
                    "code_version": spec.code_version,
                    "data_version": version,
                    "input_versions": {str(dep): version for dep, version in read.items()},
                }
            )
        return found

    def _events(
        self, kind: Any, key: AssetKey, facts: Sequence[Mapping[str, Any]]
    ) -> list[AssetEvent]:
        """One event for each partition; each has an equal share of the time that the call took."""
        begin, now = self._begin, time.perf_counter()
        if kind != "failure":
            self._begin = now  # the next asset's time begins where this one's ends
        if "happened_at" not in facts[0]:
            happened_at = datetime.now(timezone.utc)
            facts = [{"happened_at": happened_at, **said} for said in facts]
        took_s = round((now - begin) / len(facts), 6)
        return [
            AssetEvent(
                kind=kind,
                key=key,
                partition=name,
                source=self.writer.source,
                run_id=self.writer.run_id,
                duration_s=took_s,
                **said,
            )
            for name, said in zip(self.step.partitions, facts, strict=True)
        ]

    def _record(self, key: AssetKey, events: list[AssetEvent]) -> None:
        held = self._claims.get(key, ())
        is_kept = len(held) == 1 and held[0] is self._kept
        claim = held[0] if len(held) == 1 else held or None
        self.writer.store.record(events, claim=claim, release=not is_kept)

    def _record_failure(self, key: AssetKey, failures: list[AssetEvent]) -> None:
        """Record how user code failed; an unreachable store must not hide the user's own error."""
        try:
            self._record(key, failures)
        except BridgeError as error:
            self.writer.log.warning("the failure of %s could not be recorded: %s", key, error)

    def _give_back(self, key: AssetKey) -> None:
        held = [claim for claim in self._claims.get(key, ()) if claim is not self._kept]
        if held:
            self.writer.store.release(*held)

    def _ended(self, key: AssetKey, events: Sequence[AssetEvent] = (), **said: Any) -> None:
        self.pending.remove(key)
        self._heartbeat.drop(*self._claims.get(key, ()))
        self.results[key] = [
            StepResult(
                key=key,
                partition=name,
                attempts=self._number,
                event=events[number] if events else None,
                **said,
            )
            for number, name in enumerate(self.step.partitions)
        ]


def _is_final(error: BaseException) -> bool:
    """Whether a retry is of no use: its function says so, or what is wrong stays wrong."""
    if isinstance(error, Failure):
        return not error.allow_retries
    return isinstance(error, _SAME_AGAIN)
