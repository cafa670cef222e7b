"""The datasets our DAGs declare: `sqlite://<connection>/<table>`."""

try:
    from airflow.sdk import Asset as Dataset
except ImportError:  # Airflow 2
    from airflow.datasets import Dataset

STG_FLIGHTS = Dataset("sqlite://flights_warehouse/stg_flights")
PUBLISH_LOG = Dataset("sqlite://flights_warehouse/publish_log")
