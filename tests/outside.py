"""Servers of a test on this machine: one that takes mail, one that takes webhooks. Nothing reaches the network."""

from __future__ import annotations

import http.server
import shutil
import socketserver
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


class _MailSession(socketserver.StreamRequestHandler):
    """As much of SMTP (RFC 5321) as a client of the standard library asks for."""

    def handle(self) -> None:
        self.say("220 here")
        while line := self.rfile.readline().decode("latin-1").strip():
            word = line.split(" ")[0].upper()
            if word == "EHLO":
                self.say("250-here", *(f"250-{one}" for one in self.server.offers), "250 8BITMIME")
            elif word == "DATA":
                self.say("354 go on")
                self.server.letters.append(b"".join(iter(self.rfile.readline, b".\r\n")).decode())
                self.say("250 taken")
            elif word == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say(self.server.answers.get(word, "250 ok"))

    def say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())


class MailServer(socketserver.ThreadingTCPServer):
    """Keeps the letters it was given; `answers` refuse a step, `offers` are its extensions."""

    daemon_threads = allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _MailSession)
        self.letters: list[str] = []
        self.answers: dict[str, str] = {}
        self.offers: tuple[str, ...] = ()

    @property
    def address(self) -> str:
        return f"smtp://127.0.0.1:{self.server_address[1]}"


class _Hook(http.server.BaseHTTPRequestHandler):
    def do_POST(self) -> None:  # noqa: N802  The name is the library's.
        self.server.bodies.append(self.rfile.read(int(self.headers["content-length"])).decode())
        self.send_response(self.server.status)
        if self.server.status in range(300, 400):
            self.send_header("location", "https://127.0.0.1/elsewhere")
        self.end_headers()
        self.wfile.write(b"invalid_token")

    def log_message(self, *_: object) -> None:
        pass


class HookServer(http.server.ThreadingHTTPServer):
    """Keeps the bodies it was given and answers with `status`, under a certificate for localhost."""

    daemon_threads = True

    def __init__(self, certificate: Path, key: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Hook)
        self.bodies: list[str] = []
        self.status = 200
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self.socket = context.wrap_socket(self.socket, server_side=True)

    def handle_error(self, *_: object) -> None:
        """A client that refuses the certificate is no failure of the server."""

    @property
    def address(self) -> str:
        return f"https://localhost:{self.server_address[1]}/services/T000/secret"


@contextmanager
def serving(server: socketserver.BaseServer) -> Iterator[socketserver.BaseServer]:
    """The server, answering in a thread until the end of the block."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for localhost that nobody trusts by itself, and its key."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl to make a certificate with")
    certificate, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True)
    return certificate, key
