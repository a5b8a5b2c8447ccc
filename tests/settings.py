"""Settings of the tests: a place of their own for everything written, jobs done at once."""

import atexit
import os
import shutil
import sys
import tempfile

# Bytecode is kept, whatever the environment says: else each of the many processes that tests start compiles everything anew.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

_place = tempfile.mkdtemp(prefix="zaidao-tests-")
atexit.register(shutil.rmtree, _place, ignore_errors=True)
os.environ |= {"ZAIDAO_VAR": _place, "ZAIDAO_SECRET_KEY": "tests" * 8, "ZAIDAO_TASKS": "inline"}

from zaidao.config.settings import *  # noqa: E402, F403

KEYS = VAR / "keys"  # noqa: F405
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
if "sqlite" in DATABASES["default"]["ENGINE"]:  # noqa: F405
    DATABASES["default"]["TEST"] = {"NAME": VAR / "tests.sqlite3"}  # noqa: F405  a file as in earnest: threads wait for each other
SECOND_FACTOR_REQUIRED = False  # its own tests turn it on
AUTHENTICATION_BACKENDS = [*AUTHENTICATION_BACKENDS, "django.contrib.auth.backends.ModelBackend"]  # noqa: F405  for force_login
