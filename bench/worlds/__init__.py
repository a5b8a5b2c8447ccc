"""Synthetic groups with planted faults and look-alikes: the bench's own generator, other mechanisms than the samples' (bench/README.md)."""

from bench.worlds.make import make_world
from bench.worlds.settings import LABELS, WORLDS, Settings, honest, only

__all__ = ["LABELS", "WORLDS", "Settings", "honest", "make_world", "only"]
