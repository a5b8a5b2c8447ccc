"""`django work JOB ATTEMPT --parent PID`: do one job in this process (started by a worker, which holds its lease)."""

import signal
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from zaidao.core import tasks
from zaidao.core.models import Job
from zaidao.core.processes import end_with, settle


class Command(BaseCommand):
    help = "Do one background job that a worker has taken."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("job", type=int)
        parser.add_argument("attempt", type=int)
        parser.add_argument("--parent", type=int, required=True)

    def handle(self, **options: Any) -> None:
        end_with(options["parent"], signal.SIGKILL)
        job = tasks.held(Job(pk=options["job"], attempts=options["attempt"])).first()
        if job:  # neither cancelled nor handed on since
            settle()
            tasks.perform(job)
