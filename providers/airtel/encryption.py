"""Airtel's message signing and PIN encryption (PROVIDERS.md 2.8). PKCS#1 v1.5 padding is what they ask for."""

import base64
import os
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7
from cryptography.hazmat.primitives.serialization import load_der_public_key

AES_KEY_BYTES = 32
IV_BYTES = 16


class UnusableKeyError(ValueError):
    """The public key is none, or is too small for what it should encrypt."""


@dataclass(frozen=True, slots=True, repr=False)
class Seal:
    """The two headers that sign a body: without both, whoever changes the body could sign it anew."""

    signature: str
    key: str


def load_public_key(text: str) -> RSAPublicKey:
    """From base64 of a DER SubjectPublicKeyInfo. Raises UnusableKeyError."""
    try:
        key = load_der_public_key(base64.b64decode("".join(text.split()), validate=True))
    except Exception as error:  # what a key may be wrong in has no common class below Exception
        raise UnusableKeyError("not a public key") from error
    if not isinstance(key, RSAPublicKey):
        raise UnusableKeyError("not an RSA key")
    return key


def encrypt(plain: bytes, key: RSAPublicKey) -> str:
    """RSA in base64, unlike itself each time. Raises UnusableKeyError."""
    try:
        return base64.b64encode(key.encrypt(plain, PKCS1v15())).decode()
    except ValueError as error:
        raise UnusableKeyError("the key is too small") from error


def seal(body: bytes, key: RSAPublicKey) -> Seal:
    """Sign the exact bytes that will be sent, under a new AES key. Raises UnusableKeyError."""
    aes_key, iv = os.urandom(AES_KEY_BYTES), os.urandom(IV_BYTES)
    both = base64.b64encode(aes_key) + b":" + base64.b64encode(iv)
    return Seal(signature(body, aes_key, iv), encrypt(both, key))


def signature(body: bytes, aes_key: bytes, iv: bytes) -> str:
    """The body itself, encrypted; Airtel encrypts what it received and compares."""
    padder, encryptor = PKCS7(AES256.block_size).padder(), Cipher(AES256(aes_key), CBC(iv)).encryptor()
    padded = padder.update(body) + padder.finalize()
    return base64.b64encode(encryptor.update(padded) + encryptor.finalize()).decode()
