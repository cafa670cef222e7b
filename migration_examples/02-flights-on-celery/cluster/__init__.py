"""An Airflow with CeleryExecutor on this machine: two workers that stand for two hosts.

`settings` is what to take over to a real one; `databases`, `processes` and `airflow` start it,
talk to it, and leave nothing behind.
"""
