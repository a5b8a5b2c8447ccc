"""`django work JOB`: do one job in this process (started by core.tasks)."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from zaidao.core import tasks
from zaidao.core.models import Job


class Command(BaseCommand):
    help = "Do one background job."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("job", type=int)

    def handle(self, **options: Any) -> None:
        tasks.perform(Job.objects.get(pk=options["job"]))
