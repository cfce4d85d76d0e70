"""Request and reply through pika, with a callback queue and with direct reply-to."""

import threading

import pika
import pika.exceptions
import pytest

from pika_client import LIMIT_SECONDS, Inbox, publish, wait_until

DIRECT_REPLY_TO = "amq.rabbitmq.reply-to"


@pytest.fixture
def server(connect, names):
    """A server on its own connection and thread that squares numbers. Yields the name of its request queue."""
    requests = names.queue("rpc")
    connection = connect()
    channel = connection.channel()
    channel.queue_declare(requests)
    channel.basic_qos(prefetch_count=1)
    stopping = threading.Event()

    def answer(_, method, properties, body):
        reply = pika.BasicProperties(correlation_id=properties.correlation_id)
        channel.basic_publish("", properties.reply_to, b"%d" % int(body) ** 2, reply)
        channel.basic_ack(method.delivery_tag)

    def serve():
        channel.basic_consume(requests, answer)
        while not stopping.is_set():
            connection.process_data_events(time_limit=LIMIT_SECONDS)

    thread = threading.Thread(target=serve)
    thread.start()
    yield requests
    stopping.set()
    connection.add_callback_threadsafe(lambda: None)
    thread.join()


def call(replies: Inbox, requests: str, reply_to: str, numbers: range) -> dict[str, bytes]:
    for number in numbers:
        publish(replies.channel, requests, f"{number}", reply_to=reply_to, correlation_id=f"call {number}")
    return {reply.properties.correlation_id: reply.body for reply in replies.take(len(numbers))}


EXPECTED = {f"call {number}": b"%d" % number**2 for number in range(20)}


def test_callback_queue(channel, server):
    callback = channel.queue_declare("", exclusive=True).method.queue
    assert callback.startswith("amq.gen-")
    replies = Inbox(channel, callback, auto_ack=True)
    assert call(replies, server, callback, range(20)) == EXPECTED


def test_direct_reply_to(channel, server):
    replies = Inbox(channel, DIRECT_REPLY_TO, auto_ack=True)
    assert call(replies, server, DIRECT_REPLY_TO, range(20)) == EXPECTED


def test_direct_reply_to_gives_the_server_an_address_of_its_own(channel, open_channel, names):
    requests = names.queue("rpc")
    channel.queue_declare(requests)
    clients = [Inbox(open_channel(), DIRECT_REPLY_TO, auto_ack=True) for _ in range(2)]
    for number, client in enumerate(clients):
        publish(client.channel, requests, f"{number}", reply_to=DIRECT_REPLY_TO)
    asked = Inbox(channel, requests, auto_ack=True).take(2)
    addresses = {request.body: request.properties.reply_to for request in asked}
    assert len(set(addresses.values())) == 2
    for number, client in enumerate(clients):
        assert addresses[b"%d" % number].startswith(DIRECT_REPLY_TO + ".")
        # A broker may call such an address unroutable although it delivers, so mandatory says nothing here.
        publish(channel, addresses[b"%d" % number], f"for client {number}", mandatory=False)
        assert client.take_bodies() == [b"for client %d" % number]


def test_a_reply_to_somebody_gone_is_dropped(channel, open_channel, names):
    requests = names.queue("rpc")
    channel.queue_declare(requests)
    client = Inbox(open_channel(), DIRECT_REPLY_TO, auto_ack=True)
    publish(client.channel, requests, "anyone?", reply_to=DIRECT_REPLY_TO)
    [request] = Inbox(channel, requests, auto_ack=True).take()
    client.channel.connection.close()
    with pytest.raises(pika.exceptions.UnroutableError):
        publish(channel, request.properties.reply_to, "too late")
    publish(channel, request.properties.reply_to, "nobody minds", mandatory=False)


def test_direct_reply_to_needs_a_consumer_first(channel, names):
    requests = names.queue("rpc")
    channel.queue_declare(requests)
    with pytest.raises(pika.exceptions.ChannelClosedByBroker) as refusal:
        publish(channel, requests, "no ears", reply_to=DIRECT_REPLY_TO)
    assert refusal.value.reply_code == 406


def test_direct_reply_to_cannot_be_acknowledged(channel):
    with pytest.raises(pika.exceptions.ChannelClosedByBroker) as refusal:
        Inbox(channel, DIRECT_REPLY_TO, auto_ack=False)
    assert refusal.value.reply_code == 406


def test_direct_reply_to_passes_declarations_of_clients_that_always_declare(channel):
    assert channel.queue_declare(DIRECT_REPLY_TO, passive=True).method.consumer_count == 1


def test_a_callback_queue_that_is_gone_returns_the_reply(channel, open_channel):
    asker = open_channel()
    callback = asker.queue_declare("", exclusive=True).method.queue
    asker.connection.close()
    returned = []
    unconfirmed = channel.connection.channel()
    unconfirmed.add_on_return_callback(lambda _, method, properties, body: returned.append((method, body)))
    publish(unconfirmed, callback, "late")
    wait_until(channel.connection, lambda: bool(returned), "a returned message")
    [(method, body)] = returned
    assert (method.reply_code, method.routing_key, body) == (312, callback, b"late")
