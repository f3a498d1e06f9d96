"""What the command line does to a store.

A SQLite database belongs to one process. When the service runs, it runs the command itself, asked over its
control socket; otherwise the command line opens the database for the moment.
"""
