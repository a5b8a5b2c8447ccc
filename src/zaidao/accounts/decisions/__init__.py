"""Judgements about accounts: values in, reasons out (Chinese, empty where it may be done)."""
