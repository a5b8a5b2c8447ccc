"""Bytes and column specifications in, rows and problems out. Pure: knows no domain nouns, no Django, no engine."""
