"""Settings of sign-in: who is asked what, how long a session lasts, what counts as too many attempts.

Everything works without a mail server and without the internet; single sign-on is there where its address is given.
"""

from datetime import timedelta
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from zaidao.config import env

AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "zaidao.accounts.backends.NumberOrPhone"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("work_no", "name")},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "zaidao.accounts.validators.NotOneself"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "shell:home"

# Sessions. Cookies travel encrypted wherever the system is reached under another name than this machine's.
HTTPS = env.flag("ZAIDAO_HTTPS", default=bool(env.hosts("ZAIDAO_HOSTS")))
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_AGE = 12 * 3600  # seconds: a working day and its overtime; nobody stays signed in overnight
IDLE_MINUTES = env.number("ZAIDAO_IDLE_MINUTES", 60, least=5, most=720)  # a desk left over lunch does not stay open
PROXIES = env.number("ZAIDAO_PROXIES", 0, most=9)  # how many of one's own proxies stand in front; their X-Forwarded-For is believed
ALLAUTH_TRUSTED_PROXY_COUNT = PROXIES
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PROXIES else None

# allauth: work number and password; no self sign-up, no mail. Pages are mounted one by one in accounts/sign_in_urls.py.
ACCOUNT_ADAPTER = "zaidao.accounts.adapters.Account"
ACCOUNT_USER_MODEL_USERNAME_FIELD = "work_no"
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_SIGNUP_ENABLED = False
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_NOTIFICATIONS = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_REDIRECT_URL = LOGIN_URL
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300  # seconds that a confirmed identity holds for changes to one's own account
ACCOUNT_REAUTHENTICATION_METHODS = ["password", "mfa"]
ACCOUNT_PRESERVE_USERNAME_CASING = True
# By address: a whole office may stand behind one, but not guess at many names. One name is the business of axes.
ACCOUNT_RATE_LIMITS = {"sign_in": "60/5m/ip", "login": "200/m/ip", "suggest": "20/h/ip"}
MFA_RATE_LIMITS = {"webauthn_login": "100/m/ip"}
ACCOUNT_FORMS = {
    "login": "zaidao.accounts.forms.SignIn", "change_password": "zaidao.accounts.forms.ChangePassword",
    "set_password": "zaidao.accounts.forms.SetPassword", "reauthenticate": "zaidao.accounts.forms.Confirm",
}

# The second factor: asked of whoever may see others' sensitive fields or keeps the system.
DEMO = env.flag("ZAIDAO_DEMO")
SECOND_FACTOR_REQUIRED = env.flag("ZAIDAO_SECOND_FACTOR", default=not DEMO)
SECOND_FACTOR_MINUTES = env.number("ZAIDAO_SECOND_FACTOR_MINUTES", 60, least=1, most=720)  # fresh before sensitive acts
MFA_ADAPTER = "zaidao.accounts.adapters.Factors"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "载道"
MFA_TOTP_TOLERANCE = 1  # steps of 30 s: telephones in workshops keep poor time
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_FORMS = {
    "authenticate": "zaidao.accounts.forms.FactorCode", "reauthenticate": "zaidao.accounts.forms.FactorCodeAgain",
    "activate_totp": "zaidao.accounts.forms.FirstFactorCode", "add_webauthn": "zaidao.accounts.forms.NewPasskey",
    "edit_webauthn": "zaidao.accounts.forms.PasskeyName",
}

# Lock-out: five failures of one name from one address within a quarter of an hour, known or not.
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_FORM_FIELD = "username"
AXES_USERNAME_CALLABLE = "zaidao.accounts.lockout.key_of"
AXES_CLIENT_IP_CALLABLE = "zaidao.accounts.lockout.address_of"
AXES_LOCKOUT_CALLABLE = "zaidao.accounts.lockout.locked_out"
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
AXES_SENSITIVE_PARAMETERS = [
    "username", "ip_address", "login", "work_no", "code", "password", "password1", "password2", "oldpassword", "credential",
    "csrfmiddlewaretoken",
]

# Administration and delegation.
SEPARATE_DUTIES = env.flag("ZAIDAO_SEPARATE_DUTIES")  # three persons for system, security and audit; an office of two cannot have that
DELEGATION_DAYS = env.number("ZAIDAO_DELEGATION_DAYS", 90, least=1, most=366)  # beyond a quarter it is no stand-in but an appointment
SUGGESTION_WORKING_DAYS = env.number("ZAIDAO_SUGGESTION_WORKING_DAYS", 10, least=1, most=60)  # as with answers to findings

# Single sign-on by OpenID Connect: for people who have an account here already, found by their work number.
OIDC_NAME = env.text("ZAIDAO_OIDC_NAME", "统一身份认证")
OIDC_CLAIM = env.text("ZAIDAO_OIDC_CLAIM", "work_no")
OIDC_PROVIDER = "sso"
_client, _secret, _server = env.text("ZAIDAO_OIDC_ID"), env.text("ZAIDAO_OIDC_SECRET"), env.origin("ZAIDAO_OIDC_URL")
OIDC = bool(_client or _secret or _server)
if OIDC and not (_client and _secret and _server):
    raise ImproperlyConfigured("单点登录要同时设置 ZAIDAO_OIDC_ID、ZAIDAO_OIDC_SECRET、ZAIDAO_OIDC_URL。")
if OIDC and urlsplit(_server).scheme != "https" and urlsplit(_server).hostname not in {"127.0.0.1", "localhost", "::1"}:
    raise ImproperlyConfigured("ZAIDAO_OIDC_URL 必须以 https:// 开头:否则网络上的人可以冒充对方系统,以任何人登录。")
OIDC_ORIGINS = env.names("ZAIDAO_OIDC_ORIGINS") or ([f"{urlsplit(_server).scheme}://{urlsplit(_server).netloc}"] if OIDC else [])
SOCIALACCOUNT_ADAPTER = "zaidao.accounts.adapters.SingleSignOn"
SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [{
    "provider_id": OIDC_PROVIDER, "name": OIDC_NAME, "client_id": _client, "secret": _secret, "settings": {"server_url": _server},
}]}} if OIDC else {}
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_AUTO_SIGNUP = False
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_OPENID_CONNECT_URL_PREFIX = ""
