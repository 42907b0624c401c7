"""Addresses of the pages. Everything of a merchant lies below /m/<slug>/<test|live>/."""

from django.urls import include, path, register_converter

from portal.views import attention, audit, home, inbox, index, keys, payment, payments, providers, resolutions

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
    path("attention/", attention.attention, name="attention"),
    path("attention/<object_id:object_id>/seen/", attention.seen, name="attention_seen"),
    path("attention/<object_id:object_id>/settle/", resolutions.settle, name="attention_settle"),
    path("proposals/<object_id:object_id>/", resolutions.proposal, name="attention_proposal"),
    path("proposals/<object_id:object_id>/approve/", resolutions.approve, name="attention_approve"),
    path("proposals/<object_id:object_id>/reject/", resolutions.reject, name="attention_reject"),
    path("proposals/<object_id:object_id>/withdraw/", resolutions.withdraw, name="attention_withdraw"),
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
    path("developers/inbox/", inbox.inbox, name="inbox"),
    path("developers/inbox/<object_id:object_id>/", inbox.message, name="inbox_message"),
    path("developers/inbox/<object_id:object_id>/link/", inbox.link, name="inbox_link"),
    path("providers/", providers.providers, name="providers"),
    path("providers/<object_id:object_id>/override/", providers.override, name="providers_override"),
    path("audit/", audit.audit, name="audit"),
]

urlpatterns = [
    path("", index.index, name="index"),
    path("m/<slug:slug>/", index.enter, name="enter"),
    path("m/<slug:slug>/<mode:mode>/", include(merchant_patterns)),
]
