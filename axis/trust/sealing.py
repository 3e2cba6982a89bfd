"""Secrets at rest: what the axis must be able to say again (VXP and webhook secrets) is sealed.

Fernet (AES-128-CBC and HMAC-SHA256) under a key file beside the configuration, never in the database,
so that a copy of the database alone gives no secret away. The file holds one key a line, the newest
first: the first seals, all of them unseal; ``rotate_keys`` puts a new one in front and ``reseal`` moves
old tokens over to it. Each secret is bound to its purpose (say ``vxp:<credential id>``): a token copied
to another row does not open there.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from axis.domain.errors import SetupError
from axis.trust.keys import locked, read_private, write_private


class Sealer:
    """Seals and unseals. Its repr and errors never show a key or a secret."""

    def __init__(self, *keys: bytes | str) -> None:
        """Keys newest first. Raises SetupError when there is none or one is malformed."""
        try:
            self._fernet = MultiFernet([Fernet(key) for key in keys])
            self._newest = urlsafe_b64decode(keys[0])
        except ValueError as error:
            raise SetupError("sealing.key-unreadable", file="-") from error

    @classmethod
    def open(cls, file: Path) -> Sealer:
        """From a key file, made at first start. Raises SetupError for one others may read."""
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with locked(file.parent):
            if not file.exists():
                write_private(file, Fernet.generate_key() + b"\n")
        try:
            return cls(*_keys(file))
        except SetupError as error:
            if error.code != "sealing.key-unreadable":
                raise
            raise SetupError("sealing.key-unreadable", file=file.name) from error

    def seal(self, secret: str, purpose: str) -> str:
        """The secret as a printable token that opens only for the same purpose."""
        return self._fernet.encrypt(_bound(secret, purpose)).decode("ascii")

    def unseal(self, token: str, purpose: str) -> str:
        """The secret again. Raises SetupError when no key opens the token, or for another purpose."""
        try:
            opened = self._fernet.decrypt(token.encode("ascii"))
        except (InvalidToken, UnicodeEncodeError) as error:
            raise SetupError("sealing.unopened", purpose=purpose) from error
        prefix = _bound("", purpose)
        if not opened.startswith(prefix):
            raise SetupError("sealing.unopened", purpose=purpose)
        return opened[len(prefix) :].decode("utf-8")

    def reseal(self, token: str, purpose: str) -> str:
        """The same secret under the newest key."""
        return self.seal(self.unseal(token, purpose), purpose)

    def derive(self, purpose: str) -> bytes:
        """A key of 32 bytes for one purpose, of the newest key: the same in every process of this hub. For what
        may be forgotten when the key changes."""
        return HKDF(SHA256(), 32, salt=None, info=b"axis " + purpose.encode()).derive(self._newest)

    def __repr__(self) -> str:
        return "Sealer(…)"


def rotate_keys(file: Path) -> None:
    """Puts a new key in front; the old ones stay until every token was resealed."""
    with locked(file.parent):
        write_private(file, b"\n".join([Fernet.generate_key(), *_keys(file)]) + b"\n")


def _keys(file: Path) -> list[bytes]:
    return [line.strip() for line in read_private(file).splitlines() if line.strip()]


def _bound(secret: str, purpose: str) -> bytes:
    # The length in front keeps "a" + "bc" and "ab" + "c" apart.
    raw = purpose.encode()
    return len(raw).to_bytes(2, "big") + raw + secret.encode()
