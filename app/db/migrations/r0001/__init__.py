"""The first schema, in the order in which tables refer to each other. Frozen: changes are revisions of their own."""

from __future__ import annotations

from app.db.migrations.r0001 import credit, land, loan, observation, organisation, people

PARTS = (organisation, people, observation, credit, land, loan)
