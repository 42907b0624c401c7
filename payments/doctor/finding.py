"""What a check found: its name, how bad it is, one sentence, and what to do about it."""

from dataclasses import asdict, dataclass
from enum import StrEnum


class Level(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """`what_to_do` is empty when all is well."""

    name: str
    level: Level
    sentence: str
    what_to_do: str = ""

    def as_dict(self) -> dict[str, str]:
        return {**asdict(self), "level": self.level.value}


def in_a_sentence(error: Exception) -> str:
    """What an error says, in its first line and with a full stop."""
    return str(error).strip().partition("\n")[0].removesuffix(".") + "."


def ok(name: str, sentence: str) -> Finding:
    return Finding(name, Level.OK, sentence)


def warn(name: str, sentence: str, *, do: str) -> Finding:
    return Finding(name, Level.WARN, sentence, do)


def fail(name: str, sentence: str, *, do: str) -> Finding:
    return Finding(name, Level.FAIL, sentence, do)
