"""What an institution's application keeps for its addresses, as they ask for it."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from fastapi import Depends, Request

from app.artefacts.folders import Folders
from app.artefacts.runs import RunShelf


async def folders_of(request: Request) -> Folders:
    """Where files lie."""
    folders: Folders = request.app.state.folders
    return folders


async def runs_of(request: Request) -> RunShelf:
    """Runs on disk."""
    runs: RunShelf = request.app.state.runs
    return runs


Kept: TypeAlias = Annotated[Folders, Depends(folders_of)]
Runs: TypeAlias = Annotated[RunShelf, Depends(runs_of)]
