import pytest

from adapters.airflow.legacy.mapping import (
    Mapping,
    PartitionsEntry,
    ReadEntry,
    SourceEntry,
    UnitEntry,
    WriteEntry,
    units_of,
)
from adapters.airflow.legacy.mapping_file import (
    from_yaml,
    load_mapping,
    mapping_path,
    rewritten,
    to_yaml,
)
from adapters.airflow.legacy.reimport import entry_changes, merge
from bridge.cli.files import write
from bridge.errors import ConfigError
from bridge.keys import AssetKey
from bridge.project import find_project


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
    write(tmp_path / "migration" / "airflow.yaml", to_yaml(FULL))
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


def test_a_mapping_stays_in_its_folder(tmp_path):
    project = find_project(tmp_path)
    assert mapping_path(project, "prod-eu.1").parent == project.migration
    for name in ("../prod", ".prod", "a/b", "", "a b"):
        with pytest.raises(ConfigError, match="gives a file its name"):
            mapping_path(project, name)


def renamed(task: str, asset: str | None = "dwh/t", **fields) -> UnitEntry:
    return unit(task, asset, operator="Load", **fields)


def test_tasks_that_came_and_went_are_told():
    old, new = mapping(unit("a"), unit("b")), mapping(unit("b"), unit("c"))
    (said,) = entry_changes(old, merge(old, new))
    assert said.message == "since the last import came d.c, and went d.a"
    assert entry_changes(new, merge(new, new)) == []


def test_a_confirmed_task_that_went_is_named_with_what_it_may_be_called_now():
    old = mapping(renamed("load", confirmed=True))
    _, said = entry_changes(old, merge(old, mapping(renamed("load_all"))))
    assert (said.code, said.dag_id, said.task_id) == ("entry_gone", "d", "load")
    assert "If it is d.load_all now" in said.message


@pytest.mark.parametrize(
    "others",
    [
        (),
        (unit("load_all", operator="Other"),),
        (renamed("x"), renamed("y")),
        (renamed("z", None),),
    ],
)
def test_no_new_name_is_suggested_where_none_or_several_fit(others):
    old = mapping(renamed("load", confirmed=True))
    said = entry_changes(old, merge(old, mapping(*others)))[-1]
    assert said.message.endswith("its entry stays, marked gone")


def test_a_confirmed_task_that_is_gone_is_told_once():
    old = mapping(renamed("load", confirmed=True))
    gone = merge(old, mapping())
    assert entry_changes(gone, merge(gone, mapping())) == []


COMMENTED = """\
# Ours: ask Ada first.
format: 1
instance: airflow
units:
# of the old days # and of the new
- dag: d
  task: a  # keep
  writes:
  - asset: dwh/one
    uri: postgres://dwh/one#x
    evidence: sql
  # the second
  - asset: dwh/two
    uri: postgres://dwh/two
    evidence: sql  # really
- dag: d
  # is to go
  task: b
"""


def again(**fields) -> str:
    """The file as a re-import writes it, with other fields of the first entry."""
    old = from_yaml(COMMENTED)
    first = old.units[0].model_copy(update=fields)
    new = old.model_copy(update={"units": (unit("0"), first)})
    return rewritten(new, old, COMMENTED)


def test_comments_stay_where_they_stood():
    text = again()
    assert from_yaml(text).units[1] == from_yaml(COMMENTED).units[0]
    lines = text.splitlines()
    at = {line.strip(): number for number, line in enumerate(lines)}
    assert lines[at["# Ours: ask Ada first."] + 1] == "format: 1"
    assert lines[at["# of the old days # and of the new"] + 1 :][:2] == [
        "- dag: d",
        "  task: a  # keep",
    ]
    assert lines[at["# the second"] + 1] == "  - asset: dwh/two"
    assert lines[at["evidence: sql  # really"] - 1] == "    uri: postgres://dwh/two"


def test_a_comment_on_what_changed_stands_above_its_entry():
    lines = again(task="a", writes=()).splitlines()
    entry = lines.index("# of the old days # and of the new")
    assert lines[entry : entry + 4] == [
        "# of the old days # and of the new",
        "# the second",
        "# really",
        "- dag: d",
    ]


def test_a_comment_goes_with_its_entry():
    assert "# is to go" not in again()


def test_written_again_without_a_change_a_file_stays_as_it_is():
    once = again()
    mapping = from_yaml(once)
    assert rewritten(mapping, mapping, once) == once
