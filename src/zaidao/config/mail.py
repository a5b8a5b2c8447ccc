"""Mail that goes out (docs/reference/settings.md). Without a server nothing is sent; everything stands in the system itself."""

from django.core.exceptions import ImproperlyConfigured

from zaidao.config import env

EMAIL_HOST = env.text("ZAIDAO_MAIL_HOST")
EMAIL_PORT = env.number("ZAIDAO_MAIL_PORT", 25, least=1, most=65535)
EMAIL_HOST_USER = env.text("ZAIDAO_MAIL_USER")
EMAIL_HOST_PASSWORD = env.text("ZAIDAO_MAIL_PASSWORD")
_security = env.choice("ZAIDAO_MAIL_SECURITY", ["none", "starttls", "tls"], "none")
EMAIL_USE_TLS, EMAIL_USE_SSL = _security == "starttls", _security == "tls"
EMAIL_TIMEOUT = 20  # seconds: a server that does not answer must not hold the worker
DEFAULT_FROM_EMAIL = env.text("ZAIDAO_MAIL_FROM", EMAIL_HOST_USER)

if (EMAIL_HOST_USER or EMAIL_HOST_PASSWORD) and not EMAIL_HOST:
    raise ImproperlyConfigured("设置了 ZAIDAO_MAIL_USER 或 ZAIDAO_MAIL_PASSWORD,却没有设置 ZAIDAO_MAIL_HOST。")
if EMAIL_HOST and "@" not in DEFAULT_FROM_EMAIL:
    raise ImproperlyConfigured("设置了 ZAIDAO_MAIL_HOST,还要用 ZAIDAO_MAIL_FROM 写明发件地址。")
