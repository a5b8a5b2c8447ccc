"""Forms of meetings: what is asked and in which shape. What may be is decided by the actions."""
