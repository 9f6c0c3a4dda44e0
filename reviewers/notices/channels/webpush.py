"""What a push service is sent: a message sealed for one browser (RFC 8291), and who we are (RFC 8292).

Pure. A browser hands out its public key and a secret when it subscribes; only it can open what is
sealed with them, not the service that carries it. The desk's own key is derived from SECRET_KEY, so
nothing is made, stored or copied; a subscription belongs to the key it was made with, and goes on
under SECRET_KEY_FALLBACKS after a change.
"""

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from urllib.parse import urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.utils.crypto import salted_hmac

CURVE = ec.SECP256R1()
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of P-256
RECORD = 4096  # bytes; a message is one record
MOST = 3993  # bytes of a message: a record without its head (86), the delimiter and the tag (16)
POINT, AUTH, SALT = 65, 16, 16  # bytes
TOKEN_FOR = timedelta(hours=12)  # RFC 8292 allows 24


@dataclass(frozen=True)
class Browser:
    """The keys of one subscription."""

    public: bytes  # an uncompressed point of P-256
    auth: bytes

    @classmethod
    def read(cls, p256dh: str, auth: str) -> "Browser":
        """Read what a browser hands out. Raises ValueError when it is no key."""
        found = cls(unpadded(p256dh), unpadded(auth))
        if len(found.public) != POINT or len(found.auth) != AUTH:
            raise ValueError("a subscription has a key of 65 bytes and a secret of 16")
        ec.EllipticCurvePublicKey.from_encoded_point(CURVE, found.public)
        return found


def sealed(
    message: bytes,
    browser: Browser,
    *,
    own: ec.EllipticCurvePrivateKey | None = None,
    salt: bytes = b"",
) -> bytes:
    """Return a message as only ``browser`` can open it; key and salt are new for each, but in tests."""
    if len(message) > MOST:
        raise ValueError(f"a message has {MOST} bytes at most")
    own = own or ec.generate_private_key(CURVE)
    salt = salt or os.urandom(SALT)
    public = point(own)
    shared = own.exchange(
        ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(CURVE, browser.public)
    )
    info = b"WebPush: info\0" + browser.public + public
    secret = _derived(shared, browser.auth, info, 32)
    key = _derived(secret, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derived(secret, salt, b"Content-Encoding: nonce\0", 12)
    head = salt + RECORD.to_bytes(4) + len(public).to_bytes(1) + public
    return head + AESGCM(key).encrypt(nonce, message + b"\x02", None)  # 2: the last record


def _derived(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt, info).derive(secret)


# Who we are ----------------------------------------------------------------------------------------


def server_key() -> str:
    """Return the desk's public key, as browsers take it when they subscribe."""
    return padless(point(_own(settings.SECRET_KEY)))


def is_ours(public: str) -> bool:
    """Return whether a public key is the desk's, of now or of before SECRET_KEY changed."""
    return any(padless(point(key)) == public for key in _held())


def authorization(endpoint: str, made_with: str, *, at: datetime) -> str | None:
    """Return the header that says who sends this; None: no key of ours is the one it was made with."""
    for key in _held():
        if padless(point(key)) == made_with:
            return f"vapid t={_token(key, endpoint, at)}, k={made_with}"
    return None


def _held() -> Iterable[ec.EllipticCurvePrivateKey]:
    return (_own(secret) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))


@lru_cache(maxsize=8)
def _own(secret: str) -> ec.EllipticCurvePrivateKey:
    # 384 bits, so that no number below the curve's order is likelier than another
    digest = salted_hmac("recourse.push", "key", secret=secret, algorithm="sha384").digest()
    return ec.derive_private_key(int.from_bytes(digest) % (ORDER - 1) + 1, CURVE)


def _token(key: ec.EllipticCurvePrivateKey, endpoint: str, at: datetime) -> str:
    service = urlsplit(endpoint)
    claims = {
        "aud": f"{service.scheme}://{service.netloc}",
        "exp": int((at + TOKEN_FOR).timestamp()),
        "sub": _contact(),
    }
    return jwt.encode(claims, key, algorithm="ES256")


def _contact() -> str:
    """Return where the push service can complain: services want an https or a mailto address."""
    if settings.HTTPS:
        return str(settings.BASE_URL)
    return f"mailto:desk@{urlsplit(settings.BASE_URL).hostname}"


# Bytes as browsers write them ----------------------------------------------------------------------


def point(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def padless(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()


def unpadded(text: str) -> bytes:
    """Read base64url without padding. Raises ValueError."""
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (NotBase64, UnicodeEncodeError) as error:
        raise ValueError(str(error)) from None
