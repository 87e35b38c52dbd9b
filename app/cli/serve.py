"""`acreline serve`: the map of a run on this machine."""

from __future__ import annotations

import socket
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from geo.errors import InputError


def serve(
    run: Annotated[Path, typer.Option(help="Run folder.")],
    *,
    port: Annotated[int | None, typer.Option(help="Port on 127.0.0.1; 0 takes a free one.", min=0, max=65535)] = None,
) -> None:
    """Show a run on a map at 127.0.0.1. Read-only; Ctrl-C ends it."""
    from app.settings import load_settings

    settings = load_settings()
    show(run, settings.run_database(run), settings.host, settings.port if port is None else port)


def show(run: Path, database_url: str, host: str, port: int) -> None:
    """Serve a run until interrupted; InputError when the port is taken."""
    import uvicorn

    from app.api.application import create_app
    from app.api.runfolder import open_run
    from app.db.engine import open_engine
    from app.db.migrate import check_current

    open_run(run)
    engine = open_engine(database_url)
    try:
        check_current(engine)
        application = create_app(run, engine)
        listener = _listener(host, port)
        console = Console(file=sys.stdout)
        console.print(f"Map: http://{host}:{listener.getsockname()[1]}  (Ctrl-C ends it)", highlight=False)
        uvicorn.Server(uvicorn.Config(application, log_level="warning")).run(sockets=[listener])
    finally:
        engine.dispose()


def _listener(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise InputError(
            "PORT_TAKEN", f"{host}:{port} cannot be used ({error.strerror}).", "Choose another --port, or 0."
        ) from error
    return listener
