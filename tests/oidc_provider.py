"""A small OpenID Connect provider for tests: the real protocol, on this machine.

Authorization code flow with PKCE and RS256 (OpenID Connect Core 1.0, RFC 7636). It consents at once
for whoever has a session with it; `/session?user=…` starts one, as a login page would.
"""

import base64
import hashlib
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlencode

import uvicorn
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

CLIENT, SECRET = "kiertokylat", "a secret of this client"


@dataclass
class Provider:
    """A provider and the people it knows.

    Parameters
    ----------
    issuer
        Its address.
    redirect_uri
        The only place that it sends codes to.
    people
        E-mail address of each, and whether it is verified.
    """

    issuer: str
    redirect_uri: str
    people: dict[str, bool]
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one"}))
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)

    async def configuration(self, _request: Request) -> Response:
        at = self.issuer
        return JSONResponse(
            {
                "issuer": at,
                "authorization_endpoint": f"{at}/authorize",
                "token_endpoint": f"{at}/token",
                "userinfo_endpoint": f"{at}/userinfo",
                "jwks_uri": f"{at}/jwks",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "code_challenge_methods_supported": ["S256"],
            }
        )

    async def session(self, request: Request) -> Response:
        answer = PlainTextResponse("session")
        answer.set_cookie("provider", request.query_params["user"], httponly=True)
        return answer

    async def authorize(self, request: Request) -> Response:
        asked, user = request.query_params, request.cookies.get("provider", "").strip('"')
        good = asked.get("response_type") == "code" and asked.get("client_id") == CLIENT
        good = good and asked.get("redirect_uri") == self.redirect_uri
        good = good and asked.get("code_challenge_method") == "S256"
        if not good or user not in self.people or "openid" not in asked.get("scope", "").split():
            return PlainTextResponse("refused", 400)
        code = secrets.token_urlsafe()
        kept = {name: asked.get(name, "") for name in ("nonce", "code_challenge")}
        self.codes[code] = {**kept, "user": user}
        back = urlencode({"code": code, "state": asked["state"]})
        return RedirectResponse(f"{self.redirect_uri}?{back}", 302)

    async def token(self, request: Request) -> Response:
        form = await request.form()
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {basic}":
            return JSONResponse({"error": "invalid_client"}, 401)
        kept = self.codes.pop(str(form.get("code")), None)  # a code is good once
        digest = hashlib.sha256(str(form.get("code_verifier")).encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        same = kept is not None and challenge == kept["code_challenge"]
        if kept is None or not same or form.get("redirect_uri") != self.redirect_uri:
            return JSONResponse({"error": "invalid_grant"}, 400)
        access = secrets.token_urlsafe()
        self.tokens[access] = kept["user"]
        now = int(time.time())
        about = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300}
        claims = {**about, **self._claims(kept["user"]), "nonce": kept["nonce"]}
        signed = jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.key)
        return JSONResponse({"access_token": access, "token_type": "Bearer", "id_token": signed})

    def _claims(self, user: str) -> dict[str, object]:
        subject = hashlib.sha256(user.encode()).hexdigest()
        return {"sub": subject, "email": user, "email_verified": self.people[user]}

    async def userinfo(self, request: Request) -> Response:
        user = self.tokens.get(request.headers.get("authorization", "").removeprefix("Bearer "))
        return JSONResponse(self._claims(user)) if user else Response(status_code=401)

    async def jwks(self, _request: Request) -> Response:
        return JSONResponse({"keys": [self.key.as_dict(private=False)]})

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self.configuration),
                Route("/session", self.session),
                Route("/authorize", self.authorize),
                Route("/token", self.token, methods=["POST"]),
                Route("/userinfo", self.userinfo),
                Route("/jwks", self.jwks),
            ]
        )


@contextmanager
def serving(provider: Provider, port: int) -> Iterator[Provider]:
    """The provider at `localhost:port`, for as long as the block lasts."""
    config = uvicorn.Config(provider.app(), "127.0.0.1", port, ws="none", log_level="warning")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.05)
        yield provider
    finally:
        server.should_exit = True
        thread.join(10)
