"""The page's addresses: one GET that shows all, and a form post for each thing that can be done."""

from collections.abc import Callable, Mapping
from urllib.parse import parse_qsl, urlsplit

from providers.simulator.messages import Answer, Request
from providers.simulator.page import forms
from providers.simulator.page.view import render_page
from providers.simulator.receipts import NETWORKS
from providers.simulator.world import World

PAGE_PREFIX = "/page/"

Fields = Mapping[str, str]

# What the page says after a form was carried out.
DONE: Mapping[str, str] = {
    "decide": "The order has ended.",
    "mix": "The mix is in force.",
    "add_rule": "The rule is in force.",
    "clear_rules": "All rules and switches are gone.",
    "clock": "The clock was put forward, and what was due has happened.",
    "revoke_tokens": "Every token is void.",
    "reset": "The world is empty.",
}


class ControlPage:
    def __init__(self, world: World) -> None:
        self._world = world
        self._forms: Mapping[str, Callable[[World, Fields], None]] = {
            "decide": forms.decide,
            "mix": forms.set_mix,
            "add_rule": forms.add_rule,
            "clear_rules": forms.clear_rules,
            "clock": forms.advance_clock,
            "revoke_tokens": forms.revoke_tokens,
            "reset": forms.reset,
        }

    def handle(self, request: Request) -> Answer:
        if request.method in {"GET", "HEAD"}:
            network = request.query.get("network", "")
            return self._page(
                DONE.get(request.query.get("done", ""), ""), network=network if network in NETWORKS else ""
            )
        name = request.path.removeprefix(PAGE_PREFIX)
        form = self._forms.get(name)
        if request.method != "POST" or form is None:
            return Answer(404, b"not found", "text/plain")
        if not _is_own(request):
            return Answer(403, b"This form was sent by another site.", "text/plain")
        try:
            form(self._world, dict(parse_qsl(request.body.decode(), keep_blank_values=True)))
        except ValueError as mistake:
            return self._page(str(mistake), status=400)
        return Answer(303, headers={"Location": f"/?done={name}"})

    def _page(self, notice: str, *, network: str = "", status: int = 200) -> Answer:
        page = render_page(self._world, network=network, notice=notice, is_mistake=status != 200)
        return Answer(status, page.encode(), "text/html; charset=utf-8", {"Cache-Control": "no-store"})


def _is_own(request: Request) -> bool:
    """Browsers name the site that a form post comes from; any page on the web could send one here."""
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")
