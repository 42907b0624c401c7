"""Runs granian with the application loaded before its workers are forked: they start at once and share its memory.

python -m deploy.web --interface wsgi deploy.wsgi:application [options of granian]
"""

from django.urls import get_resolver
from granian.cli import entrypoint

import deploy.wsgi  # noqa: F401 (loads the applications and the middleware)

if __name__ == "__main__":
    get_resolver().url_patterns  # noqa: B018 (loads the views, which the first request would wait for otherwise)
    entrypoint()
