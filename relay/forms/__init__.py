"""The door for buyers: registration, and what comes after it."""
