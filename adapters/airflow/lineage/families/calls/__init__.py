"""Calls of Python functions: which argument of which library's call is a file, a table, SQL or a
command; one kind of library a file, one call a line.
"""
