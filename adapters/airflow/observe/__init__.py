"""Looking at a running Airflow from outside: its REST API, and what its tasks say about assets.

Belongs here: one client over both REST versions (`rest`), and the poller that turns finished tasks
into events. Not here: what runs inside Airflow (`adapters.airflow.plugin`), or reading DAG files
(`adapters.airflow.legacy`).
"""
