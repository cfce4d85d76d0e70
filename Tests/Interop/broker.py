"""The broker under test: a `harrier` that the suite starts, or any broker that runs at a URL already."""

import signal
import subprocess
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from output import Output

# A debug build on a busy machine is ready in well under a second; this only bounds the wait for a broken one.
START_LIMIT_SECONDS = 30
STOP_LIMIT_SECONDS = 20


class HarrierProcess:
    """One `harrier serve` on a data directory and a free port. Restarting it keeps the data, not the port."""

    def __init__(self, binary: Path, definitions: Path, directory: Path):
        self.binary = binary
        self.definitions = definitions
        self.data_directory = directory / "data"
        self.log = directory / "harrier.log"
        self.url: str | None = None
        self._process: subprocess.Popen | None = None

    def start(self) -> None:
        """Returns when the broker accepts connections at `url`."""
        assert self.binary.exists(), f"there is no harrier at {self.binary}: build it, or give --harrier-binary"
        command = [self.binary, "serve", "--data-dir", self.data_directory, "--definitions", self.definitions]
        command += ["--amqp-port", "0", "--http-port", "0"]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log)
        output = Output(self._process.stdout)
        try:
            line = output.wait_for(lambda line: line.startswith("ready "), START_LIMIT_SECONDS)
            ready = dict(field.split("=", 1) for field in line.split()[1:])
            assert int(ready["pid"]) == self._process.pid, f"the ready line names another process: {line}"
            self.url = f"amqp://guest:guest@127.0.0.1:{int(ready['amqp'])}/%2F"
        except BaseException as failure:
            self.kill()
            failure.add_note(f"harrier's log ends with:\n{self.log_tail()}")
            raise

    def stop(self) -> None:
        """Asks for a clean stop with SIGTERM and insists on getting one."""
        status = self._process.poll()
        assert status is None, f"harrier died by itself, status {status}; its log ends with:\n{self.log_tail()}"
        self._process.send_signal(signal.SIGTERM)
        try:
            status = self._process.wait(STOP_LIMIT_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"harrier did not stop within {STOP_LIMIT_SECONDS} s of SIGTERM") from None
        assert status == 0, f"harrier exited with status {status}; its log ends with:\n{self.log_tail()}"

    def kill(self) -> None:
        """Ends the process at once, as a crash or the kernel would. Does nothing to one that has ended."""
        self._process.kill()
        self._process.wait()

    def log_tail(self, lines: int = 40) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:]) if self.log.exists() else ""


def variant(url: str, *, host=None, port=None, user=None, password=None, vhost=None) -> str:
    """`url` with some of its parts replaced, and with RabbitMQ's defaults in place of those that it leaves out."""
    parts = urlsplit(url)
    host = host or parts.hostname
    port = port or parts.port or (5671 if parts.scheme == "amqps" else 5672)
    user = user or unquote(parts.username or "guest")
    password = password or unquote(parts.password or "guest")
    vhost = vhost or unquote(parts.path[1:]) or "/"
    query = f"?{parts.query}" if parts.query else ""
    user, password, vhost = (quote(part, safe="") for part in (user, password, vhost))
    return f"{parts.scheme}://{user}:{password}@{host}:{port}/{vhost}{query}"
