"""The flights pipeline as data assets: what the two legacy DAGs build, table by table."""
