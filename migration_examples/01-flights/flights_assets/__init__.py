"""The flights pipeline as data assets: what the two legacy DAGs build, defined by the tables themselves."""
