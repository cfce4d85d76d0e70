"""Options and fixtures: which broker the suite talks to, and how each test gets its connections and names."""

from contextlib import closing, suppress
from pathlib import Path

import pika
import pika.exceptions
import pytest

from broker import HarrierProcess, variant
from link import Link
from names import Names

ROOT = Path(__file__).resolve().parents[2]
DEFINITIONS = ROOT / "Definitions" / "default.yaml"
HARRIER = pytest.StashKey[HarrierProcess]()


def pytest_addoption(parser):
    group = parser.getgroup("interop")
    group.addoption("--broker-url", metavar="amqp://…", help="test this broker; without it a harrier is started")
    group.addoption(
        "--harrier-binary", type=Path, default=ROOT / ".build/debug/harrier", help="the harrier to start (%(default)s)"
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    report = yield
    harrier = item.config.stash.get(HARRIER, None)
    if report.failed and harrier:
        report.sections.append(("end of harrier's log", harrier.log_tail()))
    return report


@pytest.fixture(scope="session")
def broker_url(request, tmp_path_factory):
    """Where the broker is that all tests share. Nobody may stop it or change what others could notice."""
    if given := request.config.getoption("--broker-url"):
        yield variant(given)
        return
    harrier = make_harrier(request, tmp_path_factory.mktemp("harrier"))
    request.config.stash[HARRIER] = harrier
    harrier.start()
    yield harrier.url
    harrier.stop()


@pytest.fixture
def own_harrier(request, tmp_path):
    """A running harrier for this test alone, which may stop, kill and start it."""
    if request.config.getoption("--broker-url"):
        pytest.skip("needs a broker that the suite may restart")
    harrier = make_harrier(request, tmp_path)
    harrier.start()
    yield harrier
    harrier.kill()


def make_harrier(request, directory: Path) -> HarrierProcess:
    return HarrierProcess(request.config.getoption("--harrier-binary").absolute(), DEFINITIONS, directory)


@pytest.fixture
def names(broker_url):
    with Names(broker_url) as names:
        yield names


@pytest.fixture
def link(broker_url, names):
    with closing(Link(broker_url)) as link:
        yield link


@pytest.fixture
def connect(broker_url, names):
    """Opens pika connections: `connect()`, `connect(url, heartbeat=1)`. They are closed after the test."""
    opened = []

    def connect(url: str = broker_url, **parameters) -> pika.BlockingConnection:
        settings = pika.URLParameters(url)
        settings.blocked_connection_timeout = 10
        settings.connection_attempts = 1
        for name, value in parameters.items():
            setattr(settings, name, value)
        opened.append(pika.BlockingConnection(settings))
        return opened[-1]

    yield connect
    for connection in opened:
        with suppress(pika.exceptions.AMQPError):
            connection.close()


@pytest.fixture
def open_channel(connect):
    """Opens a channel on a connection of its own. With confirms, a publish returns when the broker has it."""

    def open_channel(confirm: bool = True):
        channel = connect().channel()
        if confirm:
            channel.confirm_delivery()
        return channel

    return open_channel


@pytest.fixture
def channel(open_channel):
    return open_channel()
