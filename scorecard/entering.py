"""The routes of signing in: of a personal link a page with one button, and what the button does; and what keeps the page that was asked for."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from scorecard.output import signin_pages
from scorecard.signin import links, sessions
from scorecard.ui import gate, mode, onward, state

# The form sends its own origin only under this policy; nothing else is loaded that could learn the address.
HEADERS = {
    "x-robots-tag": "noindex, nofollow", "cache-control": "no-store", "referrer-policy": "same-origin",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
}
EMPTY = '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'


def show(request: Request) -> Response:
    """The page with the button; nothing is used up by looking at it."""
    store = state.store()
    member = links.opened(store, _token(request), state.now())
    if member is None:
        return _closed()
    return HTMLResponse(signin_pages.button_page(member.person.name, state.house(store).organisation.name), 200, HEADERS)


def enter(request: Request) -> Response:
    """Uses the link up: the browser gets the cookie of a new session, and goes on to the page that it asked for."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return _closed()
    entered = links.enter(state.store(), _token(request), request.headers.get("user-agent", ""), state.now())
    if entered is None:
        return _closed()
    answer, of = RedirectResponse(onward.of(request.cookies), 303, HEADERS), mode.current()
    answer.set_cookie(gate.SECURE_COOKIE if of.secure else gate.COOKIE, entered.secret, max_age=int(sessions.LONGEST.total_seconds()), path="/",
                      secure=of.secure, httponly=True, samesite="lax")
    onward.forget(answer)
    return answer


def keep(request: Request) -> Response:
    """An image of nothing; with it the browser keeps the page of the app that it is on, until somebody has signed in there."""
    if mode.current().local or not onward.read(_token(request, onward.LONGEST * 2)) or request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return Response(status_code=404, headers=HEADERS)
    answer = Response(EMPTY, media_type="image/svg+xml", headers=HEADERS)
    onward.keep(answer, _token(request, onward.LONGEST * 2))
    return answer


def _token(request: Request, longest: int = 200) -> str:
    return str(request.path_params.get("token", ""))[:longest]


def _closed() -> Response:
    return HTMLResponse(signin_pages.closed_page(links.CLOSED), 404, HEADERS)


KEPT = (onward.PATH + "/{token}", keep)
ROUTES = ((links.PATH + "/{token}", show, ("GET",)), (links.PATH + "/{token}", enter, ("POST",)))
