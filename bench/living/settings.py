"""Settings of the bench: those of earnest, with a door that tests use, so that no password is hashed 12,000 times."""

from zaidao.config.settings import *  # noqa: F403

SECOND_FACTOR_REQUIRED = False  # asks nothing of the database that a signed-in session would
AUTHENTICATION_BACKENDS = [*AUTHENTICATION_BACKENDS, "django.contrib.auth.backends.ModelBackend"]  # noqa: F405  for force_login
ALLOWED_HOSTS = ["127.0.0.1"]
