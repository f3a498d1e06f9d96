"""Test tools for owners: request bins, and the page that checks signatures."""
