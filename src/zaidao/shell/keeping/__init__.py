"""Keeping what the office has: backup, restore, upgrade, health. Used by the command line and the health page."""
