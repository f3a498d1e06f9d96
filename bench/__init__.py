"""Measures the real program from outside: `python -m bench --help`."""
