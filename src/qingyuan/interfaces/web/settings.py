"""Django settings of the console; everything changeable comes from the environment or the data folder.

QINGYUAN_DATA: data folder. QINGYUAN_DATABASE: postgresql://user:password@host/database, else SQLite in the data folder.
QINGYUAN_HOSTS: comma-separated host names answered (default this machine).
QINGYUAN_SECOND_FACTOR=optional: duties that open sealed data do not ask for one (a demo, never a real platform).
QINGYUAN_OIDC_*: the provider of the organisation, CLIENT_ID, CLIENT_SECRET, ISSUER, AUTHORIZATION_ENDPOINT,
TOKEN_ENDPOINT, USERINFO_ENDPOINT, JWKS_ENDPOINT, NAME as shown, CLAIM that names the account (preferred_username).
QINGYUAN_AT_REST_KEY: encrypts kept secrets (people.at_rest), else made into the data folder.
QINGYUAN_SECRET_KEY: signing key, else generated once into the data folder. QINGYUAN_HTTPS=1: cookies and
redirects for a deployment behind TLS. QINGYUAN_STATIC=collected: serve hashed, compressed static files.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from qingyuan.base.durable import kept_secret
from qingyuan.base.settings import data_dir
from qingyuan.interfaces.web.databases import database

HERE = Path(__file__).parent
DATA = data_dir()
DATA.mkdir(parents=True, exist_ok=True)


DEBUG = os.environ.get("QINGYUAN_DEBUG") == "1"
SECRET_KEY = os.environ.get("QINGYUAN_SECRET_KEY") or kept_secret(DATA / "secret_key")
ALLOWED_HOSTS = os.environ.get("QINGYUAN_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
_HTTPS = os.environ.get("QINGYUAN_HTTPS") == "1"

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "qingyuan.people",
    "qingyuan.registers",
    "qingyuan.gateway",
    "qingyuan.rules",
    "qingyuan.reports",
    "qingyuan.cases",
    "qingyuan.plans",
    "qingyuan.interfaces.web",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "qingyuan.interfaces.web.middleware.content_security",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "qingyuan.interfaces.web.middleware.language",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "qingyuan.interfaces.web.access.DeclaredMiddleware",
    "qingyuan.interfaces.web.signin.first.FirstThings",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "qingyuan.interfaces.web.middleware.ContextMiddleware",
    "qingyuan.interfaces.web.middleware.no_nul",
]
ROOT_URLCONF = "qingyuan.interfaces.web.urls"
WSGI_APPLICATION = "qingyuan.interfaces.web.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "qingyuan.interfaces.web.shell.shell",
                "qingyuan.interfaces.web.keeping.form_token",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "qingyuan.interfaces.web.templatetags.qy",
            ],
        },
    }
]

DATABASES: dict[str, dict[str, Any]] = {"default": database(os.environ.get("QINGYUAN_DATABASE", ""), DATA)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 200}},
    "counts": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "web_counts"},
}

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "qingyuan.interfaces.web.signin.passwords.NotUsedBefore", "OPTIONS": {"last": 5}},
]
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
OTP_TOTP_ISSUER = "Qingyuan"
FORCE_SECOND_FACTOR = os.environ.get("QINGYUAN_SECOND_FACTOR") != "optional"


def _oidc(name: str, otherwise: str = "") -> str:
    return os.environ.get(f"QINGYUAN_OIDC_{name}", otherwise)


OIDC_RP_CLIENT_ID = _oidc("CLIENT_ID")
OIDC_RP_CLIENT_SECRET = _oidc("CLIENT_SECRET")
OIDC_ISSUER = _oidc("ISSUER")
OIDC_OP_AUTHORIZATION_ENDPOINT = _oidc("AUTHORIZATION_ENDPOINT")
OIDC_OP_TOKEN_ENDPOINT = _oidc("TOKEN_ENDPOINT")
OIDC_OP_USER_ENDPOINT = _oidc("USERINFO_ENDPOINT")
OIDC_OP_JWKS_ENDPOINT = _oidc("JWKS_ENDPOINT")
OIDC_RP_SIGN_ALGO = _oidc("ALGORITHM", "RS256")
OIDC_NAME = _oidc("NAME", "OpenID Connect")
OIDC_CLAIM = _oidc("CLAIM", "preferred_username")
OIDC_RP_SCOPES = "openid profile"
OIDC_USE_PKCE = True
OIDC_CREATE_USER = False
OIDC_TIMEOUT = 10
OIDC_AUTHENTICATION_CALLBACK_URL = "oidc_callback"
if OIDC_RP_CLIENT_ID:
    AUTHENTICATION_BACKENDS.append("qingyuan.interfaces.web.signin.provider.Backend")
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "overview"
LOGOUT_REDIRECT_URL = "overview"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LOCALE_PATHS = [HERE / "locale"]
USE_I18N = True
USE_TZ = False
TIME_ZONE = "Asia/Shanghai"
FORMAT_MODULE_PATH = None
USE_THOUSAND_SEPARATOR = False

STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
_COLLECTED = os.environ.get("QINGYUAN_STATIC") == "collected"
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if _COLLECTED
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not _COLLECTED
WHITENOISE_AUTOREFRESH = not _COLLECTED
WHITENOISE_IMMUTABLE_FILE_TEST = r"/build/assets/|\.[0-9a-f]{12}\."
"""Names that hold a hash of the content: bundles by their own, styles by the storage's."""

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "qingyuan.interfaces.web.views.errors.stale_form"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = _HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if _HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _HTTPS else None
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'self'",
        "img-src 'self' data: blob:",
        "worker-src 'self' blob:",
        "style-src 'self'",
        "style-src-attr 'unsafe-inline'",  # chart tooltips carry their own style attributes
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ]
)
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "loggers": {"django.request": {"handlers": ["console"], "level": "ERROR", "propagate": False}},
}
