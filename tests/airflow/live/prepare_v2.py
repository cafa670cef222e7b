"""Run as a script with Airflow 2.11: make the tables and the one user, in a single process."""

import os

from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder
from airflow.utils import db
from werkzeug.security import generate_password_hash

if __name__ == "__main__":
    db.initdb()
    # Basic auth hashes the password on every request: with the default method that is 0.15 s of CPU
    # each.
    hashed = generate_password_hash(os.environ["LIVE_AIRFLOW_PASSWORD"], method="pbkdf2:sha256:1")
    name = os.environ["LIVE_AIRFLOW_USERNAME"]
    with get_application_builder() as builder:
        security = builder.sm
        admin = security.find_role("Admin")
        if not security.add_user(
            name, name, name, f"{name}@example.com", [admin], hashed_password=hashed
        ):
            raise SystemExit(f"the user {name} could not be made")
