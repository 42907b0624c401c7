"""Routing: which provider serves which number now, in a table and in words, and every version there was."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from payments.routing.choosing import Route
from payments.routing.rules import Rule
from payments.selectors.routing import list_versions
from portal.access import MerchantRequest, may, merchant_page, roles_that_may
from portal.htmx import render_page
from portal.routing_now import routing_now
from portal.routing_words import limit_words, sentences
from providers.names import NETWORKS
from providers.numbers import NETWORK_BY_PREFIX, PREFIXES_AS_OF

HISTORY_SHOWN = 100


@merchant_page("routing.view")
@require_safe
def routing(request: MerchantRequest) -> HttpResponse:
    now = routing_now(request)
    context = {
        "now": now,
        "lines": [
            (rule, _state(rule, now.routes), limit_words(rule.amount_min, rule.amount_max)) for rule in now.rules
        ],
        "sentences": sentences(now.rules, now.routes) if now.rules else [],
        "versions": list_versions(livemode=request.livemode, limit=HISTORY_SHOWN),
        "history_shown": HISTORY_SHOWN,
        "prefixes": [(name, [f"0{each}" for each, of in NETWORK_BY_PREFIX.items() if of == name]) for name in NETWORKS],
        "prefixes_as_of": PREFIXES_AS_OF,
        "can_edit": may(request, "routing.edit"),
        "who_may": roles_that_may("routing.edit"),
    }
    return render_page(request, "portal/routing.html", context, partial="rules")


def _state(rule: Rule, routes: frozenset[Route]) -> str:
    """A word of the table `rule` in portal/words.py."""
    if not rule.is_enabled:
        return "off"
    return "on" if (rule.provider, str(rule.operation)) in routes else "unconnected"
