"""Mail that goes out (docs/reference/settings.md). Without a server nothing is sent; everything stands in the system itself."""

from zaidao.config import env

EMAIL_HOST = env.text("ZAIDAO_MAIL_HOST")
EMAIL_PORT = env.number("ZAIDAO_MAIL_PORT", 25, least=1)
EMAIL_HOST_USER = env.text("ZAIDAO_MAIL_USER")
EMAIL_HOST_PASSWORD = env.text("ZAIDAO_MAIL_PASSWORD")
_security = env.choice("ZAIDAO_MAIL_SECURITY", ["none", "starttls", "tls"], "none")
EMAIL_USE_TLS, EMAIL_USE_SSL = _security == "starttls", _security == "tls"
EMAIL_TIMEOUT = 20  # seconds: a server that does not answer must not hold the worker
DEFAULT_FROM_EMAIL = env.text("ZAIDAO_MAIL_FROM", EMAIL_HOST_USER or "zaidao@localhost")
