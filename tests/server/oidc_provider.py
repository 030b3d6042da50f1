"""A small OpenID Connect provider, as a process of its own: `python -m tests.server.oidc_provider PORT FOLDER`.

Discovery, authorisation with a form (or at once, for the account that `login_hint` names), tokens signed with RS256, keys, sign-out. State,
nonce, PKCE, the redirect address and the client's secret are held to; a code is taken once. `accounts.json` in the
folder, read anew each time, says what is claimed of each account; keys that begin with "!" make it misbehave.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "seven-systems", "client-" + "7Jq2"
LIFE = 300


class Handler(BaseHTTPRequestHandler):
    """One request. The server holds the keys, the codes that are out, and the folder."""

    def log_message(self, *_: Any) -> None:
        """Nothing is logged."""

    def do_GET(self) -> None:
        path, query = urlsplit(self.path).path, dict(parse_qsl(urlsplit(self.path).query))
        if path == "/.well-known/openid-configuration":
            self._json(self.server.metadata())
        elif path == "/keys":
            self._json({"keys": [self.server.key.as_dict(private=False)]})
        elif path == "/authorize":
            self._authorize(query)
        elif path == "/logout":
            self._redirect(query["post_logout_redirect_uri"])
        else:
            self._say(404, "not found")

    def do_POST(self) -> None:
        path = urlsplit(self.path).path
        body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        if path == "/enter":
            self._redirect(self.server.code_for(json.loads(form["asked"]), form["account"]))
        elif path == "/token":
            self._token(form)
        else:
            self._say(404, "not found")

    def _authorize(self, asked: dict[str, str]) -> None:
        right = asked.get("client_id") == CLIENT and asked.get("response_type") == "code" and "openid" in asked.get("scope", "").split()
        if not right or not all(asked.get(name) for name in ("state", "nonce", "redirect_uri", "code_challenge")) or asked.get("code_challenge_method") != "S256":
            return self._say(400, "The request lacks state, nonce, PKCE or the client.")
        if asked.get("login_hint"):
            return self._redirect(self.server.code_for(asked, asked["login_hint"]))
        hidden = html.escape(json.dumps(asked), quote=True)
        buttons = "".join(f'<button name="account" value="{html.escape(name)}">{html.escape(name)}</button>' for name in self.server.accounts())
        self._say(200, f'<!doctype html><title>Provider</title><form method="post" action="/enter"><input type="hidden" name="asked" value="{hidden}">{buttons}</form>')

    def _token(self, form: dict[str, str]) -> None:
        given = self.server.codes.pop(form.get("code", ""), None)
        client, secret = self._client(form)
        proof = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest()).rstrip(b"=").decode()
        if client != CLIENT or secret != SECRET or given is None or given[0]["redirect_uri"] != form.get("redirect_uri") or proof != given[0]["code_challenge"]:
            return self._json({"error": "invalid_grant"}, 400)
        self._json({"access_token": secrets.token_hex(8), "token_type": "Bearer", "expires_in": LIFE, "id_token": self.server.token(*given)})

    def _client(self, form: dict[str, str]) -> tuple[str, str]:
        kind, _, text = self.headers.get("authorization", "").partition(" ")
        if kind.lower() == "basic":
            client, _, secret = base64.b64decode(text).decode().partition(":")
            return client, secret
        return form.get("client_id", ""), form.get("client_secret", "")

    def _redirect(self, address: str) -> None:
        self.send_response(303)
        self.send_header("location", address)
        self.send_header("content-length", "0")
        self.end_headers()

    def _json(self, body: dict[str, Any], status: int = 200) -> None:
        self._say(status, json.dumps(body), "application/json")

    def _say(self, status: int, text: str, kind: str = "text/html; charset=utf-8") -> None:
        content = text.encode()
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


class Provider(ThreadingHTTPServer):
    """The provider: one key, made when it starts."""

    daemon_threads = True

    def __init__(self, port: int, folder: Path):
        super().__init__(("127.0.0.1", port), Handler)
        self.issuer, self.folder = f"http://127.0.0.1:{port}", folder
        self.key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
        self.codes: dict[str, tuple[dict[str, str], dict[str, Any]]] = {}

    def accounts(self) -> dict[str, dict[str, Any]]:
        return json.loads((self.folder / "accounts.json").read_text("utf-8"))

    def metadata(self) -> dict[str, Any]:
        return {"issuer": self.issuer, "authorization_endpoint": f"{self.issuer}/authorize", "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys", "end_session_endpoint": f"{self.issuer}/logout", "response_types_supported": ["code"],
                "subject_types_supported": ["public"], "id_token_signing_alg_values_supported": ["RS256"], "code_challenge_methods_supported": ["S256"],
                "scopes_supported": ["openid", "email", "profile"], "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"]}

    def code_for(self, asked: dict[str, str], account: str) -> str:
        """The address to which the browser goes back, with a code that is good once."""
        code = secrets.token_urlsafe(16)
        self.codes[code] = (asked, self.accounts()[account])
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def token(self, asked: dict[str, str], account: dict[str, Any]) -> str:
        now = int(time.time()) + account.get("!clock", 0)
        claims = {"iss": self.issuer, "aud": CLIENT, "sub": account["sub"], "iat": now, "exp": now + LIFE, "nonce": asked["nonce"]}
        claims |= {name: value for name, value in account.items() if not name.startswith("!")} | account.get("!claims", {})
        key = RSAKey.generate_key(2048, {"kid": "one"}) if account.get("!forged") else self.key
        return jwt.encode({"alg": "RS256", "kid": "one"}, claims, key)


@dataclass
class Running:
    """A running provider: where it is, and the accounts it knows."""

    issuer: str
    folder: Path

    def know(self, **accounts: dict[str, Any]) -> None:
        """Nothing; these accounts are there from now on, beside those that were."""
        path = self.folder / "accounts.json"
        known = json.loads(path.read_text("utf-8")) if path.exists() else {}
        path.write_text(json.dumps(known | accounts), "utf-8")

    def secrets(self, address: str, **more: str) -> str:
        """The secrets.toml of a server at this address that signs in with this provider."""
        lines = [f'redirect_uri = "{address}/oauth2callback"', f'cookie_secret = "{secrets.token_urlsafe(48)}"', f'client_id = "{CLIENT}"',
                 f'client_secret = "{SECRET}"', f'server_metadata_url = "{self.issuer}/.well-known/openid-configuration"']
        return "\n".join(["[auth]", *lines, *(f"\n[{name}]\n{text}" for name, text in more.items())]) + "\n"


@contextmanager
def running(folder: Path, port: int) -> Iterator[Running]:
    """A provider on a free loopback port, stopped at the end."""
    found = Running(f"http://127.0.0.1:{port}", folder)
    found.know()
    process = subprocess.Popen([sys.executable, "-m", "tests.server.oidc_provider", str(port), str(folder)], stdout=subprocess.PIPE, text=True,
                               cwd=Path(__file__).resolve().parents[2])
    try:
        assert process.stdout.readline().strip() == "ready"
        yield found
    finally:
        process.terminate()
        process.wait(10)


if __name__ == "__main__":
    with Provider(int(sys.argv[1]), Path(sys.argv[2])) as provider:
        print("ready", flush=True)
        provider.serve_forever()
