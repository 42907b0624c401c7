"""The control page as HTML. Everything that came from outside goes through `html.escape`."""

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from html import escape
from pathlib import Path
from string import Template
from typing import Any

from providers.simulator.books import Payment
from providers.simulator.request_log import Seen
from providers.simulator.scripts import CALLBACK, LOOKUP, ORDERS, SCRIPTS, TOKEN
from providers.simulator.switches import DEFAULTS, SWITCHES
from providers.simulator.world import World

_FOLDER = Path(__file__).parent
_PAGE = Template((_FOLDER / "page.html").read_text(encoding="utf-8"))
_STYLE = (_FOLDER / "page.css").read_text(encoding="utf-8")

WAITING_SHOWN = 20
ORDERS_SHOWN = 15
REQUESTS_SHOWN = 15
KIND_WORDS = {"collection": "Collection", "transfer": "Payout", "refund": "Refund"}
COVERS = {"orders": ORDERS, "lookups": LOOKUP, "sign-ins": TOKEN, "callbacks": CALLBACK}
NETWORK_WORDS = {"": "All", "mtn": "MTN", "airtel": "Airtel", "zamtel": "Zamtel"}
STATUS_WORDS = {"PENDING": "Waiting", "SUCCESSFUL": "Moved", "FAILED": "Failed"}


def render_page(world: World, *, network: str = "", notice: str = "", is_mistake: bool = False) -> str:
    """network: the only one to show; "" is all of them."""
    faults, counts = world.faults.as_json(), world.books.counts(network)
    waiting = world.books.latest(WAITING_SHOWN, waiting=True, network=network)
    latest, requests = world.books.latest(ORDERS_SHOWN, network=network), world.requests.latest(REQUESTS_SHOWN, network)
    return _PAGE.substitute(
        style=_STYLE,
        notice=_notice(notice, is_mistake=is_mistake),
        state=_state(world),
        here=_address(network),
        networks="".join(_network_link(each, network) for each in NETWORK_WORDS),
        figures=_figures(world.books.summary(network), counts),
        waiting_count=counts["waiting"],
        waiting=_rows(map(_waiting_row, waiting), 5, "No order waits for a decision."),
        orders=_rows(map(_order_row, latest), 5, "No order was taken yet."),
        requests=_rows(map(_request_row, requests), 4, "Nobody has asked anything yet."),
        rules=_rules(faults["rules"], faults["set"]),
        scripts="".join(
            f'<option value="{name}">{_words(name)} ({_covered(script.on)})</option>'
            for name, script in SCRIPTS.items()
        ),
        mix="".join(_mix_row(name, faults["mix"].get(name, 0.0)) for name in SCRIPTS),
        mix_state=f"{len(faults['mix'])} in force" if faults["mix"] else "nothing in force",
        mix_open="open" if faults["mix"] else "",
        seed=faults["seed"],
    )


def _notice(text: str, *, is_mistake: bool) -> str:
    if not text:
        return ""
    role, kind = ("alert", "bad") if is_mistake else ("status", "good")
    return f'<p class="notice {kind}" role="{role}">{escape(text)}</p>'


def _state(world: World) -> str:
    words = [
        f"Up for {_span(world.uptime_seconds())}",
        f"its clock says {_time(world.clock.now())} UTC",
        f"{sum(world.requests.counts().values()):,} requests",
    ]
    if world.clock.skipped_seconds:
        words.insert(2, f"{_span(world.clock.skipped_seconds)} skipped")
    return " · ".join(words)


def _address(network: str) -> str:
    return f"/?network={network}" if network else "/"


def _network_link(network: str, shown: str) -> str:
    current = ' aria-current="page"' if network == shown else ""
    return f'<a class="button" href="{_address(network)}"{current}>{NETWORK_WORDS[network]}</a>'


def _figures(truth: dict[str, Any], counts: dict[str, int]) -> str:
    doubles, over = len(truth["doubles"]), len(truth["over_refunded"])
    figures = [
        ("Orders taken", f"{counts['payments']:,}", ""),
        ("Money in", _money(truth["totals"]), ""),
        ("Money out", _money(truth["totals_out"]), ""),
        ("Moved twice", f"{doubles:,}", "bad" if doubles else "good"),
        ("Refunded too much", f"{over:,}", "bad" if over else "good"),
    ]
    return "".join(f'<div class="{kind}"><dt>{name}</dt><dd>{value}</dd></div>' for name, value, kind in figures)


def _rows(rows: Iterable[str], columns: int, empty: str) -> str:
    return "".join(rows) or f'<tr class="empty"><td colspan="{columns}">{empty}</td></tr>'


def _waiting_row(payment: Payment) -> str:
    buttons = "".join(
        f'<button name="verdict" value="{verdict}" class="{kind}" aria-label="{words} {escape(payment.reference)}">'
        f"{words}</button>"
        for verdict, words, kind in (("approve", "Approve", "primary"), ("decline", "Decline", ""))
    )
    form = (
        f'<form method="post" action="/page/decide" class="inline">'
        f'<input type="hidden" name="reference" value="{escape(payment.key)}">{buttons}</form>'
    )
    return f"<tr>{_about(payment)}<td>{form}</td></tr>"


def _order_row(payment: Payment) -> str:
    reason = f' <span class="muted">{escape(_words(payment.reason.lower()))}</span>' if payment.reason else ""
    mark = f'<span class="mark {payment.status.lower()}">{STATUS_WORDS[payment.status]}</span>'
    return f"<tr>{_about(payment)}<td>{mark}{reason}</td></tr>"


def _about(payment: Payment) -> str:
    title = escape(f"reference {payment.reference}, external id {payment.external_id or '-'}")
    return (
        f'<td class="muted">{_time(payment.accepted_at)}</td>'
        f'<td title="{title}">{_at(KIND_WORDS[payment.kind], payment.network)}</td>'
        f"<td>{escape(payment.phone) or '-'}</td>"
        f'<td class="number">{Decimal(payment.amount):,}&nbsp;{escape(payment.currency)}</td>'
    )


def _at(what: str, network: str) -> str:
    return f'{escape(what)} <span class="muted">{NETWORK_WORDS[network]}</span>'


def _request_row(seen: Seen) -> str:
    ending = seen.answer.ending
    status = seen.answer.status
    kind = "failed" if ending or status >= 400 else "successful"
    return (
        f'<tr><td class="muted">{_time(seen.at)}</td><td>{_at(seen.operation or "-", seen.network)}</td>'
        f'<td class="path">{escape(seen.request.method)} {escape(seen.request.path)}</td>'
        f'<td><span class="mark {kind}">{ending or status}</span></td></tr>'
    )


def _rules(rules: list[dict[str, Any]], switches: dict[str, Any]) -> str:
    lines = [_rule_line(rule) for rule in rules]
    changed = {name: value for name, value in switches.items() if value != DEFAULTS[name]}
    lines += [f"<li><code>{escape(name)} = {escape(str(value))}</code> for all</li>" for name, value in changed.items()]
    if not lines:
        return '<p class="muted">No rule and no switch is set.</p>'
    button = '<form method="post" action="/page/clear_rules"><button>Remove all</button></form>'
    return f'<ul class="rules">{"".join(lines)}</ul>{button}'


def _rule_line(rule: dict[str, Any]) -> str:
    what = rule.get("script") or ", ".join(f"{name} = {value}" for name, value in rule["set"].items())
    acts_on = SCRIPTS[rule["script"]].on if "script" in rule else _acted_on(rule["set"])
    whom = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in rule["match"].items())
    whom = whom or f"all {_covered(acts_on)}"
    limit = f" of {rule['times']}" if rule["times"] is not None else ""
    often = f", hit {rule['used']}{limit}"
    chance = f", {rule['probability']:.0%} chance" if rule["probability"] < 1 else ""
    return f"<li><code>{escape(what)}</code> for {escape(whom)}{chance}{often}</li>"


def _acted_on(switches: Iterable[str]) -> frozenset[str]:
    return frozenset().union(*(SWITCHES[name].acts_on for name in switches))


def _covered(operations: frozenset[str]) -> str:
    """What people call these operations: "orders", "orders and lookups"."""
    return " and ".join(name for name, covered in COVERS.items() if covered & operations)


def _mix_row(name: str, share: float) -> str:
    script = SCRIPTS[name]
    number = f" <span>260966xxx{script.ending}</span>" if script.ending else ""
    value = f"{share * 100:g}" if share else ""
    return (
        f'<div><label for="mix-{name}">{_words(name)}</label>'
        f'<span class="share"><input id="mix-{name}" name="{name}" value="{value}" inputmode="decimal"'
        f' placeholder="0" size="4" aria-describedby="about-{name}"> %</span>'
        f'<p id="about-{name}">{escape(script.words)}{number}</p></div>'
    )


def _words(name: str) -> str:
    return name.replace("_", " ").capitalize().replace("Html", "HTML").replace("html", "HTML")


def _money(totals: dict[str, str]) -> str:
    return "<br>".join(f"{Decimal(amount):,} {escape(currency)}" for currency, amount in totals.items()) or "0"


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%H:%M:%S")


def _span(seconds: float) -> str:
    for length, name in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= length:
            return f"{seconds / length:.0f} {name}"
    return f"{seconds:.0f} s"
