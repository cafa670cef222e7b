"""The first schema: every table, written out so that later changes of `schema` do not alter it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_SEQUENCE = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the tables of facts, of latest state, of work in progress and of routes."""
    _facts()
    _latest_state()
    _work()
    _steps()
    _ticks()
    _routes()


def _facts() -> None:
    op.create_table(
        "bridge_event",
        sa.Column("sequence", _SEQUENCE, primary_key=True, autoincrement=True),
        sa.Column("id", sa.String(32), nullable=False, unique=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("partition", sa.Text),
        sa.Column("happened_at", sa.BigInteger, nullable=False),
        sa.Column("recorded_at", sa.BigInteger, nullable=False),
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
    op.create_index("bridge_event_by_key", "bridge_event", ["key", "happened_at"])
    op.create_index(
        "bridge_event_by_run",
        "bridge_event",
        ["run_id"],
        sqlite_where=sa.text("run_id IS NOT NULL"),
        postgresql_where=sa.text("run_id IS NOT NULL"),
    )
    op.create_table(
        "bridge_retention_floor",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("until", sa.BigInteger, nullable=False),
    )


def _latest_state() -> None:
    op.create_table(
        "bridge_asset_state",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("activity", sa.String(16)),
        sa.Column("activity_at", sa.BigInteger),
        sa.Column("activity_source", sa.Text),
        sa.Column("activity_partition", sa.Text),
        sa.Column("message", sa.Text),
        sa.Column("materialized_at", sa.BigInteger),
        sa.Column("materialized_source", sa.Text),
        sa.Column("materialized_partition", sa.Text),
        sa.Column("code_version", sa.Text),
        sa.Column("data_version", sa.Text),
        sa.Column("duration_s", sa.Float),
        sa.Column("row_count", sa.BigInteger),
        sa.Column("output_type", sa.Text),
        sa.Column("metadata", sa.Text),
        sa.Column("input_versions", sa.Text),
        sa.Column("observed_at", sa.BigInteger),
        sa.Column("observed_version_at", sa.BigInteger),
        sa.Column("observed_version", sa.Text),
    )
    op.create_table(
        "bridge_partition_state",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("partition", sa.Text, primary_key=True),
        sa.Column("activity", sa.String(16), nullable=False),
        sa.Column("activity_at", sa.BigInteger, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("materialized_at", sa.BigInteger),
        sa.Column("duration_s", sa.Float),
        sa.Column("code_version", sa.Text),
        sa.Column("data_version", sa.Text),
        sa.Column("input_versions", sa.Text),
        sa.Column("unsummarised", sa.SmallInteger),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "bridge_partition_unsummarised",
        "bridge_partition_state",
        ["key", "unsummarised", "partition"],
        sqlite_where=sa.text("unsummarised IS NOT NULL"),
        postgresql_where=sa.text("unsummarised IS NOT NULL"),
    )
    op.create_table(
        "bridge_partition_summary",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("cut", sa.Text, nullable=False),
        sa.Column("materialized", sa.Text, nullable=False),
        sa.Column("failed", sa.Text, nullable=False),
    )
    op.create_table(
        "bridge_check_state",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("partition", sa.Text, primary_key=True),
        sa.Column("passed", sa.Boolean, nullable=False),
        sa.Column("severity", sa.String(8), nullable=False),
        sa.Column("blocking", sa.Boolean, nullable=False),
        sa.Column("happened_at", sa.BigInteger, nullable=False),
        sa.Column("message", sa.Text),
    )


def _work() -> None:
    op.create_table(
        "bridge_claim",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("partition", sa.Text, primary_key=True),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("mode", sa.String(8), nullable=False),
        sa.Column("generation", sa.BigInteger, nullable=False),
        sa.Column("lease_until", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "bridge_run",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("started_at", sa.BigInteger),
        sa.Column("ended_at", sa.BigInteger),
        sa.Column("host", sa.Text),
        sa.Column("boot_id", sa.Text),
        sa.Column("pid", sa.Integer),
        sa.Column("pid_started", sa.Text),
        sa.Column("lease_until", sa.BigInteger),
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
    op.create_index("bridge_run_by_creation", "bridge_run", ["created_at"])
    op.create_index("bridge_run_by_status", "bridge_run", ["status"])
    op.create_index("bridge_run_by_origin", "bridge_run", ["origin"])
    op.create_index("bridge_run_by_end", "bridge_run", ["ended_at"])
    _backfills()
    op.create_table(
        "bridge_cursor",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )
    op.create_table(
        "bridge_dynamic_partition",
        sa.Column("number", _SEQUENCE, primary_key=True, autoincrement=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
    )
    op.create_index(
        "bridge_dynamic_partition_once", "bridge_dynamic_partition", ["name", "key"], unique=True
    )


def _steps() -> None:
    op.create_table(
        "bridge_step",
        sa.Column("run_id", sa.String(32), primary_key=True),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("partition", sa.Text, primary_key=True),
        sa.Column("checks", sa.Text, primary_key=True),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("is_failure", sa.Boolean, nullable=False),
        sa.Column("started_at", sa.BigInteger),
        sa.Column("ended_at", sa.BigInteger),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("message", sa.Text),
        sa.Column("cause", sa.Text),
    )
    op.create_table(
        "bridge_step_text",
        sa.Column("run_id", sa.String(32), primary_key=True),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("partition", sa.Text, primary_key=True),
        sa.Column("checks", sa.Text, primary_key=True),
        sa.Column("keys", sa.Text, nullable=False),
        sa.Column("stdout", sa.Text, nullable=False),
        sa.Column("stderr", sa.Text, nullable=False),
        sa.Column("log", sa.Text, nullable=False),
    )
    op.create_table(
        "bridge_pool_slot",
        sa.Column("pool", sa.Text, primary_key=True),
        sa.Column("slot", sa.Integer, primary_key=True),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("lease_until", sa.BigInteger, nullable=False),
    )


def _ticks() -> None:
    op.create_table(
        "bridge_instigator",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("is_on", sa.Boolean),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("position", sa.BigInteger),
        sa.Column("cursor", sa.Text),
        sa.Column("last_run_key", sa.Text),
        sa.Column("last_status", sa.String(16)),
        sa.Column("last_message", sa.Text),
        sa.Column("last_evaluated_at", sa.BigInteger),
        sa.Column("version", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "bridge_tick",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("happened_at", sa.BigInteger, nullable=False),
        sa.Column("evaluated_at", sa.BigInteger, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("duration_s", sa.Float, nullable=False),
        sa.Column("run_ids", sa.Text),
        sa.Column("message", sa.Text),
    )
    op.create_index("bridge_tick_by_name", "bridge_tick", ["name", "happened_at"])
    op.create_index("bridge_tick_by_time", "bridge_tick", ["happened_at"])
    op.create_table(
        "bridge_lease",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("renewed_at", sa.BigInteger, nullable=False),
        sa.Column("lease_until", sa.BigInteger, nullable=False),
    )


def _backfills() -> None:
    op.create_table(
        "bridge_backfill",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("ended_at", sa.BigInteger),
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
    op.create_index("bridge_backfill_by_status", "bridge_backfill", ["status"])


def _routes() -> None:
    op.create_table(
        "bridge_route",
        sa.Column("unit", sa.Text, primary_key=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("assets", sa.Text, nullable=False),
        sa.Column("locations", sa.Text, nullable=False),
        sa.Column("partition_by", sa.String(32), nullable=False),
    )
    op.create_table(
        "bridge_route_change",
        sa.Column("number", _SEQUENCE, primary_key=True, autoincrement=True),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("before", sa.Text),
        sa.Column("after", sa.Text, nullable=False),
        sa.Column("reverts", sa.Text),
    )
    op.create_index("ix_bridge_route_change_unit", "bridge_route_change", ["unit"])
