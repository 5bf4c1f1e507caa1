"""A small provider of OpenID Connect on the loopback address: it signs tokens and tells who somebody is."""

import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm


class Provider:
    """What it says; a test may make it lie. nonce: of the request that is under way."""

    def __init__(self):
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.signs_with, self.claims, self.userinfo, self.nonce, self.verifier, self.fails = (
            self.key,
            {},
            {},
            "",
            "",
            False,
        )

    def token(self):
        told = {"iss": self.address, "aud": "console", "sub": "1", "exp": time.time() + 60, "nonce": self.nonce}
        return jwt.encode({**told, **self.claims}, self.signs_with, "RS256", {"kid": "k1"})

    def answer(self, path, sent):
        if self.fails:
            return 500, {}
        if path == "/token":
            self.verifier = parse_qs(sent).get("code_verifier", [""])[0]
            return 200, {"access_token": "a", "token_type": "Bearer", "id_token": self.token()}
        if path == "/jwks":
            jwk = json.loads(RSAAlgorithm.to_jwk(self.key.public_key()))
            return 200, {"keys": [{**jwk, "kid": "k1", "alg": "RS256", "use": "sig"}]}
        return 200, {"sub": "1", "preferred_username": "li", **self.userinfo}


@contextmanager
def running():
    """The provider; its `address` is its issuer."""
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        def _do(self):
            sent = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            status, told = provider.answer(self.path, sent)
            body = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = _do  # noqa: N815

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.address = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
