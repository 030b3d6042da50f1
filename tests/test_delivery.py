"""Messages leave encrypted, to where the host said, once; what does not go is kept, tried again and said."""

from __future__ import annotations

import json
import logging
from datetime import date, datetime, timedelta
from email import message_from_string
from email.policy import default

import pytest

from scorecard import delivery, digest, jobs, organisation
from scorecard.delivery import Outside
from scorecard.errors import NotSent, StoreBusy
from scorecard.jobs import Task
from scorecard.output import bodies
from scorecard.store import messages as rows
from scorecard.store.messages import Message
from scorecard.worker import Worker
from tests import outside
from tests.conftest import make_actor

NOW = datetime(2026, 11, 22, 9, 0)
LEADER = make_actor("leader")
TO = "team@larkfield.example"


@pytest.fixture
def mail():
    with outside.serving(outside.MailServer()) as server:
        yield server


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return outside.make_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def hook(certificate, monkeypatch):
    """A webhook on this machine whose certificate is trusted."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    with outside.serving(outside.HookServer(*certificate)) as server:
        yield server


def make_message(**changes) -> Message:
    told = {
        "id": "m1", "about": "signed:customer-success:2026-10", "kind": "signed", "channel": "c1", "recipient": TO, "subject": "2 actions are overdue",
        "body": "Fix rota: Jo Lind, 3 days late.\n\nhttp://localhost:8501/actions", "state": "waiting", "attempts": 0, "said": "",
        "made_at": NOW, "next_at": None, "sent_at": None, "version": 1,
    }
    return Message(**(told | changes))


def by_mail(server, **changes) -> Outside:
    return Outside(**({"smtp": server.address, "sender": "scorecard@larkfield.example"} | changes))


def by_hook(server, form: str = "", **changes) -> Outside:
    return Outside(**({"webhooks": {"team": form + server.address}, "private": True} | changes))


# -- e-mail


def test_a_letter_says_what_the_message_says_once_and_by_whom(mail):
    assert delivery.mail(make_message(), by_mail(mail), NOW) == "accepted by the mail server"
    letter = message_from_string(mail.letters[0], policy=default)
    assert (letter["subject"], letter["to"], letter["from"]) == ("2 actions are overdue", TO, "scorecard@larkfield.example")
    assert letter["message-id"] == "<m1@larkfield.example>" and letter["auto-submitted"] == "auto-generated"
    assert "Fix rota: Jo Lind, 3 days late." in letter.get_content()


def test_a_name_with_a_line_break_writes_no_header(mail):
    delivery.mail(make_message(subject="Overdue\r\nBcc: spy@evil.example"), by_mail(mail), NOW)
    letter = message_from_string(mail.letters[0], policy=default)
    assert letter["bcc"] is None and letter["subject"] == "Overdue Bcc: spy@evil.example"


def test_nothing_goes_unencrypted_to_another_machine(mail, monkeypatch):
    monkeypatch.setattr(delivery, "is_this_machine", lambda host: False)
    with pytest.raises(NotSent, match="offers no encryption, so nothing was sent"):
        delivery.mail(make_message(), by_mail(mail), NOW)
    assert mail.letters == []


def test_a_mail_server_with_a_certificate_that_nobody_trusts_gets_nothing(certificate):
    with outside.serving(outside.HookServer(*certificate)) as server:
        where = f"smtps://localhost:{server.server_address[1]}"
        with pytest.raises(NotSent, match="The certificate of the mail server does not hold"):
            delivery.mail(make_message(), by_mail(server, smtp=where), NOW)


@pytest.mark.parametrize(
    ("step", "answer", "words"),
    [("MAIL", "550 no", r"refused it \(550\)"), ("RCPT", "553 who", r"does not take mail to this address \(553\)"),
     ("AUTH", "535 wrong", "does not take the name or the password")],
)
def test_a_refusal_is_said_in_plain_words_without_the_password(mail, step, answer, words):
    mail.answers[step], mail.offers = answer, ("AUTH PLAIN",)
    where = mail.address.replace("//", "//rana@") if step == "AUTH" else mail.address
    with pytest.raises(NotSent, match=words) as refused:
        delivery.mail(make_message(), by_mail(mail, smtp=where, password="hunter2"), NOW)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("where", ["http://mail.example", "smtp://", "mail.example:25"])
def test_an_address_that_is_no_mail_server_is_said(where):
    with pytest.raises(NotSent, match="SCORECARD_SMTP is not an address"):
        delivery.mail(make_message(), Outside(smtp=where, sender="a@b.example"), NOW)


# -- webhooks


def test_a_webhook_is_posted_to_under_its_certificate(hook):
    assert delivery.post(make_message(recipient="team"), by_hook(hook)) == "accepted (200)"
    assert json.loads(hook.bodies[0])["subject"] == "2 actions are overdue"


def test_a_webhook_whose_certificate_nobody_trusts_gets_nothing(certificate):
    with outside.serving(outside.HookServer(*certificate)) as server:
        with pytest.raises(NotSent, match="The certificate of the webhook does not hold"):
            delivery.post(make_message(recipient="team"), by_hook(server))
        assert server.bodies == []


def test_a_webhook_at_a_private_address_gets_nothing_unless_the_host_allows_it(hook):
    with pytest.raises(NotSent, match="private address. Nothing was sent; SCORECARD_WEBHOOK_PRIVATE"):
        delivery.post(make_message(recipient="team"), by_hook(hook, private=False))
    assert hook.bodies == []


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "192.168.0.9", "169.254.169.254", "::1", "fe80::1%eth0", "0.0.0.0"])
def test_no_private_address_is_taken_for_a_public_one(monkeypatch, address):
    monkeypatch.setattr(delivery.socket, "getaddrinfo", lambda *_, **__: [(0, 0, 0, "", ("93.184.216.34", 443)), (0, 0, 0, "", (address, 443))])
    with pytest.raises(NotSent, match="private address"):
        delivery._address("hooks.example", 443, False)


def test_the_connection_goes_to_the_address_that_was_checked(monkeypatch):
    asked = []
    monkeypatch.setattr(delivery.socket, "getaddrinfo", lambda *_, **__: [(0, 0, 0, "", ("93.184.216.34", 443))])
    monkeypatch.setattr(delivery.socket, "create_connection", lambda where, *_: asked.append(where) or (_ for _ in ()).throw(OSError()))
    with pytest.raises(NotSent, match="could not be reached"):
        delivery.post(make_message(recipient="team"), Outside(webhooks={"team": "https://hooks.slack.com/x"}))
    assert asked == [("93.184.216.34", 443)]


def test_a_redirect_is_not_followed(hook):
    hook.status = 302
    with pytest.raises(NotSent, match=r"sends elsewhere \(302\). Redirects are not followed."):
        delivery.post(make_message(recipient="team"), by_hook(hook))
    assert len(hook.bodies) == 1


def test_a_refusal_of_a_webhook_does_not_tell_its_address(hook):
    hook.status = 404
    with pytest.raises(NotSent, match=r"refused it \(404: invalid_token\)") as refused:
        delivery.post(make_message(recipient="team"), by_hook(hook))
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("address", ["http://hooks.slack.com/x", "ftp://x", "https://name@host.example/", "slack+http://hooks.slack.com/x"])
def test_a_webhook_that_is_not_https_gets_nothing(address):
    with pytest.raises(NotSent, match="is not an https address"):
        delivery.post(make_message(recipient="team"), Outside(webhooks={"team": address}))


@pytest.mark.parametrize(
    ("host", "form"),
    [("hooks.slack.com", "slack"), ("x.webhook.office.com", "teams"), ("prod-1.westeurope.logic.azure.com", "teams"),
     ("evil-hooks.slack.com.example", "json"), ("chat.larkfield.example", "json")],
)
def test_the_form_follows_the_host(host, form):
    assert bodies.form_of(host) == form


def test_slack_is_told_text_and_mentions_nobody():
    body = bodies.webhook(make_message(subject="<!channel> A & B"), "slack")
    assert body["text"].startswith("*&lt;!channel&gt; A &amp; B*") and body["unfurl_links"] is False


def test_teams_is_told_text_with_a_button_for_the_link():
    card = bodies.webhook(make_message(subject="![x](http://evil.example)"), "teams")["attachments"][0]["content"]
    assert card["body"][0]["text"].startswith("\\!\\[x\\]\\(http") and card["actions"][0]["url"] == "http://localhost:8501/actions"


@pytest.mark.parametrize("form", ["slack+", "teams+"])
def test_the_form_can_be_stated(hook, form):
    delivery.post(make_message(recipient="team"), by_hook(hook, form))
    assert ("attachments" in json.loads(hook.bodies[0])) == (form == "teams+")


# -- kept, tried again, said


@pytest.fixture
def queue(store, mail, monkeypatch):
    """A store with a live channel and a message that waits for it."""
    organisation.first_start(store)
    monkeypatch.setattr(delivery, "outside", lambda: by_mail(mail, address="http://localhost:8501"))
    channel = digest.add_channel(store, LEADER, way="email", recipient=TO, about=digest.KINDS, live=True)
    store.write(lambda tx: rows.insert(tx, make_message(channel=channel.id)), "test", NOW)
    return store


def send_due(store, now: datetime = NOW) -> dict:
    """One run of the job, as if it were `now`."""
    original = store.read
    class At:
        def __enter__(self):
            self.block = original()
            tx = self.block.__enter__()
            tx.now = now
            return tx

        def __exit__(self, *error):
            return self.block.__exit__(*error)

    store.read = At
    try:
        job = jobs.ask(store, delivery.SENDER, delivery.JOB, {})
        return delivery.send_due(store, Task(job, delivery.SENDER, now.date()))
    finally:
        store.read = original


def message(store) -> Message:
    with store.read() as tx:
        return rows.get(tx, "m1")


def test_a_message_goes_once(queue, mail):
    assert send_due(queue)["sent"] == 1 and send_due(queue)["sent"] == 0
    assert len(mail.letters) == 1 and (message(queue).state, message(queue).said) == ("sent", "accepted by the mail server")


def test_a_message_that_did_not_go_waits_longer_each_time_and_is_given_up_in_the_end(queue, mail):
    mail.answers["MAIL"] = "451 later"
    waits, now = [], NOW
    while (found := message(queue)).state == "waiting":
        if found.next_at:
            waits.append(found.next_at - now)
            now = found.next_at
        send_due(queue, now)
    assert tuple(waits) == delivery.PAUSES
    assert (found.state, found.attempts, found.said) == ("failed", delivery.MOST_ATTEMPTS, "The mail server refused it (451).")
    assert digest.unsent_words(queue) == ("1 message could not be sent",)


def test_a_message_is_not_tried_before_its_pause_is_over(queue, mail):
    mail.answers["MAIL"] = "451 later"
    send_due(queue)
    mail.answers.clear()
    send_due(queue, NOW + timedelta(minutes=4))
    assert mail.letters == [] and digest.unsent_words(queue)
    send_due(queue, NOW + timedelta(minutes=5))
    assert len(mail.letters) == 1 and digest.unsent_words(queue) == ()


def test_a_message_that_was_given_up_can_be_tried_again(queue, mail):
    queue.write(lambda tx: rows.settle(tx, "m1", "failed", "no"), "test")
    digest.try_again(queue, LEADER, "m1")
    assert send_due(queue)["sent"] == 1


def test_two_senders_do_not_send_the_same_message(queue, mail):
    with queue.read() as tx:
        (waiting,) = rows.due(tx, NOW)
        channel = rows.channel(tx, waiting.channel)
    by = delivery.outside()
    assert delivery._try(queue, waiting, channel, by, NOW) == "sent"
    assert delivery._try(queue, waiting, channel, by, NOW) == "" and len(mail.letters) == 1


def test_a_sender_that_is_killed_leaves_the_message_for_a_later_try(queue, mail, monkeypatch):
    monkeypatch.setattr(delivery, "send", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        send_due(queue)
    monkeypatch.undo()
    monkeypatch.setattr(delivery, "outside", lambda: by_mail(mail))
    assert message(queue).state == "waiting" and send_due(queue)["sent"] == 0
    assert send_due(queue, NOW + delivery.CLAIMED)["sent"] == 1


def test_what_waits_for_a_channel_that_is_a_dry_run_now_does_not_leave(queue, mail):
    (channel,) = digest.channels(queue)
    digest.change_channel(queue, LEADER, channel.id, channel.version, live=False)
    send_due(queue)
    assert mail.letters == [] and message(queue).state == "recovered"


def test_without_settings_on_the_host_nothing_is_sent_and_it_is_said(queue, mail, monkeypatch, caplog):
    monkeypatch.setattr(delivery, "outside", Outside)
    with caplog.at_level(logging.WARNING):
        assert send_due(queue) == {"message": "0 sent, 1 could not be sent", "sent": 0, "unsent": 1}
    assert message(queue).said == "SCORECARD_SMTP and SCORECARD_SMTP_FROM are not set on the server." and mail.letters == []


def test_the_worker_plans_the_reviews_and_tells_nobody_without_a_channel(store):
    organisation.first_start(store)
    delivery.Messenger(store, lambda: date(2026, 11, 22)).look()
    assert jobs.unfinished(store) == [] and digest.recent(store) == []


def test_the_worker_asks_for_a_job_while_a_message_waits(queue):
    delivery.Messenger(queue, lambda: date(2026, 11, 22)).look()
    assert [one.kind for one in jobs.unfinished(queue)] == [delivery.JOB]


def test_the_settings_of_the_host_are_read_and_kept_nowhere(store, monkeypatch):
    monkeypatch.setenv("SCORECARD_SMTP", "smtp://rana@mail.example:587")
    monkeypatch.setenv("SCORECARD_SMTP_PASSWORD", "hunter2")
    monkeypatch.setenv("SCORECARD_SMTP_FROM", "a@b.example")
    monkeypatch.setenv("SCORECARD_WEBHOOKS", "team=https://hooks.slack.com/T0/secret?x=1 broken")
    by = delivery.outside()
    assert (by.ready("email", TO), by.ready("webhook", "team"), by.private) == ("", "", False)
    assert by.webhooks == {"team": "https://hooks.slack.com/T0/secret?x=1"} and "names no webhook" in by.ready("webhook", "other")


def test_a_fault_in_the_digest_does_not_stop_the_worker(store, monkeypatch, caplog):
    worker = Worker(store, lambda: date(2026, 11, 22))
    monkeypatch.setattr(delivery.Messenger, "look", lambda self: {}["nothing"])
    with caplog.at_level(logging.ERROR):
        worker._tell()
    assert "in the digest" in caplog.text


def test_a_store_that_is_busy_makes_the_digest_wait(store, monkeypatch, caplog):
    monkeypatch.setattr(digest, "channels", lambda store: (_ for _ in ()).throw(StoreBusy("somebody else has it")))
    with caplog.at_level(logging.WARNING):
        delivery.Messenger(store, lambda: date(2026, 11, 22)).look()
    assert "the digest waits: somebody else has it" in caplog.text
