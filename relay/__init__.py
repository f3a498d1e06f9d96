"""A self-hosted relay from the Sigfox cloud to the webhooks of device owners."""

__version__ = "0.1.0"
