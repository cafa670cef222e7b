"""What Airflow loads by entry point: the plugin, and the cluster policy that lets routes decide."""

from airflow.plugins_manager import AirflowPlugin


class BridgePlugin(AirflowPlugin):
    """Names us in Airflow's list of plugins."""

    name = "bridge"
