"""Settings of the bench: those of earnest, on the names of this machine."""

from zaidao.config.settings import *  # noqa: F403

ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
SECOND_FACTOR_REQUIRED = True
