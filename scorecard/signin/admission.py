"""Who comes in with an account of a provider: a verified e-mail of a member, or a group that configuration maps to a role.

Default is nobody. A member keeps the account that they came with first: another account with the same e-mail, of another
provider or given to somebody else later, is refused until an admin forgets the first one.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from scorecard.core import names
from scorecard.errors import DefinitionError, NotAllowed
from scorecard.signin import sessions
from scorecard.signin.modes import OIDC, Mode, Provider
from scorecard.store import members, signin
from scorecard.store.engine import Store, Tx
from scorecard.store.members import Member, Person
from scorecard.store.signin import Account, Session

FRESH, AHEAD = timedelta(minutes=10), timedelta(minutes=2)
LONGEST_CLAIM = 400


class Refused(NotAllowed):
    """A person signed in with the provider, and does not come in here; the sentence says why and who can help."""


@dataclass(frozen=True)
class Claims:
    """What a provider says of an account, and when this server took its word (UTC)."""

    provider: str
    said: Mapping[str, Any]
    made_at: datetime

    def text(self, name: str) -> str:
        """A claim that is a text of sensible length, else ""."""
        value = self.said.get(name)
        return value if isinstance(value, str) and len(value) <= LONGEST_CLAIM else ""

    @property
    def key(self) -> str:
        """The key of the session: one for each sign-in, the same however the cookie is written."""
        parts = [self.text("iss"), self.text("sub"), self.text("nonce"), self.said.get("iat")]
        if not all(parts[:3]) or not isinstance(parts[3], int | float):
            return ""
        return hashlib.sha256(json.dumps(["oidc", *parts]).encode()).hexdigest()


def folded(email: str) -> str:
    """The e-mail as it is compared: small letters, NFC. "" for one that only becomes plain letters by folding.

    A Kelvin sign becomes a k, a long s an s: such an address is somebody else's.
    """
    text = email.strip()
    low = unicodedata.normalize("NFC", text.lower())
    same = text.isascii() or not (low.isascii() or text.casefold().isascii() or unicodedata.normalize("NFKC", low).isascii())
    return low if same and low.count("@") == 1 and not any(c.isspace() for c in low) else ""


def groups_of(claims: Claims, claim: str) -> frozenset[str]:
    """The groups of a person: a list of texts or one text, also below a dotted name such as realm_access.roles."""
    value: Any = claims.said.get(claim)
    if value is None and "." in claim:
        value = claims.said
        for part in claim.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
    found = [value] if isinstance(value, str) else value if isinstance(value, list | tuple) else []
    return frozenset(one for one in found if isinstance(one, str))


def admit(store: Store, mode: Mode, claims: Claims, agent: str, now: datetime) -> Session:
    """The new session of whoever these claims are about. Raises Refused."""
    provider = _checked(mode, claims, now)
    email = _email(provider, claims)
    role = provider.role(groups_of(claims, provider.claim)) if provider.claim else ""

    def work(tx: Tx) -> Session:
        member = _member(tx, provider, claims, email, role)
        if not member.active:
            raise Refused(f"{email} is suspended here. Ask an admin.")
        new = Session(claims.key, member.person.id, OIDC, now, now, now + sessions.LONGEST, agent=sessions.agent_words(agent))
        return sessions.add(tx, new)

    return store.write(work, f"{email} (sign-in)", now)


def _checked(mode: Mode, claims: Claims, now: datetime) -> Provider:
    provider = mode.provider(claims.provider)
    if provider is None or mode.name != OIDC:
        raise Refused("This way to sign in is not set up here any more. Sign in again.")
    audience = claims.said.get("aud")
    meant = audience if isinstance(audience, list | tuple) else [audience]
    if provider.client_id not in meant or claims.said.get("azp", provider.client_id) != provider.client_id:
        raise Refused("This sign-in was made for another program. Sign in again.")
    if not claims.key:
        raise Refused("The provider did not say who signed in. Ask who set up the sign-in.")
    if not -AHEAD <= now - claims.made_at <= FRESH:
        raise Refused("This sign-in is too old to begin with. Sign in again.")
    return provider


def _email(provider: Provider, claims: Claims) -> str:
    email, verified = folded(claims.text("email")), claims.said.get("email_verified", claims.said.get("xms_edov"))
    if not email:
        raise Refused("The provider gave no e-mail that can be compared with those of the members. Ask who set up the sign-in.")
    said = verified is True or verified in (1, "1") or (isinstance(verified, str) and verified.lower() == "true")
    if not said and not (verified is None and provider.vouched):
        raise Refused(f"{email} is not verified by the provider. Confirm it there, then sign in again.")
    return email


def _member(tx: Tx, provider: Provider, claims: Claims, email: str, role: str) -> Member:
    """The member with this e-mail and this account; one whose group makes a member is one from now on."""
    found = [one for one in members.people(tx) if one.email and folded(one.email) == email]
    if len(found) > 1:
        raise Refused(f"Two people here have the e-mail {email}. Ask an admin to correct one.")
    member = members.member(tx, found[0].id) if found else None
    issuer, subject = claims.text("iss"), claims.text("sub")
    account = signin.account(tx, found[0].id) if found else None
    holder = signin.account_of(tx, issuer, subject)
    if holder and not found:
        raise Refused(f"{email} is not a member here. This account came with another e-mail before: ask an admin to change it.")
    if account and (account.issuer, account.subject) != (issuer, subject) or holder and holder.person != found[0].id:
        raise Refused(f"{email} came here with another account before. Ask an admin to forget the earlier account.")
    if member is None:
        member = _joined(tx, found[0] if found else None, claims, email, role)
        _bind(tx, member, issuer, subject, True)
    elif account is None:
        _bind(tx, member, issuer, subject, False)
    elif account.by_group:
        member = _regrouped(tx, member, email, role)
    return member


def _bind(tx: Tx, member: Member, issuer: str, subject: str, by_group: bool) -> None:
    signin.bind(tx, Account(member.person.id, issuer, subject, by_group, tx.now))
    tx.audit("bind account", f"member:{member.person.id}", None, {"issuer": issuer, "by group": by_group})


def _joined(tx: Tx, person: Person | None, claims: Claims, email: str, role: str) -> Member:
    if not role:
        raise Refused(f"{email} is not a member here. Ask an admin to add this e-mail.")
    if person is None:
        known = {one.id for one in members.people(tx)}
        name = _name(claims, email)
        person = Person(names.slug(name, known), name, email=email)
        members.insert_person(tx, person)
        tx.audit("save person", f"person:{person.id}", None, {"name": name, "email": email})
    members.insert_member(tx, person.id, role)
    tx.audit("add member", f"member:{person.id}", None, {"role": role, "active": True})
    return members.member(tx, person.id)


def _name(claims: Claims, email: str) -> str:
    try:
        return names.clean(claims.text("name"), "name") or email.partition("@")[0]
    except DefinitionError:
        return email.partition("@")[0]


def _regrouped(tx: Tx, member: Member, email: str, role: str) -> Member:
    """The member in the role that the groups give today. Who is in none of them any more does not come in."""
    if not role:
        raise Refused(f"{email} is in no group that comes in here. Ask who manages the groups at your provider.")
    if role != member.role:
        members.update_member(tx, member.person.id, role, member.active, member.version)
        tx.audit("set role", f"member:{member.person.id}", {"role": member.role, "active": member.active}, {"role": role, "active": member.active})
    return members.member(tx, member.person.id)


