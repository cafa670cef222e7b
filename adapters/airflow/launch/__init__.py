"""Runs of ours done by the generated DAGs of a running Airflow.

Belongs here: which DAG runs a run of ours becomes (`parts`), and starting, following and ending
them by REST (`launcher`). Not here: what a task does with what it is told
(`adapters.airflow.asked`), or when a run is to begin (`bridge.daemon`, `bridge.backfills`).
"""
