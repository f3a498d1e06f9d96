"""The door for Sigfox: reading callbacks, and the answer that may carry a downlink."""

from relay.backend_ingest.guard import MAX_BODY_BYTES
from relay.backend_ingest.views import setup

__all__ = ["MAX_BODY_BYTES", "setup"]
