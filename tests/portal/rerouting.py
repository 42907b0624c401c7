"""What people do on the routing pages, for their tests."""

import re
from html import unescape
from typing import Any

from payments.models import RoutingPlan
from payments.routing.plans import save_plan
from tests.portal.pages import path, text_of
from tests.world import Merchant

EDIT, BACK = "routing/edit/", "routing/back/"
MTN = {"network": "mtn", "operation": "collect", "provider": "mtn", "priority": 1, "share": 100}
AIRTEL = MTN | {"provider": "airtel", "priority": 2}


def saved(merchant: Merchant, *rules: dict[str, Any], livemode: bool = False, note: str = "") -> int:
    """Save rules as a colleague would who sees the newest version; the number of the new one."""
    with merchant.entered():
        newest = RoutingPlan.objects.filter(livemode=livemode).order_by("-version").first()
        actor, based_on = "user:2 admin@acme.test", newest.version if newest else 0
        return save_plan(livemode=livemode, rules=rules, based_on=based_on, actor=actor, note=note).version


def versions(merchant: Merchant) -> list[int]:
    with merchant.entered():
        return list(RoutingPlan.objects.order_by("version").values_list("version", flat=True))


def page(merchant: Merchant, role: str = "owner", mode: str = "test") -> str:
    return text_of(merchant.browser(role).get(path(merchant, "routing/", mode=mode)))


def fields(*rules: dict[str, Any]) -> dict[str, str]:
    """What the browser sends for these rows; a box that is not ticked is not sent."""
    sent = {f"rule-{number}-{name}": str(value) for number, rule in enumerate(rules) for name, value in rule.items()}
    return {f"rule-{number}-is_enabled": "on" for number in range(len(rules))} | sent


def edit(merchant: Merchant, do: str, *rules: dict[str, Any], role: str = "owner", **rest: Any) -> Any:
    headers = rest.pop("headers", {})
    data = {"do": do, "based_on": "0", "note": "Airtel is cheaper.", **fields(*rules), **rest}
    return merchant.browser(role).post(path(merchant, EDIT), data, headers=headers)


def draft_of(response: Any) -> str:
    found = re.search(r'name="draft" value="([^"]+)"', response.content.decode())
    assert found, text_of(response)
    return unescape(found[1])


def save(merchant: Merchant, draft: str, *, role: str = "owner", mode: str = "test", do: str = "save") -> Any:
    return merchant.browser(role).post(path(merchant, EDIT, mode=mode), {"do": do, "draft": draft}, follow=True)


def go_back(merchant: Merchant, to: int, *, based_on: int, role: str = "owner", mode: str = "test") -> Any:
    data = {"to": str(to), "based_on": str(based_on)}
    return merchant.browser(role).post(path(merchant, BACK, mode=mode), data, follow=True)
