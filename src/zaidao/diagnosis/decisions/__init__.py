"""Judgements of the diagnosis beside the engine's: values in, verdicts out. No database, no clock."""
