"""Signing in by the bank's own service: OpenID Connect Core 1.0, authorization code with PKCE (RFC 7636)."""
