"""Signing in by the provider of the organisation (OpenID Connect), when ``QINGYUAN_OIDC_CLIENT_ID`` names one.

The library sees to state, nonce, PKCE and the signature of the token; here stand audience and issuer, which account a
person is, and that the second factor is asked for all the same. Accounts are made by whoever manages them, not here.
"""

from __future__ import annotations

import logging
from typing import Any

import jwt
import requests
from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from mozilla_django_oidc.auth import OIDCAuthenticationBackend
from mozilla_django_oidc.views import OIDCAuthenticationCallbackView, OIDCAuthenticationRequestView

from qingyuan.interfaces.web import access
from qingyuan.interfaces.web.context import without_data
from qingyuan.interfaces.web.signin import steps

LOG = logging.getLogger(__name__)


class Backend(OIDCAuthenticationBackend):
    """Which account somebody is whom the provider vouches for."""

    def get_payload_data(self, token: str, key: Any) -> dict[str, Any]:
        """What the token says, its signature, end, audience and issuer checked. SuspiciousOperation."""
        try:
            told = super().get_payload_data(token, key)
        except jwt.PyJWTError as wrong:
            raise SuspiciousOperation(f"The token of the provider cannot be used: {wrong}") from wrong
        named = told.get("aud", "")
        if self.OIDC_RP_CLIENT_ID not in (named if isinstance(named, list) else [named]):
            raise SuspiciousOperation("The token of the provider is for somebody else")
        if told.get("iss") != settings.OIDC_ISSUER:
            raise SuspiciousOperation("The token is of another provider")
        return dict(told)

    def get_userinfo(self, access_token: str, id_token: str, payload: dict[str, Any]) -> dict[str, Any]:
        """What the provider tells of the person. SuspiciousOperation when it is not the person of the token."""
        told = super().get_userinfo(access_token, id_token, payload)
        if told.get("sub") != payload.get("sub"):
            raise SuspiciousOperation("The provider tells of another person than its token")
        return dict(told)

    def verify_claims(self, claims: dict[str, Any]) -> bool:
        """Whether the claim that names the account is there."""
        return bool(claims.get(settings.OIDC_CLAIM))

    def filter_users_by_claims(self, claims: dict[str, Any]) -> Any:
        """The active account of that name."""
        return self.UserModel.objects.filter(username=claims[settings.OIDC_CLAIM], is_active=True)

    def describe_user_by_claims(self, claims: dict[str, Any]) -> str:
        """The person in the log."""
        return f"{settings.OIDC_CLAIM} {claims.get(settings.OIDC_CLAIM)}"


class Callback(OIDCAuthenticationCallbackView):
    """Back from the provider."""

    @property
    def failure_url(self) -> str:
        """The sign-in, which says that it did not work."""
        return resolve_url("login") + "?provider=failed"

    def login_success(self) -> HttpResponse:
        """On to the second factor, or in."""
        return steps.proceed(self.request, self.user, self.success_url)

    def get(self, request: HttpRequest) -> HttpResponse:
        """As the library does; what the provider answers wrongly is told on the page of the sign-in."""
        try:
            return super().get(request)
        except (requests.RequestException, SuspiciousOperation, jwt.PyJWTError, ValueError, KeyError) as wrong:
            LOG.warning("sign-in by the provider failed: %s", wrong)
            return redirect(self.failure_url)


def _configured() -> None:
    if not settings.OIDC_RP_CLIENT_ID:
        raise Http404


@access.public
@without_data
def begin(request: HttpRequest) -> HttpResponse:
    """Off to the provider; 404 when there is none."""
    _configured()
    return OIDCAuthenticationRequestView.as_view()(request)


@access.public
@without_data
def callback(request: HttpRequest) -> HttpResponse:
    """Back from the provider; 404 when there is none."""
    _configured()
    return Callback.as_view()(request)
