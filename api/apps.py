"""The JSON door for merchant servers, the callbacks of providers, and the public documentation of both."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "api"
