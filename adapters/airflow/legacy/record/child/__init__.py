"""The recorder's child: standard library only, loaded as `_dag_recorder`, never imported by the
parent process.

Modules import each other relatively, so that the package works under whatever name it is loaded.
"""
