"""What the page's forms do. Each takes the posted fields; a ValueError is a sentence for whoever sent them."""

from collections.abc import Mapping
from typing import Any

from providers.simulator.scripts import SCRIPTS
from providers.simulator.world import World

Fields = Mapping[str, str]

VERDICTS = {"approve": ("SUCCESSFUL", ""), "decline": ("FAILED", "APPROVAL_REJECTED")}


def decide(world: World, fields: Fields) -> None:
    status, reason = VERDICTS[_choice(fields, "verdict", VERDICTS)]
    if not world.settlement.finish(fields.get("reference", ""), status, reason):
        raise ValueError("This order is unknown, or it has ended before.")


def set_mix(world: World, fields: Fields) -> None:
    """Shares in per cent; an empty field is none."""
    shares = {name: _per_cent(fields.get(name, ""), name) for name in SCRIPTS if fields.get(name, "").strip()}
    seed = _whole(fields.get("seed", ""), "The seed")
    mix = {name: share for name, share in shares.items() if share}
    world.faults.replace(_faults(world) | {"mix": mix} | ({} if seed is None else {"seed": seed}))


def add_rule(world: World, fields: Fields) -> None:
    rule: dict[str, Any] = {"script": _choice(fields, "script", SCRIPTS), "times": None}
    rule["times"] = _whole(fields.get("times", ""), "How many times")
    if fields.get("probability", "").strip():
        rule["probability"] = _per_cent(fields["probability"], "The chance")
    by, value = fields.get("by", ""), fields.get("value", "").strip().lstrip("+")
    if by and not value:
        raise ValueError("Say which number, reference, external id, operation or network it is about.")
    rule["match"] = {by: value} if by else {}
    wanted = _faults(world)
    world.faults.replace({**wanted, "rules": [*wanted["rules"], rule]})


def clear_rules(world: World, _: Fields) -> None:
    """The mix stays."""
    world.faults.replace({"mix": _faults(world)["mix"]})


def advance_clock(world: World, fields: Fields) -> None:
    seconds = _whole(fields.get("seconds", ""), "The number of seconds")
    if seconds is None:
        raise ValueError("Say by how many seconds.")
    world.advance(seconds)


def revoke_tokens(world: World, _: Fields) -> None:
    world.revoke_tokens()


def reset(world: World, _: Fields) -> None:
    world.reset()


def _faults(world: World) -> dict[str, Any]:
    return world.faults.as_json()


def _choice(fields: Fields, name: str, known: Mapping[str, Any]) -> str:
    chosen = fields.get(name, "")
    if chosen not in known:
        raise ValueError(f"Choose one of {', '.join(known)}.")
    return chosen


def _whole(text: str, what: str) -> int | None:
    text = text.strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 12):
        raise ValueError(f"{what} is a whole number.")
    return int(text)


def _per_cent(text: str, what: str) -> float:
    try:
        share = float(text) / 100
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise ValueError(f"{what}: a number from 0 to 100.")
    return share
