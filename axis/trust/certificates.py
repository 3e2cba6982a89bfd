"""Whose certificate is this, and does an authority we trust stand behind it at that time?

The path is built and its signatures are checked by ``cryptography``'s verifier. Its ready-made rules
are those of the web (host names, TLS purposes) and refuse most certificates of government authorities,
so the extension rules here are our own: issuers must be CAs, usages must fit *if* they are stated,
policies are accepted even when critical, every other critical extension we do not understand refuses.
Name constraints on the subject, which the library leaves alone, are checked here.

When the verifier refuses, ``axis.trust.diagnosis`` walks the same path again to say why, with a code of
its own; the verifier alone decides. Revocation is not checked yet: docs/open-questions.md.
Successes are remembered for the hour and never beyond what the path's own dates allow; failures are not.
"""

from __future__ import annotations

import stat
import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path as FilePath

from cryptography import x509
from cryptography.x509.verification import (
    ClientVerifier,
    Criticality,
    ExtensionPolicy,
    Policy,
    PolicyBuilder,
    Store,
    VerificationError,
)

from axis.domain.catalogue import fill
from axis.domain.errors import AxisError, SetupError, SignatureError
from axis.trust import diagnosis
from axis.trust.subject import MALFORMED, SignerFacts, describe, fingerprint, printable

__all__ = ["Path", "SignerFacts", "TrustAnchors", "describe", "fingerprint", "load_certificates", "parse"]

MAX_CHAIN = 6
"""Certificates of a path, leaf and anchor included."""
MAX_INTERMEDIATES = 10
"""Certificates a sender may offer beside the leaf: more only makes the search expensive."""
MAX_CERTIFICATE = 64 * 1024
"""Bytes of one certificate."""
_REMEMBERED = 4096


@dataclass(frozen=True, slots=True)
class Path:
    """A proven path, leaf first, anchor last; all of it is valid from ``valid_from`` to ``valid_to``."""

    certificates: tuple[x509.Certificate, ...]
    signer: SignerFacts
    valid_from: datetime
    valid_to: datetime

    @property
    def fingerprint(self) -> str:
        return self.signer.fingerprint

    @property
    def leaf(self) -> x509.Certificate:
        return self.certificates[0]

    @property
    def anchor(self) -> x509.Certificate:
        return self.certificates[-1]


class TrustAnchors:
    """The authorities whose word counts. Immutable: new anchors make a new object."""

    def __init__(self, certificates: Iterable[x509.Certificate] = ()) -> None:
        """Raises SetupError for a certificate that cannot be an anchor."""
        self.certificates = tuple(dict.fromkeys(certificates))
        for certificate in self.certificates:
            _usable_anchor(certificate)
        self._store = Store(list(self.certificates)) if self.certificates else None
        self._remembered: OrderedDict[tuple[str, int], Path] = OrderedDict()
        self._lock = threading.Lock()  # large packages are judged in threads

    @classmethod
    def load(cls, *places: FilePath) -> TrustAnchors:
        """From PEM or DER files, or folders of ``.pem``, ``.crt`` and ``.cer`` files."""
        found: list[x509.Certificate] = []
        for place in places:
            files = [place]
            if place.is_dir():
                files = sorted(p for p in place.iterdir() if p.suffix.lower() in (".pem", ".crt", ".cer"))
            for file in files:
                found += load_certificates(file)
        return cls(found)

    def validate(
        self, leaf: x509.Certificate | bytes, intermediates: Sequence[x509.Certificate | bytes], at: datetime
    ) -> Path:
        """The path from the leaf to an anchor at that time. Raises SignatureError with the reason."""
        if at.tzinfo is None:
            raise ValueError("a time without a zone decides nothing")
        key = (fingerprint(leaf), int(at.timestamp() // 3600))
        with self._lock:
            known = self._remembered.get(key)
            if known is not None and known.valid_from <= at <= known.valid_to:
                self._remembered.move_to_end(key)
                return known
        try:
            certificate = leaf if isinstance(leaf, x509.Certificate) else parse(leaf)
            path = self._search(certificate, intermediates, at)
        except AxisError:
            raise
        except MALFORMED as error:
            # The library reads extensions and keys late: a malformed one shows only here.
            raise SignatureError("certificate.unreadable", detail=_safe(error)) from error
        with self._lock:
            self._remembered[key] = path
            if len(self._remembered) > _REMEMBERED:
                self._remembered.popitem(last=False)
        return path

    def _search(
        self, leaf: x509.Certificate, offered: Sequence[x509.Certificate | bytes], at: datetime
    ) -> Path:
        if self._store is None:
            raise SignatureError("certificate.no-anchors")
        if len(offered) > MAX_INTERMEDIATES:
            raise SignatureError("certificate.too-many", count=len(offered), limit=MAX_INTERMEDIATES)
        diagnosis.check_leaf(leaf, at)  # the commonest reasons, told before the search
        others = [c if isinstance(c, x509.Certificate) else parse(c) for c in offered]
        try:
            chain = _verifier(self._store, at).verify(leaf, others).chain
        except VerificationError as error:
            diagnosis.explain(leaf, others, self.certificates, at, MAX_CHAIN)
            raise SignatureError("certificate.path-refused", detail=_safe(error)) from error
        if len(chain) > MAX_CHAIN:
            raise SignatureError("certificate.path-too-long", limit=MAX_CHAIN)
        diagnosis.check_names(chain)
        return Path(
            tuple(chain),
            describe(leaf),
            max(c.not_valid_before_utc for c in chain),
            min(c.not_valid_after_utc for c in chain),
        )


def parse(der: bytes) -> x509.Certificate:
    """One certificate from DER. Raises SignatureError."""
    if len(der) > MAX_CERTIFICATE:
        raise SignatureError("certificate.unreadable", detail=f"> {MAX_CERTIFICATE} bytes")
    try:
        return x509.load_der_x509_certificate(der)
    except MALFORMED as error:
        raise SignatureError("certificate.unreadable", detail=_safe(error)) from error


def load_certificates(file: FilePath) -> list[x509.Certificate]:
    """Every certificate of a PEM file, or the one of a DER file. Raises SetupError, also for a file
    that holds a private key (it would be handed out with the anchors) or that anybody may write."""
    try:
        if stat.S_IMODE(file.stat().st_mode) & stat.S_IWOTH:
            raise SetupError("certificate.anchor-writable", file=file.name)
        content = file.read_bytes()
    except OSError as error:
        raise SetupError("certificate.anchor-missing", file=file.name, detail=error.strerror) from error
    return read_certificates(content, file.name)


def read_certificates(content: bytes, name: str) -> list[x509.Certificate]:
    """The same of bytes that somebody handed over; ``name`` is what the refusal calls them."""
    if b"PRIVATE KEY" in content:
        raise SetupError("certificate.anchor-private-key", file=name)
    try:
        if b"-----BEGIN" in content:
            return x509.load_pem_x509_certificates(content)
        return [x509.load_der_x509_certificate(content)]
    except MALFORMED as error:
        raise SetupError("certificate.anchor-unreadable", file=name, detail=_safe(error)) from error


def _usable_anchor(certificate: x509.Certificate) -> None:
    name = describe(certificate).subject
    try:
        diagnosis.check_issuer(certificate, None, 0, anchor=True)
    except SignatureError as error:
        raise SetupError(
            "certificate.anchor-unusable", subject=name,
            vi=fill(error.entry.vi, error.facts), en=fill(error.entry.en, error.facts),
        ) from error  # fmt: skip
    except MALFORMED as error:
        raise SetupError("certificate.anchor-unreadable", file=name, detail=_safe(error)) from error


def _verifier(store: Store, at: datetime) -> ClientVerifier:
    # The library counts the certificates between leaf and anchor, plus the anchor.
    builder = PolicyBuilder().store(store).time(at.astimezone(UTC).replace(tzinfo=None))
    builder = builder.max_chain_depth(MAX_CHAIN - 1)
    return builder.extension_policies(ca_policy=_ISSUERS, ee_policy=_LEAVES).build_client_verifier()


# The verifier takes any exception of a rule as "not this candidate" and goes on to the next one.
def _leaf_rule(_policy: Policy, certificate: x509.Certificate, _usage: x509.KeyUsage | None) -> None:
    diagnosis.check_leaf(certificate, None)


def _issuer_rule(_policy: Policy, certificate: x509.Certificate, _bc: x509.BasicConstraints) -> None:
    # The verifier itself refuses a child signed with SHA-1 and counts the path length.
    diagnosis.check_issuer(certificate, None, 0, anchor=True)


def _policies_rule(_p: Policy, _c: x509.Certificate, _v: x509.CertificatePolicies | None) -> None:
    """Accepted, critical or not: we ask for no policy in particular, so none is missing."""


_ISSUERS = (
    ExtensionPolicy.permit_all()
    .require_present(x509.BasicConstraints, Criticality.AGNOSTIC, _issuer_rule)
    .may_be_present(x509.CertificatePolicies, Criticality.AGNOSTIC, _policies_rule)
)
_LEAVES = (
    ExtensionPolicy.permit_all()
    .may_be_present(x509.KeyUsage, Criticality.AGNOSTIC, _leaf_rule)
    .may_be_present(x509.CertificatePolicies, Criticality.AGNOSTIC, _policies_rule)
)


def _safe(error: Exception) -> str:
    """The library's own words, short and printable: they go into answers and logs."""
    return printable(str(error))[:160]
