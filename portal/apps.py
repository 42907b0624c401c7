"""The HTML door: pages for merchant staff. It owns no tables."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "portal"
    verbose_name = "Portal"
