"""What is said of a run's imagery on the map."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from app.api.schemas import Answer
from app.api.work.schemas import JobShown


class RunLayers(Answer):
    """What of a run lies on the squares of the map."""

    dates: int = Field(description="Clear dates that the map shows.")
    newest: date | None
    season: bool = Field(description="Whether the season's picture lies there; it is drawn more slowly otherwise.")
    job: JobShown | None = Field(description="The newest one that makes them, within reach; null: nobody asked.")
