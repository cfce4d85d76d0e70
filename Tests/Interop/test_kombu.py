"""Scenarios through kombu on py-amqp, the messaging layer under Celery."""

import socket
import threading
from datetime import datetime
from decimal import Decimal

import amqp.exceptions
import kombu
import kombu.mixins
import pytest

from broker import variant

LIMIT_SECONDS = 10


@pytest.fixture
def connection(broker_url, names):
    with kombu.Connection(broker_url, transport_options={"confirm_publish": True}) as connection:
        yield connection


def drain_until(connection, condition) -> None:
    """Handles what arrives on the connection until the condition holds."""
    while not condition():
        connection.drain_events(timeout=LIMIT_SECONDS)


class Receiver:
    """A kombu consumer that keeps its messages for the test to take."""

    def __init__(self, channel, queue, **options):
        self.messages = []
        self.connection = channel.connection.client
        self.consumer = kombu.Consumer(channel, [queue], on_message=self.messages.append, **options)
        self.consumer.consume()

    def take(self, count: int = 1):
        drain_until(self.connection, lambda: len(self.messages) >= count)
        taken = self.messages[:count]
        del self.messages[:count]
        return taken


def test_json_through_a_topic_exchange(connection, names):
    exchange = kombu.Exchange(names.exchange("media"), "topic", durable=True)
    queue = kombu.Queue(names.queue("video"), exchange, routing_key="video.#")
    channel = connection.channel()
    producer = kombu.Producer(channel, exchange)
    order = {"name": "Ünïcode", "sizes": [1, 2.5, None], "nested": {"ok": True}}
    producer.publish(order, routing_key="video.new", declare=[queue], serializer="json", compression="zlib")
    [message] = Receiver(connection.channel(), queue).take()
    assert message.payload == order
    assert message.delivery_info["routing_key"] == "video.new"
    assert (message.content_type, message.properties["delivery_mode"]) == ("application/json", 2)
    message.ack()


def test_simple_queue(connection, names):
    queue = connection.SimpleQueue(names.both("simple"))
    queue.put({"n": 1})
    queue.put({"n": 2})
    assert queue.qsize() == 2
    message = queue.get(timeout=LIMIT_SECONDS)
    assert message.payload == {"n": 1}
    message.requeue()
    # Back in its place, or behind the second message when that was on its way already.
    payloads = []
    for _ in range(2):
        message = queue.get(timeout=LIMIT_SECONDS)
        payloads.append(message.payload["n"])
        message.ack()
    assert sorted(payloads) == [1, 2]
    with pytest.raises(queue.Empty):
        queue.get_nowait()
    queue.close()


def test_fanout_with_auto_delete_queues(connection, names):
    exchange = kombu.Exchange(names.exchange("broadcast"), "fanout", durable=False)
    queues = [kombu.Queue(names.queue("listener"), exchange, auto_delete=True, durable=False) for _ in range(3)]
    receivers = [Receiver(connection.channel(), queue, no_ack=True) for queue in queues]
    kombu.Producer(connection.channel(), exchange).publish("to all")
    assert [receiver.take()[0].payload for receiver in receivers] == ["to all"] * 3


def test_queue_options_in_kombu_terms(connection, names):
    name = names.queue("options")
    limits = {"expires": 60.0, "message_ttl": 30.0, "max_length": 2, "max_length_bytes": 10000}
    queue = kombu.Queue(name, channel=connection.channel(), **limits)
    queue.declare()
    producer = kombu.Producer(connection.channel())
    for number in range(3):
        producer.publish(number, routing_key=name)
    assert [queue.get(no_ack=True).payload for _ in range(2)] == [1, 2]
    assert queue.get() is None
    same_in_amqp_terms = {"x-expires": 60000, "x-message-ttl": 30000, "x-max-length": 2, "x-max-length-bytes": 10000}
    kombu.Queue(name, channel=connection.channel(), queue_arguments=same_in_amqp_terms).declare()


def test_priorities(connection, names):
    queue = kombu.Queue(names.queue("priorities"), channel=connection.channel(), max_priority=10)
    queue.declare()
    producer = kombu.Producer(connection.channel())
    for body, priority in [("later", 0), ("sooner", 9), ("last", 0)]:
        producer.publish(body, routing_key=queue.name, priority=priority)
    assert [queue.get(no_ack=True).payload for _ in range(3)] == ["sooner", "later", "last"]


def test_message_expiration_in_seconds(connection, names):
    dead = kombu.Queue(names.queue("dead"))
    arguments = {"x-dead-letter-exchange": "", "x-dead-letter-routing-key": dead.name}
    queue = kombu.Queue(names.queue("mortal"), queue_arguments=arguments)
    producer = kombu.Producer(connection.channel())
    producer.publish("mortal", routing_key=queue.name, expiration=0.1, declare=[queue, dead])
    [message] = Receiver(connection.channel(), dead, no_ack=True).take()
    assert message.headers["x-death"][0]["reason"] == "expired"
    assert message.headers["x-death"][0]["original-expiration"] == "100"


def test_a_wider_prefetch_takes_effect_at_once(connection, names):
    """Celery widens the prefetch of its whole channel for every task that waits for an ETA."""
    queue = kombu.Queue(names.queue("prefetch"))
    producer = kombu.Producer(connection.channel())
    for number in range(5):
        producer.publish(number, routing_key=queue.name, declare=[queue])
    channel = connection.channel()
    channel.basic_qos(0, 2, True)
    receiver = Receiver(channel, queue)
    assert [message.payload for message in receiver.take(2)] == [0, 1]
    assert queue(connection.channel()).queue_declare(passive=True).message_count == 3
    receiver.consumer.qos(prefetch_count=3, apply_global=True)
    assert [message.payload for message in receiver.take()] == [2]
    assert queue(connection.channel()).queue_declare(passive=True).message_count == 2


def test_redeclaring_differently_is_refused_and_the_connection_goes_on(connection, names):
    name = names.queue("strict")
    kombu.Queue(name, channel=connection.channel(), durable=True).declare()
    with pytest.raises(amqp.exceptions.PreconditionFailed):
        kombu.Queue(name, channel=connection.channel(), durable=False).declare()
    with pytest.raises(amqp.exceptions.NotFound):
        kombu.Queue("interop.missing", channel=connection.channel()).queue_declare(passive=True)
    with pytest.raises(amqp.exceptions.AccessRefused):
        kombu.Queue("amq.interop-mine", channel=connection.channel()).declare()
    assert kombu.Queue(name, channel=connection.channel()).queue_declare(passive=True).message_count == 0


def test_mandatory_messages_come_back(connection):
    returned = []
    channel = connection.channel()
    producer = kombu.Producer(channel, on_return=lambda *details: returned.append(details))
    producer.publish("lost", exchange="amq.direct", routing_key="interop.nowhere", mandatory=True)
    drain_until(connection, lambda: returned)
    [(error, exchange, routing_key, message)] = returned
    assert (error.reply_code, exchange, routing_key) == (312, "amq.direct", "interop.nowhere")
    assert message.body == "lost"


def test_a_cancel_from_the_broker_is_raised(connection, names):
    queue = kombu.Queue(names.queue("deleted"))
    receiver = Receiver(connection.channel(), queue)
    with pytest.raises(amqp.exceptions.ConsumerCancelled):
        queue(connection.channel()).delete()
        drain_until(receiver.connection, lambda: False)


def test_headers_survive(connection, names):
    queue = kombu.Queue(names.queue("headers"))
    headers = {
        "numbers": [0, -1, 2**31 - 1, 2**31, -(2**40), 2**62],
        "float": 0.1,
        "decimal": Decimal("-12.34"),
        "text": "日本語",
        # py-amqp keeps no time zone: what it sends and returns is UTC.
        "when": datetime(2031, 5, 6, 7, 8, 9),
        "flags": {"yes": True, "no": False, "none": None},
    }
    producer = kombu.Producer(connection.channel())
    producer.publish("body", routing_key=queue.name, headers=headers, declare=[queue])
    received = queue(connection.channel()).get(no_ack=True).headers
    assert received == headers
    assert received["flags"]["yes"] is True


def test_the_heartbeat_that_the_client_asks_for_is_agreed(broker_url, names):
    with kombu.Connection(broker_url, heartbeat=7) as connection:
        connection.connect()
        assert connection.get_heartbeat_interval() == 7


def test_publishing_survives_a_lost_connection(broker_url, link, names):
    queue = kombu.Queue(names.queue("resilient"))
    with kombu.Connection(link.url, transport_options={"confirm_publish": True}) as connection:
        producer = kombu.Producer(connection.channel())
        producer.publish("before", routing_key=queue.name, declare=[queue])
        link.cut()
        policy = {"max_retries": 5, "interval_start": 0, "interval_step": 0.05}
        producer.publish("after", routing_key=queue.name, declare=[queue], retry=True, retry_policy=policy)
    with kombu.Connection(broker_url) as connection:
        bound = queue(connection.channel())
        assert [bound.get(no_ack=True).payload for _ in range(2)] == ["before", "after"]


class Worker(kombu.mixins.ConsumerMixin):
    """A consumer as kombu's users write them: it reconnects and consumes again by itself."""

    def __init__(self, connection, queue):
        self.connection = connection
        self.queue = queue
        self.messages = []
        self.arrived = threading.Semaphore(0)

    def get_consumers(self, consumer, _channel):
        return [consumer([self.queue], on_message=self.on_message, prefetch_count=1)]

    def on_message(self, message):
        self.messages.append((message.payload, message.delivery_info["redelivered"]))
        if message.delivery_info["redelivered"]:
            message.ack()
        self.arrived.release()


def test_a_consumer_mixin_consumes_again_after_a_lost_connection(connection, link, names):
    queue = kombu.Queue(names.queue("mixin"))
    kombu.Producer(connection.channel()).publish("task", routing_key=queue.name, declare=[queue])
    with kombu.Connection(link.url) as lossy:
        worker = Worker(lossy, queue)
        thread = threading.Thread(target=worker.run)
        thread.start()
        try:
            assert worker.arrived.acquire(timeout=LIMIT_SECONDS)
            link.cut()
            assert worker.arrived.acquire(timeout=LIMIT_SECONDS)
        finally:
            worker.should_stop = True
            thread.join()
    assert worker.messages == [("task", False), ("task", True)]


def test_a_wrong_password_is_refused(broker_url):
    connection = kombu.Connection(variant(broker_url, password="interop-wrong"))
    with pytest.raises(amqp.exceptions.AccessRefused):
        connection.connect()


def test_an_unknown_virtual_host_is_refused(broker_url):
    connection = kombu.Connection(variant(broker_url, vhost="interop-missing"))
    with pytest.raises(amqp.exceptions.NotAllowed):
        connection.connect()


def test_draining_nothing_times_out_and_the_connection_goes_on(connection, names):
    queue = kombu.Queue(names.queue("quiet"))
    receiver = Receiver(connection.channel(), queue, no_ack=True)
    with pytest.raises(socket.timeout):
        connection.drain_events(timeout=0.05)
    kombu.Producer(connection.channel()).publish("late", routing_key=queue.name)
    assert receiver.take()[0].payload == "late"
