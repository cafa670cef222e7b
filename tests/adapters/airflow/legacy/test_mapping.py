import pytest

from adapters.airflow.legacy.mapping import (
    Mapping,
    PartitionsEntry,
    ReadEntry,
    SourceEntry,
    UnitEntry,
    WriteEntry,
    from_yaml,
    load_mapping,
    save,
    to_yaml,
    units_of,
)
from adapters.airflow.legacy.reimport import merge
from bridge.errors import ConfigError
from bridge.keys import AssetKey


def unit(task="load", asset="dwh/t", uri="postgres://dwh/t", **fields) -> UnitEntry:
    writes = (WriteEntry(asset=asset, uri=uri, evidence="sql", confidence=0.9),) if asset else ()
    return UnitEntry(dag="d", task=task, writes=writes, **fields)


def mapping(*units: UnitEntry, **fields) -> Mapping:
    return Mapping(instance="airflow", units=units, **fields)


FULL = mapping(
    unit(
        reads=(ReadEntry(uri="s3://lake/raw", evidence="argument", confidence=0.9, at="d.py:3"),),
        partitions=PartitionsEntry(kind="daily", start="2024-01-01", timezone="Europe/Zurich"),
        partition_by="data_interval_start",
        mapped=True,
        xcom_consumers=("next",),
        after=("before",),
        confirmed=True,
    ),
    sources=(SourceEntry(asset="lake/raw", uri="s3://lake/raw"),),
)


def test_a_mapping_read_back_is_the_same(tmp_path):
    save(FULL, tmp_path / "migration" / "airflow.yaml")
    assert load_mapping(tmp_path / "migration" / "airflow.yaml") == FULL
    assert [path.name for path in (tmp_path / "migration").iterdir()] == ["airflow.yaml"]


def test_the_file_says_what_it_is_and_leaves_out_what_is_default():
    text = to_yaml(mapping(unit()))
    assert text.startswith("# Which assets the tasks of the Airflow 'airflow' write and read.")
    assert text[text.index("format") :] == (
        "format: 1\ninstance: airflow\nunits:\n- dag: d\n  task: load\n  writes:\n"
        "  - asset: dwh/t\n"
        "    uri: postgres://dwh/t\n    evidence: sql\n    confidence: 0.9\n"
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("units: [", "no YAML"),
        ("just text", "no mapping file"),
        ("format: 2\ninstance: a\n", "format"),
        ("instance: a\nunits: [{dag: d}]\n", r"units\.0\.task"),
        ("instance: a\nunits: [{dag: d, task: t, partition_by: month}]\n", "partition_by"),
        (
            "instance: a\nunits: [{dag: d, task: t, partitions: {kind: daily, start: then}}]\n",
            "'then' is not a date",
        ),
        (
            "instance: a\nunits: [{dag: d, task: t, partitions: {kind: hourly, start: then}}]\n",
            "'then'",
        ),
        ("instance: a\nunits: [{dag: d, task: t, wirtes: []}]\n", "wirtes"),
        ("instance: a\nunits: [{dag: d, task: t}, {dag: d, task: t}]\n", r"two entries for d\.t"),
        ("instance: !!python/object/apply:os.system ['true']\n", "no YAML"),
    ],
)
def test_what_is_no_mapping_is_refused_by_name(text, says):
    with pytest.raises(ConfigError, match=says):
        from_yaml(text, "m.yaml")


def test_a_file_that_is_not_there_says_how_to_make_it(tmp_path):
    with pytest.raises(ConfigError, match="bridge import airflow"):
        load_mapping(tmp_path / "none.yaml")


def test_a_confirmed_entry_stays_as_it_is():
    old = mapping(
        unit(
            asset="marts/orders",
            confirmed=True,
            partitions=PartitionsEntry(kind="daily", start="2020-01-01"),
        )
    )
    assert merge(old, mapping(unit(mapped=True))).units == old.units


def test_an_entry_that_is_not_confirmed_is_renewed_but_keeps_its_asset():
    old = mapping(unit(asset="marts/orders"), unit("own", asset="marts/own", uri=None))
    new = mapping(unit(mapped=True), unit("own", asset="d/own", uri=None))
    first, second = merge(old, new).units
    assert (first.writes[0].asset, first.mapped) == ("marts/orders", True)
    assert second.writes[0].asset == "marts/own"


def test_a_source_keeps_its_asset():
    old = mapping(sources=(SourceEntry(asset="raw/orders", uri="s3://lake/raw"),))
    new = mapping(sources=(SourceEntry(asset="lake/raw", uri="s3://lake/raw"),))
    assert merge(old, new).sources == old.sources


def test_a_task_that_is_gone_leaves_unless_it_was_confirmed_and_comes_back():
    old = mapping(unit("a", confirmed=True), unit("b"))
    merged = merge(old, mapping())
    assert [(each.task, each.gone) for each in merged.units] == [("a", True)]
    assert units_of(merged) == ()
    assert merge(merged, mapping(unit("a"))).units[0].gone is False


def test_merging_twice_changes_nothing():
    old, new = mapping(unit(asset="x/y"), unit("z", confirmed=True)), mapping(unit(), unit("n"))
    once = merge(old, new)
    assert merge(once, new) == once


def test_mappings_of_two_instances_are_not_merged():
    with pytest.raises(ConfigError, match="of its own"):
        merge(mapping(), Mapping(instance="other"))


def test_units_are_the_tasks_that_write_something():
    (found,) = units_of(
        mapping(
            unit(partition_by="partition_key", xcom_consumers=("n",)), unit("quiet", asset=None)
        )
    )
    assert (found.name, found.assets) == ("airflow:d.load", (AssetKey(["dwh", "t"]),))
    assert (found.partition_by, found.result_users) == ("logical_date", ("n",))
