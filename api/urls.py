"""The addresses of this door: the API, the callbacks of providers, and the documentation."""

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path

from api import hooks, openapi
from api.v1 import api

app_name = "api"


def nothing_here(_request: HttpRequest) -> HttpResponse:
    """`/v1/` itself, where ninja would redirect to pages of its own."""
    raise Http404


urlpatterns: list[URLPattern | URLResolver] = [
    path("v1/openapi.json", openapi.serve, name="openapi"),
    path("v1/", nothing_here),
    path("v1/", include((api.urls[0], "v1"))),
    path("hooks/<str:provider>/<path:rest>", hooks.callback, name="callback"),
    path("docs/", include(("api.docs.urls", "docs"))),
]
