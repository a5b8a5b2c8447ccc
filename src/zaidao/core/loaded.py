"""All of the program, in the process from which those of single jobs branch off (`core.nursery`); its memory is shared with them."""

from importlib import import_module

from django.db import connections

from zaidao.core import tasks
from zaidao.core.processes import settle

LATE = ("pypinyin",)  # what the program loads only where it is used, because pages begin sooner without it

tasks.discover()
for name in LATE:
    import_module(name)
connections.close_all()  # should loading ever ask the database: one connection must not be used by two
settle()
