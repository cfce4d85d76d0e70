"""Names that no other test, run or user of the broker has."""

import uuid

import pika


class Names:
    """Makes unique names for queues and exchanges, and deletes whatever bears one of them at the end."""

    def __init__(self, broker_url: str):
        self._broker_url = broker_url
        self._queues: list[str] = []
        self._exchanges: list[str] = []

    def queue(self, purpose: str = "queue") -> str:
        self._queues.append(unique(purpose))
        return self._queues[-1]

    def exchange(self, purpose: str = "exchange") -> str:
        self._exchanges.append(unique(purpose))
        return self._exchanges[-1]

    def both(self, purpose: str) -> str:
        """One name for a queue and an exchange of the same name, as kombu and Celery like to make them."""
        self._exchanges.append(self.queue(purpose))
        return self._exchanges[-1]

    def adopt_exchange(self, name: str) -> None:
        """Deletes an exchange at the end whose name something else makes up."""
        self._exchanges.append(name)

    def __enter__(self) -> "Names":
        return self

    def __exit__(self, *_) -> None:
        if not self._queues and not self._exchanges:
            return
        with pika.BlockingConnection(pika.URLParameters(self._broker_url)) as connection:
            channel = connection.channel()
            for queue in self._queues:
                channel.queue_delete(queue)
            for exchange in self._exchanges:
                channel.exchange_delete(exchange)


def unique(purpose: str) -> str:
    return f"interop.{purpose}.{uuid.uuid4().hex[:12]}"
