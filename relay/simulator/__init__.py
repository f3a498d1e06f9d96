"""A small Sigfox cloud and the receivers of its customers, for demos, tests and load."""
