"""Django's settings, all of them derived from the typed Environment."""

from pathlib import Path

from csp.constants import NONE, SELF

from plateward.config.environment import Environment

ENVIRONMENT = Environment.load()

SECRET_KEY = ENVIRONMENT.secret_key
DEBUG = ENVIRONMENT.debug
ALLOWED_HOSTS = list(ENVIRONMENT.hosts)
CSRF_TRUSTED_ORIGINS = [ENVIRONMENT.base_url]

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "csp",
    "django_htmx",
    "procrastinate.contrib.django",
    "plateward.walls",
    "plateward.ui",
    "plateward.audit",
    "plateward.live",
    "plateward.notices",
    "plateward.accounts",
    "plateward.governance",
    "plateward.control",
    "plateward.training",
    "plateward.devices",
    "plateward.reads",
    "plateward.hotlists",
    "plateward.alerts",
    "plateward.field",
    "plateward.outgoing",
    "plateward.units",
    "plateward.search",
    "plateward.evidence",
    "plateward.retention",
    "plateward.releases",
    "plateward.oversight",
    "plateward.violations",
    "plateward.incidents",
    "plateward.audits",
    "plateward.transparency",
    "plateward.console",
    "plateward.api",
    "plateward.config",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "plateward.control.middleware.WindowRecordMiddleware",
    "plateward.governance.middleware.GateMiddleware",
]

ROOT_URLCONF = "plateward.config.urls"
ASGI_APPLICATION = "plateward.config.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "plateward.ui.context.navigation",
                "plateward.ui.context.street_map",
                "plateward.ui.context.demonstration",
                "plateward.notices.context.waiting",
                "plateward.audit.context.journal_alarm",
            ],
        },
    },
]

DATABASES = {"default": ENVIRONMENT.django_database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["plateward.accounts.backend.PersonBackend"]
# PBKDF2-HMAC-SHA256, the one key derivation FIPS 140-3 modules offer for passwords (R23).
PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 8},
    },
    {"NAME": "plateward.accounts.passwords.OwnNamesValidator"},
    {"NAME": "plateward.accounts.passwords.BannedValidator"},
]
LOGIN_PROVIDERS = ENVIRONMENT.login_providers
LOGIN_URL = "accounts:login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "accounts:login"

# R27: authenticate again after 12 hours whatever happened meanwhile.
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
# A session that messages were written into would begin its 12 hours again.
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = ENVIRONMENT.base_url.startswith("https://")
CSRF_COOKIE_SECURE = SESSION_COOKIE_SECURE
# htmx reads the token from the page, never from the cookie.
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "plateward.ui.views.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if SESSION_COOKIE_SECURE else 0
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
    },
}

USE_TZ = True
TIME_ZONE = "America/Los_Angeles"
USE_I18N = False
LANGUAGE_CODE = "en-us"
DATETIME_FORMAT = "M j, Y H:i:s"

STATIC_URL = "static/"
PMTILES_URL = "/map.pmtiles" if ENVIRONMENT.pmtiles else ""
DEMONSTRATION = ENVIRONMENT.demo

DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
BASE_DIR = Path(__file__).resolve().parent.parent

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {"procrastinate": {"level": "WARNING"}},  # it tells of every task at every start
}
