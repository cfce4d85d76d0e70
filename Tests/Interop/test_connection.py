"""Connections through pika: logging in, heartbeats, many channels, and errors that stay on their channel."""

import pika
import pika.exceptions
import pytest

from broker import variant
from pika_client import Inbox, drain, publish, ready_count, wait_until


def test_the_broker_introduces_itself(connect):
    connection = connect()
    assert connection.basic_nack_supported
    assert connection.publisher_confirms_supported
    assert connection.exchange_exchange_bindings_supported
    assert connection.consumer_cancel_notify_supported


def test_a_wrong_password_is_refused(connect, broker_url):
    with pytest.raises(pika.exceptions.ProbableAuthenticationError) as refusal:
        connect(variant(broker_url, password="interop-wrong"))
    assert "403" in str(refusal.value)


def test_an_unknown_user_is_refused(connect, broker_url):
    with pytest.raises(pika.exceptions.ProbableAuthenticationError):
        connect(variant(broker_url, user="interop-nobody"))


def test_an_unknown_virtual_host_is_refused(connect, broker_url):
    with pytest.raises(pika.exceptions.ProbableAccessDeniedError) as refusal:
        connect(variant(broker_url, vhost="interop-missing"))
    assert "530" in str(refusal.value)
    assert "interop-missing" in str(refusal.value)


def test_the_broker_sends_heartbeats(connect, link):
    connection = connect(link.url, heartbeat=1)
    wait_until(connection, lambda: link.heartbeats_from_broker >= 2, "two heartbeats from the broker")
    assert connection.is_open


def test_heartbeats_keep_an_idle_connection(connect, link, channel, names):
    queue = names.queue()
    channel.queue_declare(queue)
    connection = connect(link.url, heartbeat=1)
    consumer = Inbox(connection.channel(), queue, auto_ack=True)
    seen = link.heartbeats_from_broker
    # More than two intervals, after which the broker would give up on a silent client.
    wait_until(connection, lambda: link.heartbeats_from_broker >= seen + 5, "five heartbeats from the broker")
    publish(channel, queue, "still listening?")
    assert consumer.take_bodies() == [b"still listening?"]


def test_a_silent_client_loses_its_connection_and_its_messages_return(connect, link, channel, names):
    queue = names.queue()
    channel.queue_declare(queue)
    publish(channel, queue, "held")
    silent = connect(link.url, heartbeat=1).channel()
    Inbox(silent, queue).take()
    link.silence_client()
    [returned] = Inbox(channel, queue).take()
    assert (returned.body, returned.method.redelivered) == (b"held", True)


def test_heartbeats_can_be_off(connect):
    connection = connect(heartbeat=0)
    assert connection.channel().queue_declare("", exclusive=True).method.message_count == 0


def test_a_channel_error_leaves_the_connection_usable(connect, names):
    queue = names.queue()
    connection = connect()
    bystander = connection.channel()
    bystander.queue_declare(queue)
    consumer = Inbox(bystander, queue, auto_ack=True)
    for _ in range(3):
        channel = connection.channel(2)
        with pytest.raises(pika.exceptions.ChannelClosedByBroker) as refusal:
            channel.queue_declare("interop.missing", passive=True)
        assert refusal.value.reply_code == 404
        assert channel.is_closed
    publish(bystander, queue, "undisturbed")
    assert consumer.take_bodies() == [b"undisturbed"]
    # The number of a channel that was closed is free again.
    reopened = connection.channel(2)
    assert ready_count(reopened, queue) == 0


def test_a_channel_error_drops_what_the_channel_had_sent_after(connect, channel, names):
    queue = names.queue()
    channel.queue_declare(queue)
    careless = connect().channel()
    publish(careless, queue, "before", mandatory=False)
    # Nobody waits for the broker here, so its answer may come with any of the three.
    with pytest.raises(pika.exceptions.ChannelClosedByBroker):
        publish(careless, "key", "the error", exchange="interop.no-such-exchange", mandatory=False)
        publish(careless, queue, "after", mandatory=False)
        careless.queue_declare(queue, passive=True)
    assert drain(channel, queue) == [b"before"]


def test_200_channels_on_a_connection(connect, names):
    connection = connect()
    queue = names.queue("many-channels")
    channels = [connection.channel() for _ in range(200)]
    channels[0].queue_declare(queue)
    consumers = []
    for channel in channels:
        channel.confirm_delivery()
        channel.basic_qos(prefetch_count=1)
        consumers.append(Inbox(channel, queue))
    for number, channel in enumerate(channels):
        publish(channel, queue, f"{number}")
    received = sorted(int(consumer.take_bodies()[0]) for consumer in consumers)
    assert received == list(range(200))
    for channel in channels[1:]:
        channel.close()
    channels[0].basic_cancel(consumers[0].consumer_tag)
    assert ready_count(channels[0], queue) == 199


def test_channel_max_is_negotiated(connect):
    connection = connect(channel_max=5)
    for _ in range(5):
        connection.channel()
    with pytest.raises((pika.exceptions.NoFreeChannels, pika.exceptions.ConnectionClosedByBroker)):
        connection.channel()


def test_many_connections_at_once(connect, channel, names):
    queue = names.queue()
    channel.queue_declare(queue)
    consumers = [Inbox(connect().channel(), queue, auto_ack=True) for _ in range(30)]
    publish(channel, queue, *(f"{number}" for number in range(30)))
    assert sorted(int(consumer.take_bodies()[0]) for consumer in consumers) == list(range(30))


def test_a_connection_ends_in_order(connect):
    connection = connect()
    connection.channel()
    connection.channel()
    connection.close(320, "going home")
    assert connection.is_closed
