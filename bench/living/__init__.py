"""The living system at the size it is meant for: a loader that writes a whole invented group, and what pages, a move, an import, the
worker and the diagnosis take with it. `python -m tests.postgres python -m bench.living`; see bench/README.md."""
