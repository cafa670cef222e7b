"""Changes of the schema from one version to the next, run by alembic on our own version table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection

from bridge.store import schema


def upgrade(connection: Connection, target: str = "head") -> None:
    """Bring the schema behind `connection` to `target`, inside its transaction."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    script = ScriptDirectory.from_config(config)

    def steps(revision: Any, _context: MigrationContext) -> Any:
        return script._upgrade_revs(target, revision)  # noqa: SLF001 - as alembic's command does

    with EnvironmentContext(config, script, fn=steps) as environment:
        environment.configure(
            connection=connection,
            target_metadata=schema.metadata,
            version_table=schema.VERSION_TABLE,
            transactional_ddl=False,
        )
        environment.run_migrations()
