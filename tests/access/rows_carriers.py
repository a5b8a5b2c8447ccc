"""Rows of carriers, meetings and activities; see `matrix.py`."""
