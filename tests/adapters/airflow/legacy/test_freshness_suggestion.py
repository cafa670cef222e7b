from datetime import timedelta

import pytest

from adapters.airflow.legacy.assets import observed_assets
from adapters.airflow.legacy.freshness_suggestion import suggested_freshness
from adapters.airflow.legacy.mapping import FreshnessEntry, Mapping, UnitEntry, WriteEntry
from adapters.airflow.legacy.mapping_file import from_yaml, to_yaml
from adapters.airflow.legacy.reimport import merge
from adapters.airflow.legacy.snapshot import Dag, Durations, Operation, Schedule, Task
from bridge.errors import ConfigError
from bridge.freshness import FreshnessPolicy

TWENTY_MINUTES = Durations(runs=10, median_s=900.0, p90_s=1200.0)


def suggested(cron: str | None = None, *, took=None, zone=None, **fields) -> FreshnessEntry | None:
    schedule = fields.pop("schedule", None) or Schedule(kind="cron", text=cron or "", cron=cron)
    task = Task(task_id="t", operator="x", done_after=took)
    dag = Dag(dag_id="d", file="d.py", schedule=schedule, timezone=zone, tasks=(task,), **fields)
    return suggested_freshness(dag, task)


def words(found: FreshnessEntry | None) -> str | None:
    """The policy, which it is, in few words: `<deadline> +<hours allowed>`, or its age."""
    if found is None:
        return None
    found.policy()
    if found.deadline_cron is None:
        return found.words
    return f"{found.deadline_cron} +{found.lower_bound_minutes / 60:g}"


@pytest.mark.parametrize(
    ("cron", "without_runs", "with_runs"),
    [
        ("@daily", "0 6 * * * +6", "30 0 * * * +0.5"),
        ("30 5 * * *", "30 11 * * * +6", "0 6 * * * +0.5"),
        ("45 23 * * *", "45 5 * * * +6", "15 0 * * * +0.5"),
        ("@hourly", "15 * * * * +0.25", "30 * * * * +0.5"),
        ("0 6 * * 1-5", "0 12 * * 1-5 +6", "30 6 * * 1-5 +0.5"),
        # another day of the week or month, which adding minutes to a cron does not give
        ("0 23 * * 1-5", "at most 3 days, 6:00:00 old", "30 23 * * 1-5 +0.5"),
        ("0 */6 * * *", "at most 7:30:00 old", "at most 6:30:00 old"),
        ("*/10 * * * *", "at most 0:20:00 old", "at most 0:40:00 old"),
        ("0 0 31 2 *", None, None),
    ],
)
def test_a_deadline_follows_the_schedule_and_is_tighter_where_runs_were_measured(
    cron, without_runs, with_runs
):
    assert words(suggested(cron)) == without_runs
    assert words(suggested(cron, took=TWENTY_MINUTES)) == with_runs


def test_it_says_what_it_goes_by():
    assert suggested("@daily").because == "@daily, six hours allowed, for no run was measured"
    assert suggested("@daily", took=TWENTY_MINUTES).because == (
        "@daily, done after 0:20:00 in 9 of 10 of its last 10 runs"
    )


def test_the_zone_of_the_dag_is_that_of_the_deadline():
    assert suggested("0 5 * * *", zone="Europe/Zurich").timezone == "Europe/Zurich"


def test_two_runs_are_not_enough_to_go_by():
    few = TWENTY_MINUTES.model_copy(update={"runs": 2})
    assert suggested("@daily", took=few) == suggested("@daily")


def test_a_task_that_takes_longer_than_its_schedule_is_watched_by_age():
    slow = TWENTY_MINUTES.model_copy(update={"p90_s": 7200.0})
    assert words(suggested("@hourly", took=slow)) == "at most 4:00:00 old"


def test_an_interval_is_watched_by_age():
    interval = Schedule(kind="interval", text="8:00:00", interval_s=28800.0)
    assert words(suggested(schedule=interval)) == "at most 10:00:00 old"


@pytest.mark.parametrize("kind", ["none", "datasets", "once", "continuous", "unset", "unknown"])
def test_what_no_clock_starts_has_no_deadline(kind):
    assert suggested(schedule=Schedule(kind=kind, text="x")) is None


def test_a_paused_dag_is_late_by_intention():
    assert suggested("@daily", operation=Operation(is_paused=True)) is None
    assert suggested("@daily", operation=Operation(is_paused=False)) is not None


def test_a_dag_that_is_one_asset_goes_by_how_long_its_runs_take():
    task = Task(task_id="t", operator="x")
    dag = Dag(
        dag_id="d",
        file="d.py",
        schedule=Schedule(kind="cron", cron="@daily"),
        tasks=(task,),
        operation=Operation(is_paused=False, durations=TWENTY_MINUTES),
    )
    assert words(suggested_freshness(dag, task, is_whole_dag=True)).startswith("30 0 * * *")


def mapped(freshness: FreshnessEntry | None, **fields) -> Mapping:
    unit = UnitEntry(
        dag="d", task="t", writes=(WriteEntry(asset="d/t"),), freshness=freshness, **fields
    )
    return Mapping(instance="airflow", units=(unit,))


def test_a_suggestion_is_no_policy_until_it_is_confirmed():
    suggestion = suggested("@daily")
    policy = FreshnessPolicy.cron("0 6 * * *", timedelta(hours=6))

    assert observed_assets(mapped(suggestion)).specs[0].freshness_policy is None
    confirmed = mapped(suggestion.model_copy(update={"confirmed": True}))
    assert observed_assets(confirmed).specs[0].freshness_policy == policy
    assert from_yaml(to_yaml(confirmed)) == confirmed


def test_what_was_confirmed_stays_and_what_was_suggested_is_renewed():
    first, second = suggested("@daily"), suggested("@daily", took=TWENTY_MINUTES)
    confirmed = first.model_copy(update={"confirmed": True})

    assert merge(mapped(first), mapped(second)).units[0].freshness == second
    assert merge(mapped(confirmed), mapped(second)).units[0].freshness == confirmed
    assert merge(mapped(confirmed), mapped(None)).units[0].freshness == confirmed


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ("{confirmed: true}", "either fail_window_minutes, or deadline_cron"),
        ("{deadline_cron: '0 6 * * *'}", "either fail_window_minutes, or deadline_cron"),
        ("{deadline_cron: 'daily', lower_bound_minutes: 60}", "daily"),
        ("{deadline_cron: '0 * * * *', lower_bound_minutes: 90}", "lower_bound_delta"),
        ("{fail_window_minutes: 0}", "fail_window"),
    ],
)
def test_what_is_no_policy_is_refused_with_the_file(entry, says):
    text = f"instance: a\nunits: [{{dag: d, task: t, freshness: {entry}}}]\n"
    with pytest.raises(ConfigError, match=rf"m\.yaml.*{says}"):
        from_yaml(text, "m.yaml")
