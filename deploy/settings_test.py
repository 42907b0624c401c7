"""The settings of the tests: the real ones, with secrets of no value and a faster password hash."""

import os

from huey import MemoryHuey

os.environ.setdefault("SECRET_KEY", "only-for-tests-only-for-tests-only-for-tests")
os.environ.setdefault("WEBHOOK_SECRET", "only-for-tests-callback-signatures-of-no-value")
os.environ.setdefault("ENCRYPTION_KEYS", "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=")
os.environ.setdefault("DATABASE_URL", "postgresql://nobody@127.0.0.1/none")
os.environ.setdefault("DEMO", "1")
os.environ.setdefault("LOG_LEVEL", "ERROR")
os.environ.setdefault("PROVIDER_TIMEOUT", "5")
os.environ.setdefault("TOKEN_TIMEOUT", "5")

from deploy.settings import *  # noqa: F403
from deploy.settings import BASE_DIR, PASSWORD_HASHERS

ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
# Fast for tests; the real one second, for what the real processes are to read.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *PASSWORD_HASHERS]
MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Served as they lie in the tree, without collecting and hashing them first.
STATIC_ROOT = BASE_DIR / "static"
STATICFILES_DIRS = []
# Rings are swallowed: tests run the Job rows themselves, as the workers would.
HUEY = MemoryHuey("tests", immediate=False, results=False)
