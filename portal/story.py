"""Turns recorded facts into lines that a person can read: an icon, a colour, a title and a detail for each."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from payments.kinds import PaymentKind
from payments.selectors.timeline import Entry
from portal.kind_words import KIND_WORDS
from portal.words import ALARMS, STATUSES, Tone, actor_words, alarm_words, network, with_network_names


@dataclass(frozen=True, slots=True)
class Line:
    entry: Entry
    icon: str
    tone: Tone
    title: str
    detail: str
    starts_open: bool


@dataclass(frozen=True, slots=True)
class Names:
    """What the story is about: "Payout", the network, and by entry who had proposed what people decide there."""

    object: str
    network: str
    proposers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Face:
    title: str
    icon: str
    tone: Tone


_CALLS = {
    "token": Face("Got an access token from {network}", "lock", Tone.CALM),
    "collect": Face("Asked {network} to collect", "server-2", Tone.BUSY),
    "transfer": Face("Asked {network} to pay out", "server-2", Tone.BUSY),
    "refund": Face("Asked {network} to refund", "server-2", Tone.BUSY),
    "lookup": Face("Asked {network} for the state", "refresh", Tone.CALM),
    "account_holder": Face("Asked {network} about the number", "user-check", Tone.CALM),
}
_CALL_TONES = {
    "succeeded": Tone.GOOD,
    "failed": Tone.BAD,
    "refused": Tone.BAD,
    "unknown": Tone.DOUBT,
    "not_found": Tone.DOUBT,
}
_CALLBACKS = {
    "received": Face("Callback from {network} is being checked", "webhook", Tone.BUSY),
    "applied": Face("Callback from {network}, confirmed by reading it back", "shield-check", Tone.GOOD),
    "no_change": Face("Callback from {network}, nothing new", "webhook", Tone.CALM),
    "unconfirmed": Face("Callback from {network}, not confirmed yet", "webhook", Tone.DOUBT),
    "rejected": Face("Callback rejected", "shield-x", Tone.BAD),
    "unmatched": Face("Callback that matches nothing", "shield-x", Tone.DOUBT),
}
_PEOPLE = {
    "payment.check": Face("Check asked for", "refresh", Tone.CALM),
    "payment.cancel": Face("Cancel asked for", "ban", Tone.CALM),
    "payment.reveal_phone": Face("Phone number revealed", "eye", Tone.CALM),
    "payment.alarm": Face("Alarm", "hand-stop", Tone.BAD),
    "payment.alarm_seen": Face("Alarm marked as seen", "user-check", Tone.CALM),
    "payment.held": Face("Waiting for {network}", "clock", Tone.DOUBT),
    "payment.released": Face("No longer waiting for {network}", "arrow-right", Tone.BUSY),
    "payment.rerouted": Face("Handed to the next provider", "arrow-right", Tone.BUSY),
    "resolution.proposed": Face("Outcome proposed by hand", "user", Tone.DOUBT),
    "resolution.approved": Face("Proposal approved", "user-check", Tone.GOOD),
    "resolution.rejected": Face("Proposal rejected", "circle-x", Tone.BAD),
    "resolution.withdrawn": Face("Proposal withdrawn", "ban", Tone.CALM),
    "resolution.overtaken": Face("Proposal overtaken: the network spoke first", "refresh", Tone.CALM),
    "unknowns.approve": Face("Decision about a proposal", "user", Tone.DOUBT),
}
# An alarm in a network's own sentence is no contradiction: an empty float, say, or a set-up that it refuses.
_TO_PUT_RIGHT = Face("Needs somebody to put it right", "alert-triangle", Tone.DOUBT)
# The same when it came to nothing: tried by somebody, and refused.
_REFUSED = {
    "payment.check": "Check refused",
    "payment.cancel": "Not canceled",
    "payment.alarm_seen": "Alarm not marked as seen",
    "resolution.proposed": "Proposal refused",
    "resolution.approved": "Approval refused",
    "resolution.rejected": "Rejection refused",
    "resolution.withdrawn": "Proposal not withdrawn",
    "unknowns.approve": "Decision refused",
}


def tell(entries: list[Entry], *, kind: PaymentKind, provider: str) -> list[Line]:
    """One line per entry, in the same order. `provider` has it now; before a switch, another one had it."""
    names, lines = Names(KIND_WORDS[kind].one.capitalize(), network(provider), _proposers(entries)), list[Line]()
    for entry in reversed(entries):
        known = replace(names, network=network(entry.provider)) if entry.provider else names
        lines.append(_TELLERS[entry.kind](entry, known))
        if entry.what == "payment.rerouted":
            names = known
    return lines[::-1]


def _proposers(entries: list[Entry]) -> dict[str, str]:
    """Entry → who had made the proposal that it is about: at any time there is one at most."""
    found, proposer = {}, ""
    for entry in entries:
        if entry.what == "resolution.proposed" and entry.verdict == "ok":
            proposer = entry.actor
        elif entry.what.startswith("resolution."):
            found[entry.id] = proposer
    return found


def _state(entry: Entry, names: Names) -> Line:
    look = STATUSES[entry.status]
    if entry.what == "created":
        title = f"{names.object} created"
        chosen = entry.detail.removeprefix("Accepted.").strip()  # why this provider, where there was a choice
        who = f"by {actor_words(entry.actor)}"
        return Line(entry, "plus", Tone.CALM, title, _joined(chosen, who), starts_open=False)
    who = actor_words(entry.actor)
    # Some reasons name the actor already, in the machine's spelling.
    is_named = bool(entry.actor) and entry.actor in entry.detail
    detail = entry.detail.replace(entry.actor, who) if is_named else _joined(entry.detail, f"by {who}")
    return Line(entry, look.icon, look.tone, look.word, with_network_names(detail), starts_open=False)


def _call(entry: Entry, names: Names) -> Line:
    face = _CALLS.get(entry.what, Face("Called {network}", "server-2", Tone.CALM))
    title = face.title.format(network=names.network)
    if entry.count > 1:
        title = f"{title}, {entry.count} times"
    tone = _CALL_TONES.get(entry.verdict, Tone.BAD if entry.detail else face.tone)
    return Line(entry, face.icon, tone, title, _call_detail(entry), starts_open=bool(entry.detail))


def _call_detail(entry: Entry) -> str:
    call = entry.call
    if call is None:
        return entry.detail
    answer = f"HTTP {call.status}" if call.status else "no HTTP answer"
    why = {"callback": "to verify a callback", "check": "because somebody asked"}.get(entry.source, "")
    says = f"says {entry.verdict.replace('_', ' ')}" if entry.verdict else ""
    return _joined(f"{answer} in {call.duration_ms:,} ms", says, call.error, why)


def _callback(entry: Entry, names: Names) -> Line:
    face = _CALLBACKS.get(entry.what, Face("Callback from {network}", "webhook", Tone.CALM))
    times = f"received {entry.count} times" if entry.count > 1 else ""
    linked = f"linked by {actor_words(entry.actor)}" if entry.actor else ""
    title = face.title.format(network=names.network)
    detail = with_network_names(_joined(entry.detail, linked, times))
    return Line(entry, face.icon, face.tone, title, detail, starts_open=face.tone == Tone.BAD)


def _person(entry: Entry, names: Names) -> Line:
    face = _PEOPLE.get(entry.what, Face(entry.what.replace("_", " ").capitalize(), "user", Tone.CALM))
    if entry.what == "payment.alarm" and entry.detail not in ALARMS:
        face = _TO_PUT_RIGHT
    title, tone = face.title.format(network=names.network), face.tone
    if entry.verdict in ("denied", "failed"):
        title, tone = _REFUSED.get(entry.what, f"{title}: refused"), Tone.DOUBT
    said = alarm_words(entry.detail) if entry.what == "payment.alarm" else with_network_names(entry.detail)
    proposer = names.proposers.get(entry.id, "")
    proposed = f"proposed by {actor_words(proposer)}" if proposer and proposer != entry.actor else ""
    return Line(entry, face.icon, tone, title, _joined(proposed, _by(entry), said), starts_open=False)


def _by(entry: Entry) -> str:
    """`rejected by owner@acme.test`: beside who proposed it, a bare "by" would not say who did what."""
    verb = entry.what.partition(".")[2]
    is_decision = entry.verdict == "ok" and entry.what in ("resolution.approved", "resolution.rejected")
    return f"{verb} by {actor_words(entry.actor)}" if is_decision else f"by {actor_words(entry.actor)}"


def _joined(*parts: str) -> str:
    said = [part for part in parts if part]
    return " · ".join([*(part.removesuffix(".") for part in said[:-1]), *said[-1:]])


_TELLERS: dict[str, Callable[[Entry, Names], Line]] = {
    "state": _state,
    "call": _call,
    "callback": _callback,
    "person": _person,
}
