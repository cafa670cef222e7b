"""What dbt's commands read and write, by a project that the snapshot holds."""
