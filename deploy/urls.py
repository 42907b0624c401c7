"""Every address of the product, by who uses it."""

from django.urls import include, path

from deploy.health import livez, readyz

urlpatterns = [
    path("livez", livez, name="livez"),
    path("readyz", readyz, name="readyz"),
    path("accounts/", include("allauth.urls")),
    path("", include("api.urls")),  # /v1/, /hooks/, /docs/
    path("", include("portal.urls")),  # /, /m/<slug>/<mode>/
]
handler400 = "portal.views.errors.bad_request"
handler403 = "portal.views.errors.permission_denied"
handler404 = "portal.views.errors.not_found"
handler500 = "portal.views.errors.server_error"
