"""Work queues through pika: sharing, prefetch, settling, and the order in which messages come back."""

import pika.exceptions
import pytest

from pika_client import Inbox, drain, eventually, publish, ready_count


@pytest.fixture
def queue(channel, names):
    name = names.queue("work")
    channel.queue_declare(name, durable=True)
    return name


def test_every_message_reaches_one_worker(channel, open_channel, queue):
    workers = [Inbox(open_channel(), queue, auto_ack=True) for _ in range(2)]
    publish(channel, queue, *(f"task {number}" for number in range(10)))
    shares = [worker.take_bodies(5) for worker in workers]
    assert sorted(shares[0] + shares[1]) == [b"task %d" % number for number in range(10)]
    for share in shares:
        assert share == sorted(share)
    for worker in workers:
        worker.assert_empty()


def test_prefetch_keeps_messages_from_a_busy_worker(channel, open_channel, queue):
    busy_channel, idle_channel = open_channel(), open_channel()
    busy_channel.basic_qos(prefetch_count=1)
    idle_channel.basic_qos(prefetch_count=1)
    busy = Inbox(busy_channel, queue)
    publish(channel, queue, "long task")
    [long_task] = busy.take()
    idle = Inbox(idle_channel, queue)
    publish(channel, queue, *(f"short {number}" for number in range(6)))
    for number in range(6):
        [delivery] = idle.take()
        assert delivery.body == b"short %d" % number
        idle_channel.basic_ack(delivery.tag)
    busy.assert_empty()
    busy_channel.basic_ack(long_task.tag)
    publish(channel, queue, "one each", "one each")
    assert busy.take_bodies() + idle.take_bodies() == [b"one each", b"one each"]


def test_prefetch_is_a_window_that_acks_open(channel, open_channel, queue):
    publish(channel, queue, *(f"{number}" for number in range(10)))
    worker_channel = open_channel()
    worker_channel.basic_qos(prefetch_count=3)
    worker = Inbox(worker_channel, queue)
    _, second, third = worker.take(3)
    worker.assert_empty()
    assert ready_count(channel, queue) == 7
    worker_channel.basic_ack(second.tag)
    assert worker.take_bodies() == [b"3"]
    worker.assert_empty()
    worker_channel.basic_ack(third.tag, multiple=True)
    assert worker.take_bodies(2) == [b"4", b"5"]
    worker.assert_empty()


def test_global_prefetch_is_shared_by_the_consumers_of_a_channel(channel, open_channel, names):
    queues = [names.queue("first"), names.queue("second")]
    for queue in queues:
        channel.queue_declare(queue)
        publish(channel, queue, "1", "2", "3")
    worker_channel = open_channel()
    worker_channel.basic_qos(prefetch_count=4, global_qos=True)
    first, second = (Inbox(worker_channel, queue) for queue in queues)
    assert first.take_bodies(3) == [b"1", b"2", b"3"]
    [delivery] = second.take()
    second.assert_empty()
    worker_channel.basic_ack(delivery.tag)
    assert second.take_bodies() == [b"2"]
    second.assert_empty()


def test_qos_counts_for_consumers_started_after_it(channel, open_channel, queue):
    publish(channel, queue, "1", "2", "3", "4", "5")
    worker_channel = open_channel()
    worker_channel.basic_qos(prefetch_count=1)
    narrow = Inbox(worker_channel, queue)
    assert narrow.take_bodies() == [b"1"]
    worker_channel.basic_qos(prefetch_count=2)
    wide = Inbox(worker_channel, queue)
    assert wide.take_bodies(2) == [b"2", b"3"]
    narrow.assert_empty()
    wide.assert_empty()


def test_requeued_messages_return_to_their_places(channel, open_channel, queue):
    publish(channel, queue, "0", "1", "2", "3", "4")
    worker_channel = open_channel()
    worker_channel.basic_qos(prefetch_count=3)
    worker = Inbox(worker_channel, queue)
    zero, one, two = worker.take(3)
    worker_channel.basic_cancel(worker.consumer_tag)
    worker_channel.basic_nack(two.tag, requeue=True)
    worker_channel.basic_reject(zero.tag, requeue=True)
    worker_channel.basic_ack(one.tag)
    eventually(lambda: ready_count(channel, queue) == 4, "the return of two messages")
    assert drain(channel, queue) == [b"0", b"2", b"3", b"4"]


def test_redelivered_tells_a_second_delivery_from_a_first(channel, queue):
    publish(channel, queue, "seen", "unseen")
    method, _, body = channel.basic_get(queue)
    assert (method.redelivered, method.message_count, body) == (False, 1, b"seen")
    channel.basic_nack(method.delivery_tag, requeue=True)
    deliveries = Inbox(channel, queue).take(2)
    assert [(each.body, each.method.redelivered) for each in deliveries] == [(b"seen", True), (b"unseen", False)]


def test_nack_multiple_settles_all_up_to_the_tag(channel, queue):
    publish(channel, queue, "0", "1", "2", "3")
    worker = Inbox(channel, queue)
    tags = [delivery.tag for delivery in worker.take(4)]
    channel.basic_cancel(worker.consumer_tag)
    channel.basic_nack(tags[1], multiple=True, requeue=False)
    channel.basic_nack(tags[3], multiple=True, requeue=True)
    eventually(lambda: ready_count(channel, queue) == 2, "the return of two messages")
    assert drain(channel, queue) == [b"2", b"3"]


def test_tag_zero_with_multiple_settles_everything(channel, queue):
    publish(channel, queue, "0", "1", "2")
    worker = Inbox(channel, queue)
    worker.take(3)
    channel.basic_cancel(worker.consumer_tag)
    channel.basic_ack(0, multiple=True)
    channel.close()
    assert ready_count(channel.connection.channel(), queue) == 0


def test_recover_redelivers_what_is_unacked(channel, queue):
    publish(channel, queue, "0", "1", "2")
    worker = Inbox(channel, queue)
    acked = worker.take(3)[0]
    channel.basic_ack(acked.tag)
    channel.basic_recover(requeue=True)
    again = worker.take(2)
    assert [(each.body, each.method.redelivered) for each in again] == [(b"1", True), (b"2", True)]
    assert again[0].tag > acked.tag + 2


def test_recover_without_requeue_is_refused(connect, queue):
    connection = connect()
    channel = connection.channel()
    with pytest.raises(pika.exceptions.ConnectionClosedByBroker) as refusal:
        channel.basic_recover(requeue=False)
    assert refusal.value.reply_code == 540


@pytest.mark.parametrize("settle", ["basic_ack", "basic_nack", "basic_reject"])
def test_unknown_delivery_tag_closes_the_channel(connect, channel, queue, settle):
    publish(channel, queue, "kept")
    connection = connect()
    careless = connection.channel()
    method, _, _ = careless.basic_get(queue)
    with pytest.raises(pika.exceptions.ChannelClosedByBroker) as refusal:
        getattr(careless, settle)(method.delivery_tag + 1)
        careless.queue_declare(queue, passive=True)
    assert refusal.value.reply_code == 406
    assert connection.channel().basic_get(queue)[0].redelivered


def test_closing_a_channel_returns_its_unacked_messages(connect, channel, queue):
    publish(channel, queue, "0", "1", "2")
    connection = connect()
    leaving, staying = connection.channel(), connection.channel()
    Inbox(leaving, queue).take(3)
    leaving.close()
    returned = Inbox(staying, queue).take(3)
    assert [(each.body, each.method.redelivered) for each in returned] == [(b"0", True), (b"1", True), (b"2", True)]


def test_a_lost_connection_returns_its_unacked_messages(connect, link, channel, queue):
    publish(channel, queue, "0", "1", "2", "3")
    lost = connect(link.url).channel()
    lost.basic_qos(prefetch_count=3)
    worker = Inbox(lost, queue)
    lost.basic_ack(worker.take(3)[0].tag)
    assert worker.take_bodies() == [b"3"]
    survivor = Inbox(channel, queue)
    survivor.assert_empty()
    link.cut()
    returned = survivor.take(3)
    assert [(each.body, each.method.redelivered) for each in returned] == [(b"1", True), (b"2", True), (b"3", True)]


def test_cancel_stops_deliveries_but_keeps_the_unacked(channel, queue):
    publish(channel, queue, "0", "1")
    channel.basic_qos(prefetch_count=1)
    worker = Inbox(channel, queue)
    [held] = worker.take()
    channel.basic_cancel(worker.consumer_tag)
    channel.basic_ack(held.tag)
    worker.assert_empty()
    assert drain(channel, queue) == [b"1"]


def test_purge_removes_what_is_ready_only(channel, open_channel, queue):
    publish(channel, queue, "held", "1", "2")
    method, _, _ = channel.basic_get(queue)
    assert open_channel().queue_purge(queue).method.message_count == 2
    channel.basic_nack(method.delivery_tag, requeue=True)
    eventually(lambda: ready_count(channel, queue) == 1, "the return of one message")
    assert drain(channel, queue) == [b"held"]


def test_a_consumer_drains_a_backlog_in_order(channel, queue):
    unconfirmed = channel.connection.channel()
    bodies = [b"%05d" % number for number in range(5000)]
    publish(unconfirmed, queue, *bodies, mandatory=False)
    channel.basic_qos(prefetch_count=100)
    worker = Inbox(channel, queue)
    received = []
    while len(received) < len(bodies):
        batch = worker.take(50)
        received += [delivery.body for delivery in batch]
        channel.basic_ack(batch[-1].tag, multiple=True)
    assert received == bodies
    worker.assert_empty()
