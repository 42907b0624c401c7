"""Addresses of the pages. Everything of a merchant lies below /m/<slug>/<test|live>/."""

from django.urls import include, path, register_converter

from portal.views import audit, home, index, keys, payment, payments

app_name = "portal"


class ModeConverter:
    regex = "test|live"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class ObjectIdConverter(ModeConverter):
    """`pay_…` and its like: nothing else reaches a query."""

    regex = "[a-z]{2,4}_[0-9a-z]{1,36}"


register_converter(ModeConverter, "mode")
register_converter(ObjectIdConverter, "object_id")

merchant_patterns = [
    path("", home.home, name="home"),
    path("payments/", payments.payments, name="payments"),
    path("payments/find/", payments.find, name="payments_find"),
    path("payments/refresh/", payments.refresh, name="payments_refresh"),
    path("payments/<object_id:object_id>/", payment.payment, name="payment"),
    path("payments/<object_id:object_id>/check/", payment.check, name="payment_check"),
    path("payments/<object_id:object_id>/cancel/", payment.cancel, name="payment_cancel"),
    path("payments/<object_id:object_id>/phone/", payment.reveal_phone, name="payment_phone"),
    path("developers/keys/", keys.keys, name="keys"),
    path("developers/keys/new/", keys.new, name="key_new"),
    path("developers/keys/<object_id:object_id>/revoke/", keys.revoke, name="key_revoke"),
    path("audit/", audit.audit, name="audit"),
]

urlpatterns = [
    path("", index.index, name="index"),
    path("m/<slug:slug>/", index.enter, name="enter"),
    path("m/<slug:slug>/<mode:mode>/", include(merchant_patterns)),
]
