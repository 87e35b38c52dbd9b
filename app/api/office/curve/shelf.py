"""Curves that the service keeps in memory, as the addresses ask for them."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from fastapi import Depends, FastAPI, Request

from app.artefacts.curves import CurveShelf


def keep_curves(app: FastAPI, shelf: CurveShelf) -> None:
    """Give an application what curves are answered from."""
    app.state.curves = shelf


async def _curves_of(request: Request) -> CurveShelf:
    shelf: CurveShelf = request.app.state.curves
    return shelf


Curves: TypeAlias = Annotated[CurveShelf, Depends(_curves_of)]
