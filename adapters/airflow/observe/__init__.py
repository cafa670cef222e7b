"""Looking at a running Airflow: what its tasks did becomes events.

Belongs here: the poller, which asks from outside, and the listener, which tells from inside. Not
here: the REST client (`adapters.airflow.api`), or reading DAG files (`adapters.airflow.legacy`).
"""
