"""A small sign-in service on 127.0.0.1: discovery, keys, and tokens for codes; what it says can be made wrong."""

from __future__ import annotations

import json
import threading
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, OKPKey, RSAKey

CLIENT, SECRET = "acreline", "quiet & secret"


@dataclass
class Issuer:
    """The service.

    Attributes:
        address: where it answers; its name.
        now: what its clock says.
        keys: that sign; the last one does, and all are published.
        algorithm: of signatures.
        wrong: claims that it says instead.
        asked: paths that were asked for.
        codes: nonce and challenge of each code that was given out.
        discovery: what it says of itself otherwise.
        published: keys that it publishes instead; None: those that sign.
        refusing: whoever comes with a browser is not let in.
    """

    address: str
    now: datetime
    keys: list[Any] = field(default_factory=lambda: [RSAKey.generate_key(2048, {"kid": "first"})])
    algorithm: str = "RS256"
    wrong: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    codes: dict[str, tuple[str, str]] = field(default_factory=dict)
    discovery: dict[str, Any] = field(default_factory=dict)
    published: list[Any] | None = None
    refusing: bool = False

    def rotate(self, algorithm: str) -> None:
        """Sign with a new key from now on; the old ones are published no more."""
        made: Any = {
            "ES256": lambda: ECKey.generate_key("P-256", {"kid": "ec"}),
            "EdDSA": lambda: OKPKey.generate_key("Ed25519", {"kid": "ed"}),
        }[algorithm]()
        self.keys, self.algorithm = [made], algorithm

    def sign_in(self, address: str) -> tuple[str, str]:
        """Somebody signs in at the address that they were sent to: state and code to come back with."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert (asked["response_type"], asked["scope"], asked["client_id"]) == ("code", "openid", CLIENT)
        assert asked["code_challenge_method"] == "S256"
        code = f"code-{len(self.codes)}"
        self.codes[code] = (asked["nonce"], asked["code_challenge"])
        return asked["state"], code

    def answer(self, path: str, form: dict[str, str], authorization: str | None) -> tuple[int, Any]:
        """Status and body."""
        self.asked.append(path)
        if path == "/.well-known/openid-configuration":
            ends = {"authorization_endpoint": "/authorize", "token_endpoint": "/token", "jwks_uri": "/keys"}
            said = {name: self.address + end for name, end in ends.items()}
            return 200, {"issuer": self.address} | said | self.discovery
        if path == "/keys":
            keys = self.keys if self.published is None else self.published
            return 200, {"keys": [key.as_dict(private=False) for key in keys]}
        return self._token(form, authorization)

    def _token(self, form: dict[str, str], authorization: str | None) -> tuple[int, Any]:
        said = b64decode((authorization or "").removeprefix("Basic ")).decode()
        if said != f"{CLIENT}:quiet%20%26%20secret" or form.get("grant_type") != "authorization_code":
            return 401, {"error": "invalid_client"}
        nonce, challenge = self.codes.pop(form["code"], ("", ""))
        hashed = sha256(form["code_verifier"].encode()).digest()
        if urlsafe_b64encode(hashed).rstrip(b"=").decode() != challenge:
            return 400, {"error": "invalid_grant"}
        at = int(self.now.timestamp())
        claims = {"iss": self.address, "aud": CLIENT, "sub": "olga-4711", "iat": at, "exp": at + 300, "nonce": nonce}
        claims = {name: value for name, value in (claims | self.wrong).items() if value is not None}
        header = {"alg": self.algorithm, "kid": self.keys[-1].kid}
        return 200, {"id_token": jwt.encode(header, claims, self.keys[-1], algorithms=[self.algorithm])}


@contextmanager
def issuing(now: datetime) -> Iterator[Issuer]:
    """The service while it answers."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.startswith("/authorize"):
                self._send_back()
            else:
                self._answer({})

        def _send_back(self) -> None:
            """A browser came: somebody signs in at once, or is refused."""
            state, code = issuer.sign_in(self.path)
            back = parse_qs(urlsplit(self.path).query)["redirect_uri"][0]
            said = {"error": "access_denied"} if issuer.refusing else {"code": code}
            self.send_response(302)
            self.send_header("Location", f"{back}?{urlencode({'state': state} | said)}")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._answer({name: values[0] for name, values in parse_qs(text).items()})

        def _answer(self, form: dict[str, str]) -> None:
            status, said = issuer.answer(self.path, form, self.headers.get("Authorization"))
            body = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_said: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    issuer = Issuer(f"http://127.0.0.1:{server.server_port}", now)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield issuer
    server.shutdown()
    server.server_close()
    thread.join(5)
