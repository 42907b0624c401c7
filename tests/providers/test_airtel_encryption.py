"""Signatures and encrypted PINs, by Airtel's published example and by a key of our own."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from providers.airtel import encryption
from tests.providers.airtel_world import PUBLIC_KEY, decrypt

# As published: the space behind "test_id" is in it.
BODY = (
    b'{"reference":"1234","subscriber":{"country":"UG","currency":"UGX","msisdn":"752604392"},'
    b'"transaction":{"amount":"100","country":"UG","currency":"UGX","id":"test_id "}}'
)
AES_KEY = base64.b64decode("PSw37xtnShLl7zgWn4dLSnf1J5GRhRsOD4OfvJOuLIM=")
IV = base64.b64decode("gGIhDvCBnSBhBgYiXCyMnw==")
SIGNATURE = (
    "bDOsVGZzbK0P5jO/M5QVMH/qxSmRJLEvIPZCdW6H81xvsZNI6jZej54oBQlHZ38yy63QNeyyYcfEkGJ8f3f15wHWs86V9BCIpHSesS3SrhozE/gGA1"
    "fLydeSS26mw0jhyt9XIpabk1RjDH59SfsrkHKU38I5mRlthG/t2qXJck0FhNR64bgOExm9CsuxUlfpsSoW1g81g1u5a4yMFIHhp77f+h3EXNHzcEsd"
    "SWhqTho="
)


def test_the_published_example_is_signed_as_published() -> None:
    assert encryption.signature(BODY, AES_KEY, IV) == SIGNATURE


def test_whoever_opens_the_key_can_check_the_signature() -> None:
    sealed = encryption.seal(BODY, encryption.load_public_key(PUBLIC_KEY))
    aes_key, iv = (base64.b64decode(part) for part in decrypt(sealed.key).split(b":"))
    assert (len(aes_key), len(iv)) == (32, 16)
    assert encryption.signature(BODY, aes_key, iv) == sealed.signature


def test_no_two_seals_share_a_key() -> None:
    key = encryption.load_public_key(PUBLIC_KEY)
    assert encryption.seal(BODY, key).signature != encryption.seal(BODY, key).signature


def test_a_pin_is_encrypted_unlike_itself_each_time() -> None:
    key = encryption.load_public_key(PUBLIC_KEY)
    first, second = encryption.encrypt(b"4816", key), encryption.encrypt(b"4816", key)
    assert first != second
    assert decrypt(first) == decrypt(second) == b"4816"
    assert len(base64.b64decode(first)) == 128


def test_a_key_may_be_broken_into_lines() -> None:
    lines = "\n".join(PUBLIC_KEY[at : at + 64] for at in range(0, len(PUBLIC_KEY), 64))
    assert encryption.load_public_key(f" {lines}\r\n").key_size == 1024


def _der(key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey) -> str:
    return base64.b64encode(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


@pytest.mark.parametrize(
    "text", ["", "no base64", "AAAA", PUBLIC_KEY[:-20], "é", _der(ec.generate_private_key(ec.SECP256R1()).public_key())]
)
def test_what_is_no_rsa_key_is_refused(text: str) -> None:
    with pytest.raises(encryption.UnusableKeyError):
        encryption.load_public_key(text)


def test_a_text_too_long_for_the_key_is_refused() -> None:
    with pytest.raises(encryption.UnusableKeyError):
        encryption.encrypt(b"1" * 200, encryption.load_public_key(PUBLIC_KEY))
