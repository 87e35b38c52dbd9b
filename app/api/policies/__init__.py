"""Policies over the service: what each says, which were used, and what another says otherwise."""
