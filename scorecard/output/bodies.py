"""A message in the form of the chat it goes to: Slack, Teams, or plain JSON for any other address."""

from __future__ import annotations

from scorecard.output.theme import clean, escape_markdown
from scorecard.store.messages import Message

FORMS = ("slack", "teams", "json")


def form_of(host: str) -> str:
    """The form that the host of a webhook understands."""
    if host == "hooks.slack.com":
        return "slack"
    teams = (".webhook.office.com", ".logic.azure.com", ".powerplatform.com", ".powerautomate.com")
    return "teams" if host.endswith(teams) else "json"


def webhook(message: Message, form: str) -> dict:
    """The JSON body of a message. Text is text: no name in it becomes a link, a mention or a picture."""
    lines = [clean(line) for line in message.body.splitlines()]
    if form == "slack":
        return {"text": "\n".join((f"*{_slack(message.subject)}*", *map(_slack, lines))), "unfurl_links": False, "unfurl_media": False}
    if form == "teams":
        return _teams(message.subject, [line for line in lines if line])
    return {"id": message.id, "kind": message.kind, "subject": clean(message.subject), "lines": [line for line in lines if line],
            "over": message.over}


def _slack(text: str) -> str:
    """Text as Slack wants it: its three control characters escaped, so that nobody is mentioned."""
    return clean(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _teams(subject: str, lines: list[str]) -> dict:
    link = next((line.partition(" ")[0] for line in lines[-1:] if line.startswith("http")), "")
    blocks = [{"type": "TextBlock", "text": escape_markdown(line), "wrap": True} for line in (lines[:-1] if link else lines)]
    head = {"type": "TextBlock", "text": escape_markdown(subject), "wrap": True, "weight": "Bolder", "size": "Medium"}
    card = {"$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "type": "AdaptiveCard", "version": "1.4",
            "body": [head, *blocks], "actions": [{"type": "Action.OpenUrl", "title": "Open", "url": link}] if link else []}
    return {"type": "message", "attachments": [{"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}]}
