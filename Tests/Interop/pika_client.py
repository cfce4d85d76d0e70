"""What the tests that speak through pika share: waiting for deliveries, and knowing that there are no more."""

import time
from collections.abc import Callable
from typing import NamedTuple

import pika
import pika.exceptions

# How long anything that must happen may take. It is reached only by a test that fails.
LIMIT_SECONDS = 10

# How often a state that no event announces is looked at again.
PROBE_INTERVAL_SECONDS = 0.02


class Delivery(NamedTuple):
    method: pika.spec.Basic.Deliver
    properties: pika.BasicProperties
    body: bytes

    @property
    def tag(self) -> int:
        return self.method.delivery_tag


class Inbox:
    """A consumer and what it has received but the test has not taken yet."""

    def __init__(self, channel, queue: str, **options):
        self.channel = channel
        self.queue = queue
        self.cancelled = False
        self._arrived: list[Delivery] = []
        channel.add_on_cancel_callback(self._on_cancel)
        self.consumer_tag = channel.basic_consume(queue, self._on_message, **options)

    def take(self, count: int = 1) -> list[Delivery]:
        """The next `count` deliveries, waiting for those that have not come yet."""
        wait_until(self.channel.connection, lambda: len(self._arrived) >= count, f"{count} deliveries")
        taken, self._arrived = self._arrived[:count], self._arrived[count:]
        return taken

    def take_bodies(self, count: int = 1) -> list[bytes]:
        return [delivery.body for delivery in self.take(count)]

    def assert_empty(self) -> None:
        """Nothing has been taken too few, and nothing that the broker had sent by now is on its way."""
        # The first answer comes from the queue, after all that it delivered before; the second comes from the
        # channel, after all that the queue had handed to it.
        for _ in range(2):
            self.channel.queue_declare(self.queue, passive=True)
        self.channel.connection.process_data_events(time_limit=0)
        assert self._arrived == []

    def wait_for_cancel(self) -> None:
        """Returns when the broker has cancelled this consumer by itself."""
        wait_until(self.channel.connection, lambda: self.cancelled, "a basic.cancel from the broker")

    def _on_message(self, _channel, method, properties, body) -> None:
        self._arrived.append(Delivery(method, properties, body))

    def _on_cancel(self, frame) -> None:
        self.cancelled = self.cancelled or frame.method.consumer_tag == self.consumer_tag


def wait_until(connection, happened: Callable[[], bool], what: str, limit_seconds: float = LIMIT_SECONDS) -> None:
    """Runs the connection until something has happened."""
    deadline = time.monotonic() + limit_seconds
    while not happened():
        assert time.monotonic() < deadline, f"no {what} in {limit_seconds} s"
        connection.process_data_events(time_limit=0.1)


def eventually(holds: Callable[[], bool], what: str, limit_seconds: float = LIMIT_SECONDS) -> None:
    """Waits for a state of the broker that it sends no event for."""
    deadline = time.monotonic() + limit_seconds
    while not holds():
        assert time.monotonic() < deadline, f"{what} did not come true in {limit_seconds} s"
        time.sleep(PROBE_INTERVAL_SECONDS)


def publish(channel, routing_key: str, *bodies: str | bytes, exchange: str = "", mandatory: bool = True, **properties):
    """Publishes in order. On a confirm channel it returns when all are confirmed, and fails if one is unroutable."""
    for body in bodies:
        body = body.encode() if isinstance(body, str) else body
        channel.basic_publish(exchange, routing_key, body, pika.BasicProperties(**properties), mandatory)


def is_routed(channel, routing_key: str, exchange: str = "") -> bool:
    """Whether a message published now reaches a queue. It does not touch the queue, so it renews no lease."""
    try:
        publish(channel, routing_key, b"probe", exchange=exchange)
    except pika.exceptions.UnroutableError:
        return False
    return True


def ready_count(channel, queue: str) -> int:
    """The messages in a queue that no consumer holds."""
    return channel.queue_declare(queue, passive=True).method.message_count


def consumer_count(channel, queue: str) -> int:
    return channel.queue_declare(queue, passive=True).method.consumer_count


def drain(channel, queue: str) -> list[bytes]:
    """Takes and acknowledges all that is ready, in order."""
    bodies = []
    while True:
        method, _, body = channel.basic_get(queue, auto_ack=True)
        if method is None:
            return bodies
        bodies.append(body)
