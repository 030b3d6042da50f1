"""Delivery: messages leave by e-mail or to a webhook, tried again with growing pauses, and what did not go is kept and said.

How to reach the outside (server, password, addresses of webhooks) comes from the environment of the host and is never
stored. E-mail goes encrypted, unless the relay is this machine; a webhook is https, its certificate is checked, a redirect
is not followed, and a private address is refused unless the host allows it.
"""

from __future__ import annotations

import http.client
import ipaddress
import json
import logging
import smtplib
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from scorecard import diary, digest, jobs, places
from scorecard.access import Actor
from scorecard.core import names
from scorecard.digest import Outside
from scorecard.errors import NotSent, ScorecardError
from scorecard.jobs import Task
from scorecard.output import bodies
from scorecard.store import messages as rows
from scorecard.store.engine import Store
from scorecard.store.messages import Channel, Message

log = logging.getLogger("scorecard.delivery")
TIMEOUT_SECONDS, LOOK_SECONDS = 20.0, 60.0
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (5, 15, 60, 180, 360, 720))
MOST_ATTEMPTS = len(PAUSES) + 1
CLAIMED = timedelta(minutes=10)
MOST_ANSWER = 80
SENDER = Actor("", "messages", "leader")
JOB = "send_messages"


def outside() -> Outside:
    """What the environment of this host says now."""
    return Outside(**places.outside())


# -- e-mail


def mail(message: Message, by: Outside, now: datetime) -> str:
    """The answer of the mail server that took the message. Raises NotSent in plain words."""
    with _said_plainly("the mail server"), _session(urlsplit(by.smtp), by.password) as server:
        refused = server.send_message(_letter(message, by, now), by.sender, [message.recipient])
    if refused:
        raise NotSent(f"The mail server does not take mail to {message.recipient}.")
    return "accepted by the mail server"


def _letter(message: Message, by: Outside, now: datetime) -> EmailMessage:
    letter = EmailMessage()
    letter["Subject"] = names.clean(message.subject, "subject", 1000)
    letter["From"], letter["To"] = by.sender, message.recipient
    letter["Date"] = format_datetime(now)
    # The same message tried twice is one message to a mail program.
    letter["Message-ID"] = f"<{message.id}@{by.sender.rpartition('@')[2]}>"
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(message.body)
    return letter


@contextmanager
def _session(where: SplitResult, password: str) -> Iterator[smtplib.SMTP]:
    """A session with the mail server: encrypted and with its certificate checked, or on this machine."""
    if where.scheme not in ("smtp", "smtps") or not where.hostname:
        raise NotSent(f"{places.SMTP} is not an address such as smtp://name@mail.company.example:587.")
    trusted = ssl.create_default_context()
    if where.scheme == "smtps":
        server = smtplib.SMTP_SSL(where.hostname, where.port or 465, timeout=TIMEOUT_SECONDS, context=trusted)
    else:
        server = smtplib.SMTP(where.hostname, where.port or 587, timeout=TIMEOUT_SECONDS)
    with server:
        if where.scheme == "smtp" and not is_this_machine(where.hostname):
            _encrypt(server, trusted)
        if where.username:
            server.login(unquote(where.username), password)
        yield server


def _encrypt(server: smtplib.SMTP, trusted: ssl.SSLContext) -> None:
    server.ehlo()
    if not server.has_extn("starttls"):
        raise NotSent("The mail server offers no encryption, so nothing was sent to it.")
    server.starttls(context=trusted)


def is_this_machine(host: str) -> bool:
    """Whether a name can only be this machine."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


# -- webhooks


class _Pinned(http.client.HTTPSConnection):
    """A connection to the very address that was checked, under the certificate of its name."""

    def __init__(self, host: str, port: int, address: str, trusted: ssl.SSLContext):
        super().__init__(host, port, timeout=TIMEOUT_SECONDS, context=trusted)
        self._address, self._trusted = address, trusted

    def connect(self) -> None:
        plain = socket.create_connection((self._address, self.port), self.timeout)
        self.sock = self._trusted.wrap_socket(plain, server_hostname=self.host)


def post(message: Message, by: Outside) -> str:
    """The answer of the webhook that took the message. Raises NotSent in plain words, without its address."""
    form, where = _webhook(by, message.recipient)
    with _said_plainly("the webhook"):
        address = _address(where.hostname, where.port or 443, by.private)
        connection = _Pinned(where.hostname, where.port or 443, address, ssl.create_default_context())
        try:
            path = f"{where.path or '/'}{f'?{where.query}' if where.query else ''}"
            content = json.dumps(bodies.webhook(message, form)).encode()
            connection.request("POST", path, content, {"content-type": "application/json"})
            answer = connection.getresponse()
            return _taken(answer.status, answer.read(2000))
        finally:
            connection.close()


def _webhook(by: Outside, name: str) -> tuple[str, SplitResult]:
    """The form and the address of a webhook: `slack+https://…` states the form, else its host does."""
    text = (by.webhooks or {}).get(name, "")
    form, plus, rest = text.partition("+")
    stated = plus and form in bodies.FORMS
    where = urlsplit(rest if stated else text)
    if where.scheme != "https" or not where.hostname or where.username:
        raise NotSent(f"The webhook {name!r} of {places.WEBHOOKS} is not an https address.")
    return (form if stated else bodies.form_of(where.hostname)), where


def _address(host: str, port: int, private: bool) -> str:
    """The address of a host, when it may be reached: every one that its name has is public, or private ones are allowed."""
    found = [one[4][0] for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    inside = [one for one in found if not ipaddress.ip_address(one.partition("%")[0]).is_global]
    if inside and not private:
        raise NotSent(f"The webhook leads to a private address. Nothing was sent; {places.WEBHOOK_PRIVATE} would allow it.")
    return found[0]


def _taken(status: int, content: bytes) -> str:
    if 200 <= status < 300:
        return f"accepted ({status})"
    if 300 <= status < 400:
        raise NotSent(f"The webhook sends elsewhere ({status}). Redirects are not followed.")
    told = names.clean(content.decode("utf-8", "replace")[:MOST_ANSWER], "answer", MOST_ANSWER)
    raise NotSent(f"The webhook refused it ({status}{f': {told}' if told else ''}).")


@contextmanager
def _said_plainly(who: str) -> Iterator[None]:
    """Errors of the network as NotSent, in words that hold no password and no address."""
    try:
        yield
    except smtplib.SMTPAuthenticationError:
        raise NotSent(f"{who.capitalize()} does not take the name or the password.") from None
    except smtplib.SMTPRecipientsRefused as error:
        code = next(iter(error.recipients.values()), (0,))[0]
        raise NotSent(f"{who.capitalize()} does not take mail to this address ({code}).") from None
    except smtplib.SMTPResponseException as error:
        raise NotSent(f"{who.capitalize()} refused it ({error.smtp_code}).") from None
    except smtplib.SMTPException as error:
        raise NotSent(f"{who.capitalize()} broke off ({type(error).__name__}).") from None
    except ssl.SSLError as error:
        raise NotSent(f"The certificate of {who} does not hold ({error.reason or 'broken off'}).") from None
    except (OSError, http.client.HTTPException, UnicodeError) as error:
        raise NotSent(f"{who.capitalize()} could not be reached ({type(error).__name__}).") from None


# -- one message after the other


def send(message: Message, channel: Channel, by: Outside, now: datetime) -> str:
    """The answer to a message that went. Raises NotSent when it did not."""
    lacking = by.ready(channel.way, channel.recipient)
    if lacking:
        raise NotSent(lacking)
    return mail(message, by, now) if channel.way == "email" else post(message, by)


def send_due(store: Store, task: Task) -> dict[str, Any]:
    """How many messages went and how many wait: the job of the worker. What fails is tried again later."""
    by, went, left = outside(), 0, 0
    with store.read() as tx:
        waiting, now = rows.due(tx, tx.now), tx.now
        known = {one.id: one for one in rows.channels(tx)}
    for n, message in enumerate(waiting):
        task.at(n / len(waiting), f"message {n + 1} of {len(waiting)}")
        done = _try(store, message, known.get(message.channel), by, now)
        went, left = went + (done == "sent"), left + (done in ("waiting", "failed"))
    told = f"{went} sent" + (f", {left} could not be sent" if left else "")
    return {"message": told, "sent": went, "unsent": left}


def _try(store: Store, message: Message, channel: Channel | None, by: Outside, now: datetime) -> str:
    """What became of a message: sent, waiting, failed, recovered (its channel is off), or "" when another sender has it."""
    if channel is None or not channel.live:
        store.write(lambda tx: rows.settle(tx, message.id, "recovered", "The channel is a dry run now."), SENDER.name)
        return "recovered"
    if not store.write(lambda tx: rows.claim(tx, message, now + CLAIMED), SENDER.name, quiet=True):
        return ""
    try:
        state, said, again = "sent", send(message, channel, by, now), None
    except NotSent as error:
        attempts = message.attempts + 1
        state = "failed" if attempts >= MOST_ATTEMPTS else "waiting"
        said, again = str(error), now + PAUSES[attempts - 1] if state == "waiting" else None
        log.warning("message %s to %s: %s", message.id, message.recipient, said)
    store.write(lambda tx: rows.settle(tx, message.id, state, said, again), SENDER.name)
    return state


class Messenger:
    """Looks now and then whether somebody has to be told: reviews are planned, messages written, and sent as a job."""

    def __init__(self, store: Store, today: Callable[[], date], every: float = LOOK_SECONDS):
        self._store, self._today, self._every = store, today, every
        self._next, self._seen = 0.0, None

    def look(self) -> None:
        """Nothing; what is due is written and asked for. It costs a read while nothing has changed."""
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + self._every
        try:
            self._look(self._today())
        except ScorecardError as error:
            log.warning("the digest waits: %s", error)

    def _look(self, today: date) -> None:
        if self._seen != (self._store.data_version, today):
            diary.plan(self._store, SENDER, today)
            if digest.channels(self._store):
                digest.plan(self._store, SENDER, today, outside().address)
            self._seen = (self._store.data_version, today)
        with self._store.read() as tx:
            waiting = rows.due(tx, tx.now)
        if waiting:
            jobs.ask(self._store, SENDER, JOB, {})
