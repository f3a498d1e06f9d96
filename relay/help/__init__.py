"""The help: what owners and developers can rely on, told from the running configuration."""
