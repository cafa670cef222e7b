"""The tables, as SQLAlchemy Core.

Times are whole microseconds since 1970 UTC, keys are `str(AssetKey)`.
"""

from __future__ import annotations

import sqlalchemy as sa

HEAD = "0001"
VERSION_TABLE = "bridge_schema"
WHOLE_ASSET = ""  # stands for "no partition" in a primary key, where NULL may not

metadata = sa.MetaData()
version = sa.Table(  # alembic's own, as alembic makes it
    VERSION_TABLE,
    sa.MetaData(),
    sa.Column("version_num", sa.String(32), nullable=False),
    sa.PrimaryKeyConstraint("version_num", name=f"{VERSION_TABLE}_pkc"),
)

_Key = sa.Text
_Time = sa.BigInteger
# In SQLite only INTEGER counts up by itself.
_Sequence = sa.BigInteger().with_variant(sa.Integer, "sqlite")

event = sa.Table(
    "bridge_event",
    metadata,
    sa.Column("sequence", _Sequence, primary_key=True, autoincrement=True),
    sa.Column("id", sa.String(32), nullable=False, unique=True),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("key", _Key, nullable=False),
    sa.Column("partition", sa.Text),
    sa.Column("happened_at", _Time, nullable=False),
    sa.Column("recorded_at", _Time, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("run_id", sa.Text),
    sa.Column("code_version", sa.Text),
    sa.Column("data_version", sa.Text),
    sa.Column("input_versions", sa.Text),
    sa.Column("check_name", sa.Text),
    sa.Column("passed", sa.Boolean),
    sa.Column("severity", sa.String(8)),
    sa.Column("blocking", sa.Boolean),
    sa.Column("duration_s", sa.Float),
    sa.Column("row_count", sa.BigInteger),
    sa.Column("output_type", sa.Text),
    sa.Column("message", sa.Text),
    sa.Column("metadata", sa.Text),
)
sa.Index("bridge_event_by_key", event.c.key, event.c.happened_at)
_IS_OF_A_RUN = event.c.run_id.is_not(None)
sa.Index(
    "bridge_event_by_run",
    event.c.run_id,
    sqlite_where=_IS_OF_A_RUN,
    postgresql_where=_IS_OF_A_RUN,
)

retention_floor = sa.Table(  # up to when an asset's log was cut
    "bridge_retention_floor",
    metadata,
    sa.Column("key", _Key, primary_key=True),
    sa.Column("until", _Time, nullable=False),
)

asset_state = sa.Table(
    "bridge_asset_state",
    metadata,
    sa.Column("key", _Key, primary_key=True),
    sa.Column("activity", sa.String(16)),
    sa.Column("activity_at", _Time),
    sa.Column("activity_source", sa.Text),
    sa.Column("activity_partition", sa.Text),
    sa.Column("message", sa.Text),
    sa.Column("materialized_at", _Time),
    sa.Column("materialized_source", sa.Text),
    sa.Column("materialized_partition", sa.Text),
    sa.Column("code_version", sa.Text),
    sa.Column("data_version", sa.Text),
    sa.Column("duration_s", sa.Float),
    sa.Column("row_count", sa.BigInteger),
    sa.Column("output_type", sa.Text),
    sa.Column("metadata", sa.Text),
    sa.Column("input_versions", sa.Text),
    sa.Column("observed_at", _Time),
    sa.Column("observed_version_at", _Time),
    sa.Column("observed_version", sa.Text),
)

partition_state = sa.Table(
    "bridge_partition_state",
    metadata,
    sa.Column("key", _Key, primary_key=True),
    sa.Column("partition", sa.Text, primary_key=True),
    sa.Column("activity", sa.String(16), nullable=False),
    sa.Column("activity_at", _Time, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("materialized_at", _Time),
    sa.Column("duration_s", sa.Float),
    sa.Column("code_version", sa.Text),
    sa.Column("data_version", sa.Text),
    sa.Column("input_versions", sa.Text),
    # What the summary does not know yet of it, one of `summaries.STATES`; NULL where it knows all.
    sa.Column("unsummarised", sa.SmallInteger),
    sqlite_with_rowid=False,  # its rows are found by their primary key only: one tree, not two
)
_IS_UNSUMMARISED = partition_state.c.unsummarised.is_not(None)
sa.Index(
    "bridge_partition_unsummarised",
    partition_state.c.key,
    partition_state.c.unsummarised,
    partition_state.c.partition,
    sqlite_where=_IS_UNSUMMARISED,
    postgresql_where=_IS_UNSUMMARISED,
)

partition_summary = sa.Table(
    "bridge_partition_summary",
    metadata,
    sa.Column("key", _Key, primary_key=True),
    sa.Column("cut", sa.Text, nullable=False),
    sa.Column("materialized", sa.Text, nullable=False),
    sa.Column("failed", sa.Text, nullable=False),
)

check_state = sa.Table(
    "bridge_check_state",
    metadata,
    sa.Column("key", _Key, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("partition", sa.Text, primary_key=True),
    sa.Column("passed", sa.Boolean, nullable=False),
    sa.Column("severity", sa.String(8), nullable=False),
    sa.Column("blocking", sa.Boolean, nullable=False),
    sa.Column("happened_at", _Time, nullable=False),
    sa.Column("message", sa.Text),
)

claim = sa.Table(
    "bridge_claim",
    metadata,
    sa.Column("key", _Key, primary_key=True),
    sa.Column("partition", sa.Text, primary_key=True),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("mode", sa.String(8), nullable=False),
    sa.Column("generation", sa.BigInteger, nullable=False),
    sa.Column("lease_until", _Time, nullable=False),
)

run = sa.Table(
    "bridge_run",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("created_at", _Time, nullable=False),
    sa.Column("started_at", _Time),
    sa.Column("ended_at", _Time),
    sa.Column("host", sa.Text),
    sa.Column("boot_id", sa.Text),
    sa.Column("pid", sa.Integer),
    sa.Column("pid_started", sa.Text),
    sa.Column("lease_until", _Time),
    sa.Column("assets", sa.Text, nullable=False),
    sa.Column("partition", sa.Text),
    sa.Column("partitions", sa.Text),
    sa.Column("checks", sa.Text),
    sa.Column("run_config", sa.Text),
    sa.Column("selection", sa.Text, nullable=False),
    sa.Column("origin", sa.Text, nullable=False),
    sa.Column("job_name", sa.Text),
    sa.Column("tags", sa.Text),
    sa.Column("retry_of", sa.String(32)),
    sa.Column("cancel_requested", sa.Boolean, nullable=False),
    sa.Column("remote", sa.Text),
    sa.Column("message", sa.Text),
)
sa.Index("bridge_run_by_creation", run.c.created_at)
sa.Index("bridge_run_by_status", run.c.status)
sa.Index("bridge_run_by_origin", run.c.origin)
sa.Index("bridge_run_by_end", run.c.ended_at)

backfill = sa.Table(
    "bridge_backfill",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("status", sa.String(32), nullable=False),
    sa.Column("created_at", _Time, nullable=False),
    sa.Column("ended_at", _Time),
    sa.Column("selection", sa.Text, nullable=False),
    sa.Column("policy", sa.Integer),
    sa.Column("parallel", sa.Integer),
    sa.Column("tags", sa.Text),
    sa.Column("target", sa.Text, nullable=False),
    sa.Column("progress", sa.Text, nullable=False),
    sa.Column("counts", sa.Text, nullable=False),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("message", sa.Text),
)
sa.Index("bridge_backfill_by_status", backfill.c.status)

step = sa.Table(  # what the log does not tell of a run: skipped, refused, tried again …
    "bridge_step",
    metadata,
    sa.Column("run_id", sa.String(32), primary_key=True),
    sa.Column("key", _Key, primary_key=True),
    sa.Column("partition", sa.Text, primary_key=True),
    sa.Column("checks", sa.Text, primary_key=True),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("is_failure", sa.Boolean, nullable=False),
    sa.Column("started_at", _Time),
    sa.Column("ended_at", _Time),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("message", sa.Text),
    sa.Column("cause", _Key),
)

step_text = sa.Table(  # what a call said and printed
    "bridge_step_text",
    metadata,
    sa.Column("run_id", sa.String(32), primary_key=True),
    sa.Column("key", _Key, primary_key=True),
    sa.Column("partition", sa.Text, primary_key=True),
    sa.Column("checks", sa.Text, primary_key=True),
    sa.Column("keys", sa.Text, nullable=False),
    sa.Column("stdout", sa.Text, nullable=False),
    sa.Column("stderr", sa.Text, nullable=False),
    sa.Column("log", sa.Text, nullable=False),
)

pool_slot = sa.Table(
    "bridge_pool_slot",
    metadata,
    sa.Column("pool", sa.Text, primary_key=True),
    sa.Column("slot", sa.Integer, primary_key=True),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("lease_until", _Time, nullable=False),
)

cursor = sa.Table(
    "bridge_cursor",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)

dynamic_partition = sa.Table(
    "bridge_dynamic_partition",
    metadata,
    sa.Column("number", _Sequence, primary_key=True, autoincrement=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
)
sa.Index(
    "bridge_dynamic_partition_once", dynamic_partition.c.name, dynamic_partition.c.key, unique=True
)

instigator = sa.Table(
    "bridge_instigator",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("is_on", sa.Boolean),
    sa.Column("since", _Time, nullable=False),
    sa.Column("position", _Time),
    sa.Column("cursor", sa.Text),
    sa.Column("last_run_key", sa.Text),
    sa.Column("last_status", sa.String(16)),
    sa.Column("last_message", sa.Text),
    sa.Column("last_evaluated_at", _Time),
    sa.Column("version", sa.BigInteger, nullable=False),
)

tick = sa.Table(
    "bridge_tick",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("happened_at", _Time, nullable=False),
    sa.Column("evaluated_at", _Time, nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("duration_s", sa.Float, nullable=False),
    sa.Column("run_ids", sa.Text),
    sa.Column("message", sa.Text),
)
sa.Index("bridge_tick_by_name", tick.c.name, tick.c.happened_at)
sa.Index("bridge_tick_by_time", tick.c.happened_at)

lease = sa.Table(
    "bridge_lease",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("since", _Time, nullable=False),
    sa.Column("renewed_at", _Time, nullable=False),
    sa.Column("lease_until", _Time, nullable=False),
)

route = sa.Table(
    "bridge_route",
    metadata,
    sa.Column("unit", sa.Text, primary_key=True),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("assets", sa.Text, nullable=False),
    sa.Column("locations", sa.Text, nullable=False),
    sa.Column("partition_by", sa.String(32), nullable=False),
)

route_change = sa.Table(
    "bridge_route_change",
    metadata,
    sa.Column("number", _Sequence, primary_key=True, autoincrement=True),
    sa.Column("changed_at", _Time, nullable=False),
    sa.Column("unit", sa.Text, nullable=False, index=True),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("before", sa.Text),
    sa.Column("after", sa.Text, nullable=False),
    sa.Column("reverts", sa.Text),
)
