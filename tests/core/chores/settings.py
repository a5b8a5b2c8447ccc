"""Settings of such a worker: the database of the test that started it."""

import json
import os

from zaidao.config.settings import *  # noqa: F403

DATABASES = {"default": json.loads(os.environ["ZAIDAO_TEST_CHILD_DATABASE"])}
INSTALLED_APPS = [*INSTALLED_APPS, "tests.core.chores"]  # noqa: F405
