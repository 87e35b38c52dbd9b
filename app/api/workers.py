"""Several processes that serve an institution on one socket; one that dies is started again."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable
from multiprocessing import parent_process
from threading import Thread
from typing import Final

import uvicorn
from fastapi import FastAPI
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

#: Exit status of a worker that cannot start and would end so again: all others are ended then.
CANNOT_START: Final = STARTUP_FAILURE
#: A worker that gives no sign for so long is ended and started again, seconds; one that starts on a busy machine takes
#: some before its first.
_SILENT_S: Final = 60
#: Answers that are under way may take so long when the service is ended, seconds.
_GRACE_S: Final = 30


def serve_by(make: Callable[[], FastAPI], workers: int, listener: socket.socket, say: Callable[[str], None]) -> bool:
    """Serve until SIGINT or SIGTERM; all workers have ended then.

    Args:
        make: makes the application in a worker; picklable. Where it cannot, it says so and exits with CANNOT_START.
        workers: processes, at least two.
        listener: a bound socket, which all of them accept from.
        say: is told of a worker that died.

    Returns:
        Whether it was ended from outside; False where a worker could not start.
    """
    config = uvicorn.Config(
        _Worker(make),
        factory=True,
        workers=workers,
        log_level="warning",
        timeout_graceful_shutdown=_GRACE_S,
        timeout_worker_healthcheck=_SILENT_S,
    )
    listener.listen(config.backlog)  # who comes before a worker is ready waits rather than being turned away
    supervisor = _Supervisor(config, [listener], say)
    supervisor.run()
    return not supervisor.failed


class _Worker:
    """Makes the application of one worker; ends it when the process that started it is gone."""

    def __init__(self, make: Callable[[], FastAPI]) -> None:
        self._make = make

    def __call__(self) -> FastAPI:
        Thread(target=_end_with_parent, daemon=True).start()
        return self._make()


class _Supervisor(Multiprocess):
    def __init__(self, config: uvicorn.Config, sockets: list[socket.socket], say: Callable[[str], None]) -> None:
        super().__init__(config, sockets)
        self._say = say
        self.failed = False

    def init_processes(self) -> None:
        super().init_processes()
        self._hear_the_end()

    def keep_subprocess_alive(self) -> None:
        before = list(self.processes)
        super().keep_subprocess_alive()
        self._hear_the_end()
        for old, new in zip(before, self.processes, strict=True):
            if old is not new:
                self._say(f"Worker {old.pid} ended ({_how(old.exitcode)}); worker {new.pid} takes its place.")
        self.failed = any(each.exitcode == CANNOT_START for each in self.processes)

    def _hear_the_end(self) -> None:
        """While this process holds the workers' ends of their pipes too, a worker that dies is waited for."""
        for each in self.processes:
            each.child_conn.close()


def _how(exit_code: int | None) -> str:
    if exit_code is not None and exit_code < 0:
        return signal.Signals(-exit_code).name
    return f"status {exit_code}"


def _end_with_parent() -> None:
    """A worker whose parent was killed would keep the port for good."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)
