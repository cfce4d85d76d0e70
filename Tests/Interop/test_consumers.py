"""Consumers through pika: priorities, exclusivity, a single active one, tags, and cancels from the broker."""

import pika.exceptions
import pytest

from pika_client import Inbox, consumer_count, eventually, publish, ready_count


@pytest.fixture
def queue(channel, names):
    name = names.queue("consumed")
    channel.queue_declare(name)
    return name


def test_a_higher_priority_is_served_first(channel, open_channel, queue):
    def consumer(priority: int) -> Inbox:
        consumer_channel = open_channel()
        consumer_channel.basic_qos(prefetch_count=2)
        return Inbox(consumer_channel, queue, arguments={"x-priority": priority})

    low, high, middle = consumer(-5), consumer(10), consumer(0)
    publish(channel, queue, "1", "2", "3", "4", "5")
    assert high.take_bodies(2) == [b"1", b"2"]
    [three, _] = middle.take(2)
    assert low.take_bodies() == [b"5"]
    middle.channel.basic_ack(three.tag)
    middle.channel.queue_declare(queue, passive=True)
    publish(channel, queue, "6")
    assert middle.take_bodies() == [b"6"]
    low.assert_empty()


def test_a_priority_that_is_no_number_is_refused(channel, queue):
    with pytest.raises(pika.exceptions.ChannelClosedByBroker) as refusal:
        Inbox(channel, queue, arguments={"x-priority": "high"})
    assert refusal.value.reply_code == 406


def test_an_exclusive_consumer_tolerates_no_other(connect, channel, queue):
    connection = connect()
    owner = Inbox(connection.channel(), queue, exclusive=True, auto_ack=True)
    with pytest.raises(pika.exceptions.ChannelClosedByBroker) as refusal:
        Inbox(connection.channel(), queue)
    assert refusal.value.reply_code == 403
    publish(channel, queue, "mine alone")
    assert owner.take_bodies() == [b"mine alone"]
    owner.channel.basic_cancel(owner.consumer_tag)
    plain = Inbox(connection.channel(), queue, auto_ack=True)
    with pytest.raises(pika.exceptions.ChannelClosedByBroker) as refusal:
        Inbox(connection.channel(), queue, exclusive=True)
    assert refusal.value.reply_code == 403
    publish(channel, queue, "for all")
    assert plain.take_bodies() == [b"for all"]


def test_a_single_active_consumer_has_successors(channel, open_channel, names):
    queue = names.queue("single-active")
    channel.queue_declare(queue, arguments={"x-single-active-consumer": True})
    first, second = Inbox(open_channel(), queue), Inbox(open_channel(), queue)
    publish(channel, queue, "1", "2", "3")
    taken = first.take(3)
    second.assert_empty()
    first.channel.basic_ack(taken[0].tag)
    first.channel.connection.close()
    assert second.take_bodies(2) == [b"2", b"3"]


def test_deleting_a_queue_cancels_its_consumers(channel, open_channel, queue):
    consumers = [Inbox(open_channel(), queue) for _ in range(2)]
    publish(channel, queue, "in flight")
    channel.queue_delete(queue)
    for consumer in consumers:
        consumer.wait_for_cancel()
        # The channel goes on, and the delivery of a queue that is gone can still be settled.
        consumer.channel.basic_ack(0, multiple=True)
        assert consumer.channel.queue_declare("", exclusive=True).method.message_count == 0


def test_the_end_of_an_exclusive_queue_cancels_nobody_else(channel, open_channel, queue):
    other = Inbox(channel, queue, auto_ack=True)
    owner = open_channel()
    exclusive = owner.queue_declare("", exclusive=True).method.queue
    Inbox(owner, exclusive)
    owner.connection.close()
    publish(channel, queue, "undisturbed")
    assert other.take_bodies() == [b"undisturbed"]
    assert not other.cancelled


def test_a_consumer_tag_serves_once_a_channel(channel, queue):
    Inbox(channel, queue, consumer_tag="mine")
    Inbox(channel.connection.channel(), queue, consumer_tag="mine")
    with pytest.raises(pika.exceptions.DuplicateConsumerTag):
        Inbox(channel, queue, consumer_tag="mine")


def test_deliveries_name_their_consumer_and_origin(channel, queue):
    channel.queue_bind(queue, "amq.topic", "interop.origin")
    consumer = Inbox(channel, queue, consumer_tag="étiquette")
    publish(channel, "interop.origin", "message", exchange="amq.topic")
    [delivery] = consumer.take()
    assert delivery.method.consumer_tag == "étiquette"
    assert (delivery.method.exchange, delivery.method.routing_key) == ("amq.topic", "interop.origin")
    assert (delivery.tag, delivery.method.redelivered) == (1, False)


def test_delivery_tags_count_up_over_the_consumers_of_a_channel(channel, names):
    queues = [names.queue(), names.queue()]
    consumers = []
    for queue in queues:
        channel.queue_declare(queue)
        consumers.append(Inbox(channel, queue))
    publish(channel, queues[0], "1", "2")
    publish(channel, queues[1], "3")
    publish(channel, queues[0], "4")
    tags = [delivery.tag for delivery in consumers[0].take(3) + consumers[1].take(1)]
    assert sorted(tags) == [1, 2, 3, 4]


def test_without_acks_nothing_stays_behind(channel, queue):
    consumer_channel = channel.connection.channel()
    consumer = Inbox(consumer_channel, queue, auto_ack=True)
    publish(channel, queue, "1", "2", "3")
    consumer.take(3)
    consumer_channel.close()
    assert ready_count(channel, queue) == 0


def test_cancelling_an_unknown_tag_is_no_error(channel):
    channel.basic_cancel("interop-never-consumed")
    assert channel.is_open


def test_consuming_from_a_missing_queue_is_refused(channel):
    with pytest.raises(pika.exceptions.ChannelClosedByBroker) as refusal:
        Inbox(channel, "interop.missing")
    assert refusal.value.reply_code == 404


def test_a_lost_connection_is_no_consumer(connect, link, channel, queue):
    Inbox(connect(link.url).channel(), queue)
    assert consumer_count(channel, queue) == 1
    link.cut()
    eventually(lambda: consumer_count(channel, queue) == 0, "the end of the lost consumer")
