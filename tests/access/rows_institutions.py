"""Rows of institutions and duties; see `matrix.py`."""
