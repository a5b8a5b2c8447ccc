"""Indicators once more in plain Python over dicts, written from the reference page; they import nothing of the engine but its schema."""
