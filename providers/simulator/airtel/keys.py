"""Airtel's RSA key: the public half for everybody, PINs and message keys opened with the other half.

The key is a constant, so that what callers remember of it is right after a restart. Only pretend PINs hang on it.
"""

import base64
import hmac

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

_P = int(
    "e9f45bdf43dbf1024c5527a4a6374bd73a07d17de3d8cd20791c67524697dc49"
    "e80b01b66a36d5ad7e3527d502bf1ea6e8cf442c9b089fb7c1730e3ec054749d",
    16,
)
_Q = int(
    "c1132efb5775664f549e11153b44380fe4f59acccd12b5dd4d5907c7ab61a4f1"
    "09c6ff2145ee617799a5f02c7ef43854a74f8a2a2210438e450b9cc8e7d5846b",
    16,
)
_MODULUS, _EXPONENT = _P * _Q, 65537
_PRIVATE_EXPONENT = pow(_EXPONENT, -1, (_P - 1) * (_Q - 1))
_BLOCK_BYTES = _MODULUS.bit_length() // 8
_LEAST_PADDING = 8


def public_key() -> str:
    """Base64 of the DER of its SubjectPublicKeyInfo."""
    key = RSAPublicNumbers(_EXPONENT, _MODULUS).public_key()
    return base64.b64encode(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


def opened(sealed: str) -> bytes | None:
    """What was encrypted with PKCS#1 v1.5 and written in base64; None where that is not what it is.

    Unpadded by hand: libraries answer a wrong padding with random bytes, which would look like a wrong PIN.
    """
    try:
        block = base64.b64decode(sealed, validate=True)
    except ValueError:
        return None
    if len(block) != _BLOCK_BYTES:
        return None
    padded = pow(int.from_bytes(block), _PRIVATE_EXPONENT, _MODULUS).to_bytes(_BLOCK_BYTES)
    padding, zero, content = padded[2:].partition(b"\0")
    is_padded = padded[:2] == b"\0\2" and zero and len(padding) >= _LEAST_PADDING
    return content if is_padded else None


def is_signed(body: bytes, signature: str, key: str) -> bool:
    """Was exactly this body signed? signature and key are the headers x-signature and x-key."""
    try:
        secret, vector = (base64.b64decode(part, validate=True) for part in (opened(key) or b"").split(b":"))
        return hmac.compare_digest(_encrypted(body, secret, vector), base64.b64decode(signature, validate=True))
    except ValueError:
        return False


def _encrypted(body: bytes, secret: bytes, vector: bytes) -> bytes:
    if len(secret) != 32:
        raise ValueError("not a key of AES-256")
    padder = PKCS7(128).padder()
    encryptor = Cipher(algorithms.AES(secret), modes.CBC(vector)).encryptor()
    return encryptor.update(padder.update(body) + padder.finalize()) + encryptor.finalize()
