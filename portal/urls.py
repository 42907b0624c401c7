"""Addresses of the pages. Everything of a merchant lies below /m/<slug>/<test|live>/."""

from django.urls import include, path, register_converter

from portal.views import (
    audit,
    home,
    index,
    keys,
    payment,
    payments,
    statement_close,
    statement_import,
    statement_items,
    statements,
)

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
    path("reconcile/", statements.statements, name="statements"),
    path("reconcile/new/", statement_import.new, name="statement_new"),
    path("reconcile/sample/", statement_import.sample, name="statement_sample"),
    path("reconcile/<object_id:object_id>/", statements.statement, name="statement"),
    path("reconcile/<object_id:object_id>/map/", statement_import.map_columns, name="statement_map"),
    path("reconcile/<object_id:object_id>/discard/", statement_import.discard, name="statement_discard"),
    path("reconcile/<object_id:object_id>/compare/", statements.rematch, name="statement_rematch"),
    path("reconcile/<object_id:object_id>/close/", statement_close.close, name="statement_close"),
    path("reconcile/<object_id:object_id>/certificate/", statement_close.certificate, name="statement_certificate"),
    path("reconcile/<object_id:object_id>/certificate.json", statement_close.download, name="statement_download"),
    path("reconcile/lines/<object_id:object_id>/", statement_items.item, name="statement_item"),
    path("reconcile/lines/<object_id:object_id>/link/", statement_items.link, name="statement_link"),
    path("reconcile/lines/<object_id:object_id>/unlink/", statement_items.unlink, name="statement_unlink"),
    path("reconcile/lines/<object_id:object_id>/settle/", statement_items.settle, name="statement_settle"),
    path("reconcile/lines/<object_id:object_id>/ask/", statement_items.ask, name="statement_ask"),
    path("reconcile/lines/<object_id:object_id>/propose/", statement_items.propose, name="statement_propose"),
    path("reconcile/proposals/<object_id:object_id>/decide/", statement_items.decide, name="statement_decide"),
    path("audit/", audit.audit, name="audit"),
]

urlpatterns = [
    path("", index.index, name="index"),
    path("m/<slug:slug>/", index.enter, name="enter"),
    path("m/<slug:slug>/<mode:mode>/", include(merchant_patterns)),
]
