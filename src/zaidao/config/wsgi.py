"""The WSGI application that granian serves."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zaidao.config.settings")
application = get_wsgi_application()

from zaidao.core.processes import settle  # noqa: E402  not before the settings are named

settle()
