"""Which definitions load, and which are refused before anything runs."""

from __future__ import annotations

from typing import Any

import pytest

from bridge import (
    AssetChecksDefinition,
    AssetKey,
    AssetSpec,
    Definitions,
    InMemoryIOManager,
    RetryPolicy,
    ScheduleDefinition,
    asset,
    asset_check,
    define_asset_job,
)
from bridge.assets import AssetsDefinition
from bridge.errors import DefinitionError, PartitionError
from tests.conformance.partitions_of_cases import deps_of, partitions_of

CASES = "validation.json"


def left_out(case: dict[str, Any], _document: dict[str, Any]) -> str | None:
    if "oracle_notes" in case:
        return "the reference notes that it is inconsistent here"
    return None


def declared_asset(name: str, said: dict[str, Any]) -> AssetsDefinition | AssetSpec:
    key = AssetKey([said["key"]]) if "key" in said else AssetKey.parse(name)
    described: dict[str, Any] = {
        field: said[field]
        for field in ("group_name", "tags", "owners", "kinds", "metadata")
        if field in said
    }
    described["deps"] = deps_of(said)
    if "partitions" in said:
        described["partitions_def"] = partitions_of(said["partitions"])
    if said.get("external"):
        return AssetSpec(key, **described)
    if "io_manager" in said:
        described["io_manager_key"] = said["io_manager"]
    if "retry" in said:
        described["retry_policy"] = RetryPolicy(**said["retry"])

    @asset(key=key, required_resource_keys=said.get("resources", ()), **described)
    def function() -> None: ...

    return function


def declared_check(said: dict[str, Any]) -> AssetChecksDefinition:
    @asset_check(
        asset=AssetKey.parse(said["asset"]),
        name=said["name"],
        blocking=said.get("blocking", False),
        additional_deps=[AssetKey.parse(dep) for dep in said.get("additional_deps", ())],
    )
    def function() -> bool:
        return True

    return function


def load(case: dict[str, Any]) -> None:
    assets = [declared_asset(name.partition("#")[0], s) for name, s in case["assets"].items()]
    checks = [declared_check(said) for said in case.get("checks", ())]
    resources = {name: InMemoryIOManager() for name in case.get("resources", ())}
    jobs = [define_asset_job(said["name"], said["selection"]) for said in case.get("jobs", ())]
    schedules = [
        ScheduleDefinition(
            said["name"],
            cron_schedule=said["cron"],
            job_name=said["job"],
            execution_timezone=said.get("timezone"),
        )
        for said in case.get("schedules", ())
    ]
    Definitions(assets, checks, resources, jobs, schedules).automation()


def test_definitions_load_or_are_refused_as_in_the_reference(case: dict[str, Any]) -> None:
    if case["expect"]["valid"]:
        load(case)
        return

    with pytest.raises((DefinitionError, PartitionError)) as refusal:
        load(case)

    if refusal.type is not PartitionError:  # partitions are refused on the line that makes them
        assert f"{__file__}:" in str(refusal.value)
