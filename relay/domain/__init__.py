"""The nouns and rules of the relay: pure values and functions, no I/O."""
