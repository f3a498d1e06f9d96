"""The `relay` command."""

from relay.cli.root import main

__all__ = ["main"]
