"""A real Airflow for tests: its settings, database and processes, and the REST calls a test makes.

Nothing here imports `adapters`: what is tested does not test itself. Nothing here imports `airflow`
either, but for `in_process`, whose point it is.
"""
