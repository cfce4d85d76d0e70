"""Publishing through pika: confirms, mandatory messages, refusals, and what the broker does not offer."""

import pika
import pika.exceptions
import pytest

from pika_client import Inbox, drain, publish, ready_count, wait_until


@pytest.fixture
def queue(channel, names):
    name = names.queue("published")
    channel.queue_declare(name, durable=True)
    return name


@pytest.mark.parametrize("delivery_mode", [1, 2], ids=["transient", "persistent"])
def test_a_confirmed_message_is_in_the_queue(channel, open_channel, queue, delivery_mode):
    publish(channel, queue, "confirmed", delivery_mode=delivery_mode)
    assert ready_count(open_channel(), queue) == 1
    _, properties, body = channel.basic_get(queue)
    assert (properties.delivery_mode, body) == (delivery_mode, b"confirmed")


def test_an_unroutable_message_is_confirmed_and_dropped(channel, names):
    publish(channel, names.queue("nobody"), "dropped", mandatory=False)


def test_mandatory_returns_the_whole_message_before_its_confirm(channel, names):
    with pytest.raises(pika.exceptions.UnroutableError) as unroutable:
        publish(channel, "nowhere", b"come back", exchange="amq.direct", message_id="7", headers={"a": [1, "b"]})
    [returned] = unroutable.value.messages
    assert (returned.method.reply_code, returned.method.reply_text) == (312, "NO_ROUTE")
    assert (returned.method.exchange, returned.method.routing_key) == ("amq.direct", "nowhere")
    assert (returned.properties.message_id, returned.properties.headers) == ("7", {"a": [1, "b"]})
    assert returned.body == b"come back"


def test_mandatory_without_confirms_returns_too(connect, queue):
    connection = connect()
    channel = connection.channel()
    returned = []
    channel.add_on_return_callback(lambda _, method, properties, body: returned.append(body))
    publish(channel, "interop.nowhere", "lost 1")
    publish(channel, queue, "found")
    publish(channel, "interop.nowhere", "lost 2")
    wait_until(connection, lambda: len(returned) == 2, "both returned messages")
    assert returned == [b"lost 1", b"lost 2"]
    assert drain(channel, queue) == [b"found"]


def test_confirms_begin_with_the_first_publish_after_select(connect, names):
    channel = connect().channel()
    queue = names.queue("confirmed")
    channel.queue_declare(queue)
    publish(channel, queue, "before confirms", mandatory=False)
    channel.confirm_delivery()
    for number in range(3):
        publish(channel, queue, f"{number}")
    assert drain(channel, queue) == [b"before confirms", b"0", b"1", b"2"]


def test_a_full_queue_that_rejects_publishes_nacks(channel, names):
    queue = names.queue("full")
    channel.queue_declare(queue, arguments={"x-max-length": 2, "x-overflow": "reject-publish"})
    publish(channel, queue, "1", "2")
    with pytest.raises(pika.exceptions.NackError):
        publish(channel, queue, "3")
    channel.basic_get(queue, auto_ack=True)
    publish(channel, queue, "4")
    assert drain(channel, queue) == [b"2", b"4"]


def test_a_missing_exchange_closes_the_channel_only(connect):
    connection = connect()
    channel = connection.channel()
    channel.confirm_delivery()
    with pytest.raises(pika.exceptions.ChannelClosedByBroker) as refusal:
        publish(channel, "key", "lost", exchange="interop.no-such-exchange")
    assert refusal.value.reply_code == 404
    assert "interop.no-such-exchange" in refusal.value.reply_text
    assert connection.channel().is_open


def test_a_foreign_user_id_is_refused(open_channel, broker_url, queue):
    user = pika.URLParameters(broker_url).credentials.username
    publish(open_channel(), queue, "mine", user_id=user)
    with pytest.raises(pika.exceptions.ChannelClosedByBroker) as refusal:
        publish(open_channel(), queue, "forged", user_id=f"not-{user}")
    assert refusal.value.reply_code == 406
    assert drain(open_channel(), queue) == [b"mine"]


@pytest.mark.parametrize("expiration", ["soon", "-1", "1.5"])
def test_an_expiration_that_is_no_number_is_refused(channel, queue, expiration):
    with pytest.raises(pika.exceptions.ChannelClosedByBroker) as refusal:
        publish(channel, queue, "never", expiration=expiration)
    assert refusal.value.reply_code == 406


def test_publishing_and_consuming_share_a_channel(channel, queue):
    echo = Inbox(channel, queue)
    for number in range(50):
        publish(channel, queue, f"{number}")
        [delivery] = echo.take()
        assert delivery.body == b"%d" % number
        channel.basic_ack(delivery.tag)
    echo.assert_empty()


def test_tx_and_confirms_exclude_each_other(connect):
    connection = connect()
    confirming, transactional = connection.channel(), connection.channel()
    confirming.confirm_delivery()
    with pytest.raises(pika.exceptions.ChannelClosedByBroker) as refusal:
        confirming.tx_select()
    assert refusal.value.reply_code == 406
    transactional.tx_select()
    with pytest.raises(pika.exceptions.ChannelClosedByBroker) as refusal:
        transactional.confirm_delivery()
    assert refusal.value.reply_code == 406


def test_a_commit_publishes_and_a_rollback_does_not(connect, channel, queue):
    transactional = connect().channel()
    transactional.tx_select()
    publish(transactional, queue, "rolled back", mandatory=False)
    transactional.tx_rollback()
    publish(transactional, queue, "committed 1", "committed 2", mandatory=False)
    # The queue is asked on the same channel, so the answer comes after the broker has seen both.
    assert ready_count(transactional, queue) == 0
    transactional.tx_commit()
    assert ready_count(channel, queue) == 2
    publish(transactional, queue, "never committed", mandatory=False)
    transactional.close()
    assert drain(channel, queue) == [b"committed 1", b"committed 2"]


def test_acks_are_part_of_a_transaction(connect, channel, queue):
    publish(channel, queue, "0", "1")
    transactional = connect().channel()
    transactional.tx_select()
    first, second = Inbox(transactional, queue).take(2)
    transactional.basic_ack(first.tag)
    transactional.tx_commit()
    transactional.basic_ack(second.tag)
    transactional.tx_rollback()
    transactional.close()
    method, _, body = channel.basic_get(queue)
    assert (method.redelivered, method.message_count, body) == (True, 0, b"1")


def test_commit_needs_select(channel):
    with pytest.raises(pika.exceptions.ChannelClosedByBroker) as refusal:
        channel.tx_commit()
    assert refusal.value.reply_code == 406
