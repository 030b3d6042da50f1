"""What may change the store without a row in the audit, each with its reason; and a watch over the tests of commands that nothing else does."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from scorecard.store.engine import Store

PRODUCT = Path(__file__).resolve().parents[1] / "scorecard"
# By `module function`: what is written there is no change that a person makes, or must not stand under a name.
WITHOUT = {
    "scorecard.arrivals load_source": "when a source was last looked at",
    "scorecard.arrivals _settle": "what a source teaches about its next file; the load has its row",
    "scorecard.arrivals _remember": "what came of a file that arrived; accepting and leaving it have rows",
    "scorecard.delivery _try": "whether a message has left: the message itself says it",
    "scorecard.digest plan": "messages that wait to be sent: each says itself what it is",
    "scorecard.drafts keep": "what somebody has typed and not saved: nobody else ever sees it",
    "scorecard.drafts drop": "a form was saved, which has its own row, or is begun anew",
    "scorecard.drafts keep": "words on their way into a form, whose saving has its row",
    "scorecard.drafts drop": "words that were on their way into a form, whose saving has its row",
    "scorecard.larkfield.maturity _answer": "a draft in the sample",
    "scorecard.leadership.round_answers save": "a draft: an answer without a name leaves no trace of when it was written",
    "scorecard.looking at_files": "a look that has its row already today",
    "scorecard.maturity.answering save": "a draft: an answer without a name leaves no trace of when it was written",
    "scorecard.measures save_measure": "what past months said, kept when a definition is saved as it was; a change has its row",
    "scorecard.organisation seen": "the day on which a member was last here",
    "scorecard.packs tidy": "jobs whose day is over; asking for a pack and its end have rows",
    "scorecard.sharing count": "how often a link was opened, without who",
    "scorecard.signin.sessions look": "when a person was last here, and that a session is over by itself",
    "scorecard.signin.sessions end": "a session that was over already; signing out has its row",
    "scorecard.signin.sessions sweep": "sessions that are over",
    "scorecard.store.engine Store.try_again": "whether the disk takes writes again",
    "scorecard.worker Worker._take_up": "whether jobs were left behind; one that was has its row",
    "scorecard.worker Worker._claim": "who works at a job; asking for it and its end have rows",
    "scorecard.worker Worker._end": "that a job waits again; asking for it and its end have rows",
    "scorecard.worker Worker._beat": "a sign of life",
}
# The tests of commands: what they come to is watched as it runs, beyond what `test_audited.py` reads in the code.
WATCHED = ("tests/test_audited.py", "tests/test_actions.py", "tests/test_diary.py", "tests/test_digest.py", "tests/test_delivery.py",
           "tests/test_measures.py", "tests/test_projects.py", "tests/test_sharing.py", "tests/test_registers.py")


def name_of(work: Any) -> str:
    """`module function` in which the work of a write was written down; "" outside the product."""
    code = getattr(work, "__code__", None)
    place = Path(code.co_filename) if code else Path()
    if PRODUCT not in place.parents:
        return ""
    module = ".".join(place.relative_to(PRODUCT.parent).with_suffix("").parts)
    return f"{module} {code.co_qualname.partition('.<locals>')[0]}"


def is_watched() -> bool:
    """Whether the test that runs is one of commands."""
    return os.environ.get("PYTEST_CURRENT_TEST", "").startswith(WATCHED)


def watch() -> None:
    """From now on a write that changes rows and leaves none in the audit fails in a test of commands, unless its reason is above."""
    commit = Store._commit

    def watched(self: Store, unit: Any, tx: Any, tried: Any) -> None:
        if tx.changed and not tx.entries and is_watched() and (name := name_of(tried.work)) and name not in WITHOUT:
            raise AssertionError(f"{name} changes the store without a row in the audit. Add tx.audit(…), or its reason to tests/audited.py.")
        commit(self, unit, tx, tried)

    Store._commit = watched
