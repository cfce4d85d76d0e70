"""What a child process prints, as events that a test can wait for."""

import queue
import threading
from collections.abc import Callable
from typing import IO


class Output:
    """Reads a pipe to its end on a thread of its own, so that the child never blocks on a full one."""

    def __init__(self, pipe: IO[bytes]):
        self._lines: queue.Queue[str | None] = queue.Queue()
        self._seen: list[str] = []
        threading.Thread(target=self._read, args=(pipe,), daemon=True).start()

    def wait_for(self, wanted: Callable[[str], bool], limit_seconds: float) -> str:
        """The next line that is `wanted`. Fails when the pipe closes first, or nothing comes for the limit."""
        while True:
            try:
                line = self._lines.get(timeout=limit_seconds)
            except queue.Empty:
                raise AssertionError(f"nothing for {limit_seconds} s after:\n" + "\n".join(self._seen)) from None
            if line is None:
                raise AssertionError("the process ended; it had printed:\n" + "\n".join(self._seen))
            self._seen.append(line)
            if wanted(line):
                return line

    def _read(self, pipe: IO[bytes]) -> None:
        with pipe:
            for line in pipe:
                self._lines.put(line.decode(errors="replace").rstrip("\n"))
        self._lines.put(None)
