"""Copied minutes: residues, candidates that share rare n-grams, confirmation by alignment."""

from zaidao.engine.text.copies import Copies, TextParams, find_copies

__all__ = ["Copies", "TextParams", "find_copies"]
