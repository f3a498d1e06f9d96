"""The way out: prepare a request, send it, judge what came of it, write it down."""
