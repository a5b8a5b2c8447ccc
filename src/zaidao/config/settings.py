"""Settings of the web part, from the environment (docs/reference/settings.md).

Everything that is written lies under ZAIDAO_VAR (default `./var`): database, uploads, results; keys under ZAIDAO_KEYS.
"""

from pathlib import Path

from csp.constants import NONE, SELF

from zaidao.config import database, env, sign_in
from zaidao.config.mail import *  # noqa: F403  names in capitals
from zaidao.config.sign_in import *  # noqa: F403  names in capitals
from zaidao.core import logs

VAR = env.folder("ZAIDAO_VAR", Path("var"))
KEYS = env.folder("ZAIDAO_KEYS", VAR / "keys")
VAR.mkdir(parents=True, exist_ok=True, mode=0o700)

SECRET_KEY = env.secret("ZAIDAO_SECRET_KEY", VAR / "secret_key")
DEBUG = env.flag("ZAIDAO_DEBUG")
DEMO = env.flag("ZAIDAO_DEMO")  # the sample group, persons to enter as, the watermark
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", *env.hosts("ZAIDAO_HOSTS")]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "csp",
    "zaidao.core",
    "zaidao.accounts",  # before allauth, whose pages it words anew
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "axes",
    "zaidao.organisations",
    "zaidao.institutions",
    "zaidao.carriers",
    "zaidao.diagnosis",
    "zaidao.shell",
]
AUTH_USER_MODEL = "accounts.User"
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "zaidao.core.logs.requests",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "zaidao.accounts.middleware.session_term",
    "zaidao.accounts.middleware.SignInRequired",
    "zaidao.accounts.middleware.second_factor",
    "zaidao.core.middleware.scoped_requests",
    "zaidao.core.burden.counted",
    "axes.middleware.AxesMiddleware",
    "zaidao.shell.demo.marking.named",
]
ROOT_URLCONF = "zaidao.config.urls"
WSGI_APPLICATION = "zaidao.config.wsgi.application"
TEMPLATES = [{
    "BACKEND": "django.template.backends.django.DjangoTemplates",
    "APP_DIRS": True,
    "OPTIONS": {
        "context_processors": [
            "django.template.context_processors.request",
            "django.contrib.messages.context_processors.messages",
            "zaidao.shell.context.base",
        ],
        "builtins": ["zaidao.core.templatetags.ui"],
    },
}]

DATABASES = database.settings(env.text("ZAIDAO_DATABASE_URL"), VAR, env.text("ZAIDAO_DATABASE_PASSWORD"))
# What sign-in counts by address and which one-time codes were used: shared by the processes of this place, and kept when one starts anew.
CACHES = {"default": {
    "BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": VAR / "cache", "OPTIONS": {"MAX_ENTRIES": 20_000},
}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

STATIC_URL = "static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# No other site may send a form.
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_FAILURE_VIEW = "zaidao.shell.views.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {"DIRECTIVES": {
    "default-src": [NONE], "script-src": [SELF], "style-src": [SELF], "img-src": [SELF, "data:"], "connect-src": [SELF],
    "font-src": [SELF], "form-action": [SELF, *sign_in.OIDC_ORIGINS], "frame-ancestors": [NONE], "base-uri": [NONE],
}}

DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000  # a tick list has three of each person
DATA_UPLOAD_MAX_NUMBER_FILES = 200
FILE_UPLOAD_PERMISSIONS = 0o600
UPLOAD_LIMIT = 300 * 1024 * 1024  # bytes of one upload, all files together

# "worker": `zaidao worker` does them; "inline": at once, in the caller (tests).
TASKS = env.choice("ZAIDAO_TASKS", ["worker", "inline"], "worker")
WORKER_CHILDREN = env.number("ZAIDAO_WORKER_CHILDREN", 1, least=1, most=64)  # long jobs at a time
DUCKDB_THREADS = 2

LOGGING = logs.settings(env.choice("ZAIDAO_LOG", ["INFO", "WARNING"], "INFO"))  # INFO: a line for each request
DEFAULT_EXCEPTION_REPORTER = "zaidao.core.reports.Reporter"
DEFAULT_EXCEPTION_REPORTER_FILTER = "zaidao.core.reports.Nothing"

env.finish()
