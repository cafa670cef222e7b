"""Resources that stand for a connection or a variable of Airflow: `resources={"warehouse": …}`."""

from __future__ import annotations

from adapters.airflow import secrets
from adapters.airflow.secrets import ConnectionValues
from bridge.resources import ConfigurableResource


class AirflowConnection(ConfigurableResource):
    """A connection of Airflow, by its id; `get()` reads it, each time anew."""

    conn_id: str

    def get(self) -> ConnectionValues:
        """What it says now. Raises ConfigError where there is none."""
        return secrets.connection(self.conn_id)


class AirflowVariable(ConfigurableResource):
    """A variable of Airflow, by its name; `get()` reads it, each time anew."""

    name: str

    def get(self) -> str:
        """What it holds now. Raises ConfigError where there is none."""
        return secrets.variable(self.name)
