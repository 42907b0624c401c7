"""All settings, from the environment (CONTRACT.md section 8). One file; unsafe values refuse to start."""

from pathlib import Path
from urllib.parse import urlsplit

from huey import PostgresHuey, PriorityRedisHuey

from deploy.environment import (
    choice,
    fernet_keys,
    flag,
    hosts,
    items,
    number,
    seconds,
    secret,
    text,
    web_origins,
    web_url,
)
from deploy.logging import LEVELS, configure_logging
from deploy.service_urls import database, mailer, redis_url

BASE_DIR = Path(__file__).resolve().parent.parent
DEBUG = False
# The demo runs on plain http on one machine, and its live mode talks to the simulator; every page says so.
DEMO = flag("DEMO", False, why="it says whether live mode is only pretended")

SECRET_KEY = secret("SECRET_KEY", why="it signs sessions and forms")
WEBHOOK_SECRET = secret("WEBHOOK_SECRET", why="it signs the callback URLs that providers get", unlike=[SECRET_KEY])
ENCRYPTION_KEYS = fernet_keys(
    "ENCRYPTION_KEYS", why="they seal provider credentials", unlike=[SECRET_KEY, WEBHOOK_SECRET]
)

PUBLIC_URL = web_url(
    "PUBLIC_URL", "http://127.0.0.1:8000", why="sign-in cookies and API keys must only travel over https://"
)
IS_HTTPS = PUBLIC_URL.startswith("https://")
_public_host = urlsplit(PUBLIC_URL).hostname or ""
ALLOWED_HOSTS = hosts("ALLOWED_HOSTS", f"[{_public_host}]" if ":" in _public_host else _public_host)

# --- Applications and tenancy -----------------------------------------------------------------------------------------
SHARED_APPS = [
    "django_tenants",
    "tenants",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "corsheaders",
    "django_htmx",
    "huey.contrib.djhuey",
    "portal",
    "api",
]
TENANT_APPS = ["payments"]
INSTALLED_APPS = SHARED_APPS + TENANT_APPS

TENANT_MODEL = "tenants.Tenant"
DATABASE_ROUTERS = ["django_tenants.routers.TenantSyncRouter"]
# Without it django-tenants sends SET search_path before every cursor; tests/tenants prove that no path leaks with it.
TENANT_LIMIT_SET_CALLS = True
TENANT_CREATION_FAKES_MIGRATIONS = True
TENANT_BASE_SCHEMA = "merchant_template"

_database, DATABASE_URL = database()
DATABASES = {"default": _database}
DATABASES["default"]["CONN_MAX_AGE"] = 600
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASES["default"]["OPTIONS"] |= {
    # A duplicate request waits for the first one's commit (milliseconds); never longer than this.
    "options": "-c lock_timeout=4000 -c idle_in_transaction_session_timeout=60000 -c timezone=UTC",
    "application_name": text("PROCESS_NAME", "ndalama"),
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Jobs: Huey is the doorbell, the Job table is the truth ----------------------------------------------------------
REDIS_URL = redis_url()
WORKER_THREADS = number("WORKER_THREADS", 16, at_least=1, at_most=1000, why="so many jobs a worker does at once")
if REDIS_URL:
    HUEY = PriorityRedisHuey("ndalama", url=REDIS_URL, results=False, utc=True)
else:
    HUEY = PostgresHuey(
        "ndalama",
        # Its tables have a schema of their own, and its commits need no fsync: a lost ring is rung again by the sweep.
        dsn=DATABASE_URL,
        options="-c search_path=huey -c synchronous_commit=off",
        create_tables=False,
        results=False,
        utc=True,
    )

# --- Web --------------------------------------------------------------------------------------------------------------
ROOT_URLCONF = "deploy.urls"
WSGI_APPLICATION = "deploy.wsgi.application"
MIDDLEWARE = [
    "deploy.request_log.RequestLogMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "api.middleware.ApiMiddleware",  # answers /v1/ and /hooks/ itself: what follows is for browsers only
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "tenants.middleware.MerchantMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "portal.context.shell",
            ]
        },
    }
]
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = Path(
    text("STATIC_ROOT", str(BASE_DIR / "var" / "static"), required="name the folder of the collected files")
)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
LANGUAGE_CODE = "en"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500  # fifty routing rules of eight fields each
FILE_UPLOAD_HANDLERS = [
    "portal.uploads.CappedUploadHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
APPEND_SLASH = True

# --- Sign-in ----------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "tenants.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_REDIRECT_URL = "/"
LOGIN_URL = "/accounts/login/"
ACCOUNT_ADAPTER = "tenants.sign_in.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # accounts come from invitations, never from open sign-up
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_RATE_LIMITS = {"login_failed": "10/h/key,100/h/ip"}
ACCOUNT_LOGOUT_ON_GET = False
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not IS_HTTPS
MFA_TOTP_ISSUER = "Ndalama"
USERSESSIONS_TRACK_ACTIVITY = False

CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"}}
if REDIS_URL:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}

_cookie_prefix = "__Host-" if IS_HTTPS else ""
SESSION_COOKIE_NAME = f"{_cookie_prefix}session"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = f"{_cookie_prefix}csrf"
CSRF_COOKIE_SECURE = IS_HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "portal.views.errors.csrf_failure"
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

# --- Headers ----------------------------------------------------------------------------------------------------------
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = IS_HTTPS
SECURE_HSTS_PRELOAD = IS_HTTPS
SECURE_SSL_REDIRECT = flag("SSL_REDIRECT", True, why="it sends http:// to https://") and IS_HTTPS
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$", r"^metrics$"]
# How many proxies of ours stand in front; only that many hops of X-Forwarded-For are believed.
TRUSTED_PROXIES = number(
    "TRUSTED_PROXIES", 0, at_least=0, at_most=10, why="so many hops of X-Forwarded-For are believed"
)
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "connect-src": ["'self'"],
        "font-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}
CORS_ALLOWED_ORIGINS = web_origins("CORS_ALLOWED_ORIGINS", why="API keys must only travel from pages on https://")
CORS_URLS_REGEX = r"^/v1/.*$"

# --- Product ----------------------------------------------------------------------------------------------------------
THROTTLE_LIMIT = number(
    "THROTTLE_LIMIT", 100, at_least=1, why="so many requests a merchant may make in a window, in each mode"
)
THROTTLE_TTL = number("THROTTLE_TTL", 60, at_least=1, at_most=86_400, why="so many seconds that window has")
API_KEY_CACHE_SECONDS = 0.8  # a revoked key stops working everywhere within a second
BODY_MAX_BYTES = 64 * 1024
PROVIDER_TIMEOUT = seconds("PROVIDER_TIMEOUT", 30.0, why="so long one call may take in all")
# MTN's newer gateway takes 10 to 20 s to mint a token
TOKEN_TIMEOUT = seconds("TOKEN_TIMEOUT", 30.0, why="so long a provider may take to mint a token")
_PROVIDERS = ("mtn", "airtel", "zamtel")
# Per phase: connecting, the longest silence, and all of a call.
# Zamtel answers when the payer has answered, which takes a minute and more.
_PATIENCE = {"zamtel": 120.0}
PROVIDER_TIMEOUTS = {
    name: seconds(
        f"{name.upper()}_TIMEOUT",
        max(PROVIDER_TIMEOUT, _PATIENCE.get(name, 0.0)),
        why=f"so long one call to {name} may take in all",
    )
    for name in _PROVIDERS
}
# Whose calls take so long that workers of their own make them: `manage.py run_lane_worker zamtel`.
SLOW_PROVIDERS = items("SLOW_PROVIDERS", ["zamtel"])
CONNECT_TIMEOUTS = {
    name: seconds(
        f"{name.upper()}_CONNECT_TIMEOUT",
        min(5.0, PROVIDER_TIMEOUTS[name]),
        at_most=PROVIDER_TIMEOUTS[name],
        why=f"so long connecting to {name} may take, which is a part of the whole call",
    )
    for name in _PROVIDERS
}
READ_TIMEOUTS = {
    name: seconds(
        f"{name.upper()}_READ_TIMEOUT",
        PROVIDER_TIMEOUTS[name],
        at_most=PROVIDER_TIMEOUTS[name],
        why=f"so long {name} may be silent, which is a part of the whole call",
    )
    for name in _PROVIDERS
}
CIRCUIT_FAILURES = number(
    "CIRCUIT_FAILURES", 5, at_least=1, at_most=100, why="so many failures in a row open a circuit"
)
CIRCUIT_PROBE_SECONDS = seconds("CIRCUIT_PROBE_SECONDS", 5.0, why="so long a provider that is down is left in peace")
PROVIDER_BASE_URLS = {
    name: web_url(
        f"{name.upper()}_BASE_URL",
        default,
        why="a provider's credentials must only travel over https://, or to a simulator on this machine or in a DEMO",
        http_anywhere=DEMO,
        path=True,
    )
    for name, default in {
        "mtn": "https://proxy.momoapi.mtn.com",
        "airtel": "https://openapi.airtel.co.zm",
        "zamtel": "https://apps.zamtel.co.zm/ZampayRestProd",
    }.items()
}
RETRY_MAX_ATTEMPTS = number("RETRY_MAX_ATTEMPTS", 5, at_least=1, at_most=100, why="so often a payment is sent at most")
# How long "not found" is disbelieved after a call whose answer we lost (unset: what the adapter says).
SETTLE_SECONDS = seconds(
    "SETTLE_SECONDS", 0.0, at_least=0.0, at_most=86_400.0, why="so long a lost call may yet appear"
)

MAILERS = {"default": mailer(text("EMAIL_URL", "console://"))}
DEFAULT_FROM_EMAIL = text("EMAIL_FROM", f"Ndalama <no-reply@{_public_host}>", required="name who sends our mail")

# --- Observability ----------------------------------------------------------------------------------------------------
LOG_LEVEL = choice("LOG_LEVEL", "INFO", of=LEVELS, why="it says how much is logged")
LOGGING_CONFIG = None
configure_logging(LOG_LEVEL)
