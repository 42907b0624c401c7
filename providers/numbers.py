"""Phone numbers: from what people type to E.164 digits, and from digits to the network they began on."""

import re

import phonenumbers

COUNTRY_CODE = "260"
MAX_INPUT_LENGTH = 32

# National prefixes (libphonenumber 9.0.43). Numbers can be ported, so a prefix only chooses the default network; a
# payer may say otherwise. Zed Mobile (98, 78, 58) has no wallet that we can reach.
PREFIXES_AS_OF = "July 2026"
NETWORK_BY_PREFIX = {
    "96": "mtn", "76": "mtn", "56": "mtn",
    "97": "airtel", "77": "airtel", "57": "airtel",
    "95": "zamtel", "75": "zamtel", "55": "zamtel",
}  # fmt: skip

# MTN's sandbox answers by scenario to these, and to no Zambian number.
MTN_SANDBOX_NUMBERS = frozenset(str(number) for number in range(46733123450, 46733123465))

# What people put between digits. Anything else is a mistake that must not be guessed away.
SEPARATORS = re.compile(r"[ \t.\-()/\u00a0]")
INTERNATIONAL_PREFIX = re.compile(r"^(?:\+|00)")


class InvalidPhoneError(ValueError):
    """The text is not a mobile number that we serve; the message may be shown to people."""


def normalise(text: str, *, allow_sandbox: bool = False) -> str:
    """Turn "+260 96 123-4567", "0961234567" or "961234567" into "260961234567"."""
    digits, is_international = _digits_of(text)
    if allow_sandbox and digits in MTN_SANDBOX_NUMBERS:
        return digits
    number = digits if is_international else _with_country_code(digits)
    if not number.startswith(COUNTRY_CODE) or not _is_mobile(number):
        raise InvalidPhoneError("This is not a Zambian mobile number.")
    return number


def network_of(phone: str) -> str | None:
    """The provider code that a normalised number most likely belongs to; None where we serve none."""
    if phone in MTN_SANDBOX_NUMBERS:
        return "mtn"
    if not phone.startswith(COUNTRY_CODE):
        return None
    return NETWORK_BY_PREFIX.get(phone[len(COUNTRY_CODE) :][:2])


def _digits_of(text: str) -> tuple[str, bool]:
    """The bare digits, and whether the text itself named a country."""
    if len(text) > MAX_INPUT_LENGTH:
        raise InvalidPhoneError("This is too long for a phone number.")
    compact = SEPARATORS.sub("", text)
    digits = INTERNATIONAL_PREFIX.sub("", compact, count=1)
    if not (digits.isascii() and digits.isdigit()):
        raise InvalidPhoneError("A phone number has digits only.")
    return digits, digits != compact


def _with_country_code(digits: str) -> str:
    if len(digits) == 10 and digits.startswith("0"):
        return COUNTRY_CODE + digits[1:]
    return COUNTRY_CODE + digits if len(digits) == 9 else digits


def _is_mobile(digits: str) -> bool:
    try:
        number = phonenumbers.parse(f"+{digits}")
    except phonenumbers.NumberParseException:
        return False
    # A lenient parser would read "2600961234567" as the same number; only the canonical form may pass.
    return (
        phonenumbers.is_valid_number(number)
        and phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.MOBILE
        and f"{number.country_code}{number.national_number}" == digits
    )
