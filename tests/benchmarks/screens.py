"""What a wall costs that refreshes itself, and a signed month behind a link, less what an empty answer costs the client."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date, timedelta

from tests.benchmarks.costs import CARD, SHORT_ROUNDS, TODAY, Cost, cpu_seconds, sample_store

ROUNDS = 9


def screens() -> list[Cost]:
    """A wall that is unchanged, one that is sent whole, one that is built anew after a change; a signed month likewise."""
    import httpx
    from starlette.applications import Starlette

    from scorecard import web
    from scorecard.ui import state

    with sample_store(), asyncio.Runner() as runner:
        store = state.store()
        client = httpx.AsyncClient(transport=httpx.ASGITransport(Starlette(routes=web.ROUTES)), base_url="http://127.0.0.1")

        def get(address: str, status: int = 200, **headers: str) -> httpx.Response:
            answer = runner.run(client.get(address, headers=headers))
            assert answer.status_code == status, answer.text
            return answer

        def anew(address: str) -> Callable[[], object]:
            def work() -> None:
                store.write(lambda tx: tx.audit("touch", "benchmark"), "benchmark")
                get(address)

            return work

        empty = cpu_seconds(lambda: get("/share/none", 404), SHORT_ROUNDS)
        touch = cpu_seconds(lambda: store.write(lambda tx: tx.audit("touch", "benchmark"), "benchmark"), ROUNDS)
        path = _signed_link(store)
        tag = get("/wall").headers["etag"]
        unchanged = cpu_seconds(lambda: get("/wall", 304, **{"if-none-match": tag}), SHORT_ROUNDS)
        whole = cpu_seconds(lambda: get("/wall"), SHORT_ROUNDS)
        wall, month = cpu_seconds(anew("/wall"), ROUNDS), cpu_seconds(anew(path), ROUNDS)
        runner.run(client.aclose())
        return [
            Cost("the wall refreshes itself and is unchanged (304)", max(unchanged - empty, 0), 0.005),
            Cost("the wall, sent whole", max(whole - empty, 0), 0.005),
            Cost("the wall, built anew after a change of the data", wall - empty - touch, 0.2),
            Cost("a signed month behind a link, built anew after a change", month - empty - touch, 0.5),
        ]


def _signed_link(store) -> str:
    """The path of a link to October, which is decided and signed first."""
    from scorecard import organisation, reviews, sharing
    from scorecard.core.periods import Period

    actor, october = organisation.who(store, organisation.keyboard_default(store)), Period(date(2026, 10, 1), "month")
    if not any(period == october for _, period, _ in reviews.signed(store)):
        view = reviews.review_view(store, CARD, october, TODAY)
        if view.state == "not_opened":
            reviews.open_review(store, actor, CARD, october, held_on=date(2026, 11, 12), chair=actor.person)
        for item in reviews.review_view(store, CARD, october, TODAY).month.items:
            if not item.decision:
                reviews.decide(store, actor, CARD, october, item.id, "watch", "Two more months.", item.title, item.version)
        reviews.actions_read(store, actor, CARD, october)
        reviews.sign(store, actor, CARD, october, TODAY)
    return sharing.make(store, actor, CARD, october, "", date.today() + timedelta(days=30), date.today()).path


ALL = (screens,)
