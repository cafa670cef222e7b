"""One call of a user's function: what it gives is stored and recorded asset by asset."""

from __future__ import annotations

import inspect
import time
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timezone
from typing import Any

from bridge.assets import AssetsDefinition
from bridge.checks import AssetCheckKey, AssetCheckResult, spec_answered
from bridge.context import AssetExecutionContext
from bridge.errors import BridgeError, ClaimLostError, Failure, OutputError
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
from bridge.execution.provenance import input_versions
from bridge.execution.values import (
    config_of,
    given_arguments,
    io_manager_of,
    load_inputs,
    require_announced,
    row_count,
    type_name,
)
from bridge.instance import Instance
from bridge.io import OutputContext
from bridge.keys import AssetKey
from bridge.results import NOT_GIVEN, MaterializeResult, ObserveResult, Output
from bridge.staleness import default_data_version
from bridge.store import Claim

_RESULTS = (Output, MaterializeResult, ObserveResult, AssetCheckResult)


class Computation:
    """A step's function under way: `pending` assets are still to come, `results` are there.

    A second `attempt` computes what the first did not get to. Claims in `kept` are not given back.
    """

    def __init__(
        self,
        step: Step,
        definition: AssetsDefinition,
        writer: Writer,
        claims: Mapping[AssetKey, Claim],
        kept: Claim | None,
        heartbeat: Heartbeat,
    ) -> None:
        self.step = step
        self.definition = definition
        self.writer = writer
        self.pending = list(step.keys)
        self.results: dict[AssetKey, StepResult] = {}
        self._claims = claims
        self._kept = kept
        self._heartbeat = heartbeat
        self._reports: dict[AssetCheckKey, CheckReport] = {}
        self._number = 0
        self._begin = 0.0
        self._read: dict[AssetKey, dict[AssetKey, str]] = {}
        self._context = self._new_context()

    def attempt(self) -> Exception | None:
        """Call the function once; what kept it from computing all there was, None if nothing.

        Records a failure and goes on where the process is about to end.
        """
        self._number += 1
        self._begin = time.perf_counter()
        self._context = self._new_context()
        try:
            self._read = {key: self._versions_read(key) for key in self.pending}
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
            event = None
            if isinstance(error, ClaimLostError):
                self._give_back(key)
            else:
                noted = metadata_values(error.metadata) if isinstance(error, Failure) else {}
                event = self._event(
                    "failure",
                    key,
                    message=first_line(error),
                    metadata=self._context.metadata_of(key) | noted,
                )
                self._record_failure(event)
            self._ended(
                key,
                status="failed" if event else "refused",
                event=event,
                message=first_line(error),
                traceback=None if isinstance(error, BridgeError) else user_trace(error),
            )

    def finished(self) -> tuple[StepResult, ...]:
        """One result an asset, in the step's order, with the checks that the function answered."""
        return tuple(self.results[key] for key in self.step.keys)

    def reports_of(self, key: AssetKey) -> tuple[CheckReport, ...]:
        """What the function itself answered about one asset."""
        return tuple(report for check, report in self._reports.items() if check.asset_key == key)

    def _new_context(self) -> AssetExecutionContext:
        pending = self.pending if self.definition.can_subset else self.step.keys
        return AssetExecutionContext(
            asset_key=pending[0],
            run_id=self.writer.run_id,
            partitions_def=self.definition.specs[0].partitions_def,
            partitions=() if self.step.partition is None else (self.step.partition,),
            attempt=self.writer.attempt + max(self._number - 1, 0),
            log=self.writer.log,
            outputs={self.definition.output_name(key): key for key in pending},
            selected_asset_check_keys=frozenset(
                check.key for check in self.definition.check_specs if check.asset_key in pending
            ),
            given=self.writer.resources,
            instance=Instance(self.writer.store),
        )

    def _arguments(self) -> dict[str, Any]:
        definition, taken = self.definition, self.definition.arguments
        arguments = load_inputs(
            definition.function,
            taken,
            graph=self.writer.graph,
            of=self.step.key,
            partition=self.step.partition,
            resources=self.writer.resources,
            now=datetime.now(timezone.utc),
        )
        if taken.resources:
            arguments |= given_arguments(taken, self.writer.resources, definition.name)
        if taken.config is not None:
            arguments["config"] = config_of(definition, self.writer.run_config)
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
            self.writer.store.record([self._answer(result)])
            return
        if self.definition.is_observation:
            result = self._seen(result)
        key = self._key_of(result)
        if key not in self.pending:
            return
        if isinstance(result, ObserveResult):
            facts: dict[str, Any] = {"metadata": metadata_values(result.metadata)}
            kind = "observation"
        else:
            facts, kind = self._store(key, result), "materialization"
        facts["metadata"] = self._context.metadata_of(key) | facts["metadata"]
        version = getattr(result, "data_version", None)
        if kind == "materialization":
            facts |= self._versions(key, version)
        else:
            facts["data_version"] = version
        checks: Iterable[AssetCheckResult] = getattr(result, "check_results", ())
        answers = [self._answer(check, key) for check in checks]
        event = self._event(kind, key, **facts)
        self._record(key, [event, *answers])
        self._ended(key, status="succeeded", event=event)

    def _seen(self, result: object) -> ObserveResult:
        if isinstance(result, ObserveResult):
            return result
        if isinstance(result, str):
            return ObserveResult(data_version=result)
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

    def _store(self, key: AssetKey, result: object) -> dict[str, Any]:
        """Hand a value to its IO manager; what is worth recording about it."""
        noted: dict[str, Any] = {}
        value = result
        if isinstance(result, Output):
            value, noted = result.value, metadata_values(result.metadata)
        elif isinstance(result, MaterializeResult):
            value, noted = result.value, metadata_values(result.metadata)
            if value is NOT_GIVEN:
                return {"metadata": noted}
        else:
            require_announced(self.definition.function, key, value)
        facts: dict[str, Any] = {"metadata": noted, "row_count": row_count(value)}
        facts["output_type"] = type_name(value)
        if value is None:
            return {"metadata": noted}
        spec = self.writer.graph.nodes[key].spec
        output = OutputContext(
            key,
            self.step.partition,
            self.writer.run_id,
            lambda: self._heartbeat.confirm(self._claims[key]),
            self._context.metadata_of(key) | noted,
            asset_partitions_def=spec.partitions_def,
            definition_metadata=spec.metadata,
        )
        io_manager_of(self.writer.graph, key, self.writer.resources).handle_output(output, value)
        return facts | {"metadata": output.metadata}

    def _answer(self, result: AssetCheckResult, key: AssetKey | None = None) -> AssetEvent:
        specs = self.definition.check_specs
        spec = spec_answered(result, [s for s in specs if key is None or s.asset_key == key])
        event, self._reports[spec.key] = reported(
            spec, result, "", partition=self.step.partition, writer=self.writer, metadata={}
        )
        return event

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
                event = self._event(
                    "materialization",
                    key,
                    metadata=self._context.metadata_of(key),
                    **self._versions(key, None),
                )
                self._record(key, [event])
                self._ended(key, status="succeeded", event=event)
        if missing:
            raise OutputError(
                f"{self.definition.name} ended without {', '.join(missing)}. Yield it, or declare "
                f"that it may be left out. At {self.definition.place}"
            )
        for check in self.definition.check_specs:
            result = self.results.get(check.asset_key)
            if result and result.status == "succeeded" and check.key not in self._reports:
                event, self._reports[check.key] = reported(
                    check,
                    None,
                    f"{self.definition.name} did not answer it",
                    partition=self.step.partition,
                    writer=self.writer,
                    metadata={},
                )
                self.writer.store.record([event])

    def _versions_read(self, key: AssetKey) -> dict[AssetKey, str]:
        writer, now = self.writer, datetime.now(timezone.utc)
        return input_versions(key, self.step.partition, writer.graph, writer.store, now)

    def _versions(self, key: AssetKey, given: str | None) -> dict[str, Any]:
        """What is recorded of versions; what this function made before counts as read now."""
        read = self._read[key]
        for dep in read.keys() & self.results.keys():
            made = self.results[dep].event
            if made is not None and made.data_version is not None:
                read[dep] = made.data_version
        spec = next(spec for spec in self.definition.specs if spec.key == key)
        return {
            "code_version": spec.code_version,
            "data_version": given or default_data_version(spec.code_version, read),
            "input_versions": {str(dep): version for dep, version in read.items()},
        }

    def _event(self, kind: Any, key: AssetKey, **facts: Any) -> AssetEvent:
        begin, now = self._begin, time.perf_counter()
        if kind != "failure":
            self._begin = now  # the next asset's time begins where this one's ends
        return AssetEvent(
            kind=kind,
            key=key,
            partition=self.step.partition,
            happened_at=datetime.now(timezone.utc),
            source=self.writer.source,
            run_id=self.writer.run_id,
            duration_s=round(now - begin, 6),
            **facts,
        )

    def _record(self, key: AssetKey, events: list[AssetEvent]) -> None:
        claim = self._claims.get(key)
        self.writer.store.record(events, claim=claim, release=claim is not self._kept)

    def _record_failure(self, failure: AssetEvent) -> None:
        """Record how user code failed; an unreachable store must not hide the user's own error."""
        try:
            self._record(failure.key, [failure])
        except BridgeError as error:
            self.writer.log.warning(
                "the failure of %s could not be recorded: %s", failure.key, error
            )

    def _give_back(self, key: AssetKey) -> None:
        claim = self._claims.get(key)
        if claim is not None and claim is not self._kept:
            self.writer.store.release(claim)

    def _ended(self, key: AssetKey, **said: Any) -> None:
        self.pending.remove(key)
        claim = self._claims.get(key)
        if claim is not None:
            self._heartbeat.drop(claim)
        self.results[key] = StepResult(
            key=key, partition=self.step.partition, attempts=self._number, **said
        )
