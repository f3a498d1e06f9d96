"""Other programs that people would relay webhooks with, measured beside the relay."""

REDIS_URL, BEGUN = "PEER_REDIS_URL", "PEER_BEGUN"
"""Environment of the queues' programs: where Redis is, and a file to make when a worker begins."""
