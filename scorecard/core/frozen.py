"""The canonical form of a record, and its fingerprint."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from scorecard.core import record


@dataclass(frozen=True)
class Signature:
    """Who signed, when (UTC), and the SHA-256 of the canonical content; `audit` is the head of the audit chain then.

    `matches` is False when the content that is kept does not give the fingerprint any more.
    """

    name: str
    person: str
    role: str
    signed_at: datetime
    fingerprint: str
    audit: str = ""
    matches: bool = True

    @property
    def short(self) -> str:
        """The first 16 signs in groups of four, as people compare them."""
        return " ".join(self.fingerprint[at : at + 4] for at in range(0, 16, 4))


def canonical(value: Any) -> str:
    """The value as JSON that is the same, byte for byte, for the same records: sorted keys, no spaces, every digit."""
    return json.dumps(record.pack(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def fingerprint(body: str) -> str:
    """SHA-256 of a canonical form, 64 signs in hex."""
    return hashlib.sha256(body.encode()).hexdigest()
