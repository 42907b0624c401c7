"""Addresses of the pages. Everything of a merchant lies below /m/<slug>/<test|live>/."""

from django.urls import URLPattern, include, path, register_converter

from payments.kinds import PaymentKind
from portal.access import merchant_page
from portal.kind_words import KIND_WORDS
from portal.views import (
    attention,
    audit,
    fees,
    home,
    inbox,
    index,
    keys,
    ledger,
    payment,
    payments,
    payout_new,
    providers,
    refund_new,
    resolutions,
    routing,
    routing_back,
    routing_edit,
    statement_close,
    statement_decisions,
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


def pages_of(kind: PaymentKind) -> list[URLPattern]:
    """The list of one kind, and the page of each of them with what can be done there."""
    words, given = KIND_WORDS[kind], {"kind": kind}
    many, one = f"{words.pages}/", f"{words.pages}/<object_id:object_id>/"
    cancel = merchant_page(words.cancel_permission)(payment.cancel)
    return [
        path(many, payments.payments, given, name=words.pages),
        path(f"{many}refresh/", payments.refresh, given, name=f"{words.pages}_refresh"),
        path(one, payment.payment, given, name=words.page),
        path(f"{one}check/", payment.check, given, name=f"{words.page}_check"),
        path(f"{one}cancel/", cancel, given, name=f"{words.page}_cancel"),
        path(f"{one}phone/", payment.reveal_phone, given, name=f"{words.page}_phone"),
    ]


merchant_patterns = [
    path("", home.home, name="home"),
    path("attention/", attention.attention, name="attention"),
    path("attention/<object_id:object_id>/seen/", attention.seen, name="attention_seen"),
    path("attention/<object_id:object_id>/settle/", resolutions.settle, name="attention_settle"),
    path("proposals/<object_id:object_id>/", resolutions.proposal, name="attention_proposal"),
    path("proposals/<object_id:object_id>/approve/", resolutions.approve, name="attention_approve"),
    path("proposals/<object_id:object_id>/reject/", resolutions.reject, name="attention_reject"),
    path("proposals/<object_id:object_id>/withdraw/", resolutions.withdraw, name="attention_withdraw"),
    path("payments/find/", payments.find, name="payments_find"),
    path("payments/<object_id:object_id>/refund/", refund_new.refund_new, name="payment_refund"),
    path("payouts/new/", payout_new.payout_new, name="payout_new"),
    *(pattern for kind in PaymentKind for pattern in pages_of(kind)),
    path("ledger/", ledger.ledger, name="ledger"),
    path("ledger/fees/", fees.fees, name="fees"),
    path("ledger/fees/change/", fees.fee_change, name="fee_change"),
    path("developers/keys/", keys.keys, name="keys"),
    path("developers/keys/new/", keys.new, name="key_new"),
    path("developers/keys/<object_id:object_id>/revoke/", keys.revoke, name="key_revoke"),
    path("developers/inbox/", inbox.inbox, name="inbox"),
    path("developers/inbox/<object_id:object_id>/", inbox.message, name="inbox_message"),
    path("developers/inbox/<object_id:object_id>/link/", inbox.link, name="inbox_link"),
    path("providers/", providers.providers, name="providers"),
    path("providers/<object_id:object_id>/override/", providers.override, name="providers_override"),
    path("routing/", routing.routing, name="routing"),
    path("routing/edit/", routing_edit.edit, name="routing_edit"),
    path("routing/back/", routing_back.back, name="routing_back"),
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
    path("reconcile/lines/<object_id:object_id>/settle/", statement_decisions.settle, name="statement_settle"),
    path("reconcile/lines/<object_id:object_id>/ask/", statement_items.ask, name="statement_ask"),
    path("reconcile/lines/<object_id:object_id>/propose/", statement_decisions.propose, name="statement_propose"),
    path("reconcile/proposals/<object_id:object_id>/decide/", statement_decisions.decide, name="statement_decide"),
    path(
        "reconcile/proposals/<object_id:object_id>/together/", statement_decisions.together, name="statement_together"
    ),
    path("audit/", audit.audit, name="audit"),
]

urlpatterns = [
    path("", index.index, name="index"),
    path("m/<slug:slug>/", index.enter, name="enter"),
    path("m/<slug:slug>/<mode:mode>/", include(merchant_patterns)),
]
