"""Independent OAuth clients obtain tokens; an independent JWT library verifies them."""

import jwt
import pytest
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client import OAuth2Session as AuthlibSession
from oauthlib.oauth2 import BackendApplicationClient, InvalidClientError
from requests.auth import HTTPBasicAuth
from requests_oauthlib import OAuth2Session

REGISTERED = ["iss", "sub", "client_id", "aud", "iat", "nbf", "exp", "jti"]
OURS = ["org", "owner", "cred", "rev"]

both_methods = pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])


@pytest.fixture(autouse=True)
def plain_http(monkeypatch):
    """oauthlib insists on TLS, which the loopback interface does without."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")


@both_methods
def a_token_obtained_by_authlib_verifies(oathbook, method):
    verify(authlib_token(oathbook, method, oathbook.client_secret), oathbook)


@both_methods
def a_token_obtained_by_requests_oauthlib_verifies(oathbook, method):
    verify(requests_oauthlib_token(oathbook, method, oathbook.client_secret), oathbook)


@both_methods
def a_wrong_secret_is_an_invalid_client_to_authlib(oathbook, method):
    with pytest.raises(OAuthError, match="invalid_client"):
        authlib_token(oathbook, method, "wrong")


@both_methods
def a_wrong_secret_is_an_invalid_client_to_requests_oauthlib(oathbook, method):
    with pytest.raises(InvalidClientError):
        requests_oauthlib_token(oathbook, method, "wrong")


def a_token_with_another_signature_does_not_verify(oathbook):
    first, second = (
        authlib_token(oathbook, "client_secret_basic", oathbook.client_secret) for _ in range(2)
    )
    forged = {"access_token": swap_signature(first["access_token"], second["access_token"])}
    with pytest.raises(jwt.InvalidSignatureError):
        verify(forged, oathbook)


def a_token_says_when_it_expires(oathbook):
    token = authlib_token(oathbook, "client_secret_basic", oathbook.client_secret)
    claims = verify(token, oathbook)
    assert claims["exp"] - claims["iat"] == token["expires_in"] == 3600
    assert claims["nbf"] == claims["iat"]


def authlib_token(oathbook, method, secret):
    session = AuthlibSession(oathbook.client_id, secret, token_endpoint_auth_method=method)
    endpoint = oathbook.metadata["token_endpoint"]
    return session.fetch_token(endpoint, grant_type="client_credentials")


def requests_oauthlib_token(oathbook, method, secret):
    session = OAuth2Session(client=BackendApplicationClient(oathbook.client_id))
    endpoint = oathbook.metadata["token_endpoint"]
    if method == "client_secret_basic":
        return session.fetch_token(endpoint, auth=HTTPBasicAuth(oathbook.client_id, secret))
    return session.fetch_token(endpoint, client_secret=secret, include_client_id=True)


def verify(token, oathbook):
    """Checks header, signature and claims as a resource server would; answers the claims."""
    encoded = token["access_token"]
    header = jwt.get_unverified_header(encoded)
    assert (header["typ"], header["alg"]) == ("at+jwt", "RS256")
    assert header["kid"]

    issuer = oathbook.metadata["issuer"]
    key = jwt.PyJWKClient(oathbook.metadata["jwks_uri"]).get_signing_key_from_jwt(encoded)
    claims = jwt.decode(
        encoded,
        key,
        algorithms=["RS256"],
        issuer=issuer,
        audience=issuer,
        options={"require": REGISTERED + OURS},
    )
    assert claims["sub"] == claims["client_id"] == oathbook.client_id
    assert claims["org"] == oathbook.organization_id
    return claims


def swap_signature(token, other):
    return f"{token.rpartition('.')[0]}.{other.rpartition('.')[2]}"
