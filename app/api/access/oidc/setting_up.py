"""The bank's sign-in service from settings. Imported where the service starts: it needs the extra `oidc`."""

from __future__ import annotations

from time import monotonic

from app.api.access.oidc.service import BACK, Registration, SignInService
from app.settings import Settings
from geo.errors import InputError


def service_of(settings: Settings) -> SignInService | None:
    """The service that the settings name; None where they name none.

    Raises:
        InputError: a setting that it needs is missing, its address is not https, or the extra is not installed.
    """
    if settings.oidc_issuer is None:
        return None
    if settings.oidc_client_id is None or settings.origin is None:
        lacking = "ACRELINE_OIDC_CLIENT_ID" if settings.oidc_client_id is None else "ACRELINE_ORIGIN"
        raise InputError("OIDC_SETTINGS", f"Signing in by the bank's service needs {lacking}.", "Set it.")
    try:
        from app.api.access.oidc.signatures import signed_claims  # noqa: PLC0415 - an optional extra
    except ImportError as error:
        raise InputError("OIDC_EXTRA", "joserfc is not installed.", "Install the extra `oidc`.") from error
    secret = None if settings.oidc_client_secret is None else settings.oidc_client_secret.get_secret_value()
    ours = Registration(settings.oidc_issuer, settings.oidc_client_id, secret, settings.origin + BACK)
    return SignInService(ours, signed_claims, monotonic)
