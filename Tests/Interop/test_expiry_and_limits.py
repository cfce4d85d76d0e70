"""Time to live, length limits, priorities and dead-lettering through pika, as far as task queues lean on them."""

import time

import pytest

from pika_client import Inbox, drain, publish, ready_count


@pytest.fixture
def dead_letters(channel, names):
    """A queue for dead letters and the arguments that send a queue's dead letters there."""
    queue = names.queue("dead")
    channel.queue_declare(queue)
    arguments = {"x-dead-letter-exchange": "", "x-dead-letter-routing-key": queue}
    return Inbox(channel, queue, auto_ack=True), arguments


def test_rejected_messages_are_dead_lettered_with_their_history(channel, names, dead_letters):
    dead, arguments = dead_letters
    queue = names.queue("work")
    channel.queue_declare(queue, arguments=arguments)
    channel.queue_bind(queue, "amq.direct", queue)
    publish(channel, queue, "poison", exchange="amq.direct", headers={"mine": 1}, message_id="m")
    [delivery] = Inbox(channel, queue).take()
    channel.basic_reject(delivery.tag, requeue=False)
    [letter] = dead.take()
    headers = letter.properties.headers
    [death] = headers["x-death"]
    assert (death["count"], death["reason"], death["queue"]) == (1, "rejected", queue)
    assert (death["exchange"], death["routing-keys"]) == ("amq.direct", [queue])
    assert (headers["x-first-death-reason"], headers["x-first-death-queue"]) == ("rejected", queue)
    assert headers["x-first-death-exchange"] == "amq.direct"
    assert (headers["mine"], letter.properties.message_id, letter.body) == (1, "m", b"poison")
    assert (letter.method.exchange, letter.method.routing_key) == ("", dead.queue)


def test_a_message_that_dies_again_counts_up(channel, names):
    queue = names.queue("work")
    channel.queue_declare(queue, arguments={"x-dead-letter-exchange": "", "x-dead-letter-routing-key": queue})
    publish(channel, queue, "poison")
    worker = Inbox(channel, queue)
    [message] = worker.take()
    for count in (1, 2, 3):
        channel.basic_nack(message.tag, requeue=False)
        [message] = worker.take()
        assert [death["count"] for death in message.properties.headers["x-death"]] == [count]


def test_a_retry_queue_sends_messages_back_after_its_time(channel, names):
    work, retry = names.queue("work"), names.queue("retry")
    channel.queue_declare(work, arguments={"x-dead-letter-exchange": "", "x-dead-letter-routing-key": retry})
    back = {"x-dead-letter-exchange": "", "x-dead-letter-routing-key": work, "x-message-ttl": 200}
    channel.queue_declare(retry, arguments=back)
    publish(channel, work, "try me")
    worker = Inbox(channel, work)
    [first] = worker.take()
    channel.basic_nack(first.tag, requeue=False)
    nacked = time.monotonic()
    [second] = worker.take()
    assert time.monotonic() - nacked > 0.15
    reasons = {death["queue"]: death["reason"] for death in second.properties.headers["x-death"]}
    assert reasons == {work: "rejected", retry: "expired"}
    assert (second.body, second.method.redelivered) == (b"try me", False)


@pytest.mark.parametrize("by", ["queue", "message", "the shorter of both"])
def test_messages_expire(channel, names, dead_letters, by):
    dead, arguments = dead_letters
    queue = names.queue("expiring")
    lease = {"queue": 100, "message": None, "the shorter of both": 3_600_000}[by]
    channel.queue_declare(queue, arguments=arguments | ({"x-message-ttl": lease} if lease else {}))
    publish(channel, queue, "mortal", **({} if by == "queue" else {"expiration": "100"}))
    [letter] = dead.take()
    assert letter.properties.headers["x-death"][0]["reason"] == "expired"
    # The expiration is taken off, or the dead letter would expire again.
    assert letter.properties.expiration is None
    assert ready_count(channel, queue) == 0


def test_a_message_with_time_to_live_zero_reaches_a_waiting_consumer_only(channel, open_channel, names):
    queue = names.queue("now or never")
    channel.queue_declare(queue, arguments={"x-message-ttl": 0})
    publish(channel, queue, "never")
    consumer = Inbox(open_channel(), queue, auto_ack=True)
    publish(channel, queue, "now")
    assert consumer.take_bodies() == [b"now"]


def test_a_delivered_message_does_not_expire(channel, names, dead_letters):
    dead, arguments = dead_letters
    queue, clock = names.queue("held"), names.queue("clock")
    channel.queue_declare(queue, arguments=arguments | {"x-message-ttl": 100})
    channel.queue_declare(clock, arguments=arguments | {"x-message-ttl": 150})
    holder = Inbox(channel, queue)
    publish(channel, queue, "held")
    [held] = holder.take()
    # When this one has expired, the held one is overdue.
    publish(channel, clock, "tick")
    assert dead.take_bodies() == [b"tick"]
    channel.basic_ack(held.tag)
    dead.assert_empty()


def test_a_length_limit_drops_the_oldest(channel, names, dead_letters):
    dead, arguments = dead_letters
    queue = names.queue("short")
    channel.queue_declare(queue, arguments=arguments | {"x-max-length": 2})
    publish(channel, queue, "1", "2", "3", "4")
    assert dead.take_bodies(2) == [b"1", b"2"]
    assert drain(channel, queue) == [b"3", b"4"]


def test_a_length_limit_counts_ready_messages_only(channel, names):
    queue = names.queue("short")
    channel.queue_declare(queue, arguments={"x-max-length": 1})
    publish(channel, queue, "held")
    held, _, _ = channel.basic_get(queue)
    publish(channel, queue, "ready")
    assert ready_count(channel, queue) == 1
    channel.basic_ack(held.delivery_tag)
    assert drain(channel, queue) == [b"ready"]


def test_a_byte_limit_drops_the_oldest(channel, names):
    queue = names.queue("narrow")
    channel.queue_declare(queue, arguments={"x-max-length-bytes": 100})
    publish(channel, queue, b"a" * 40, b"b" * 40, b"c" * 40)
    assert drain(channel, queue) == [b"b" * 40, b"c" * 40]


def test_a_priority_queue_delivers_the_urgent_first(channel, names):
    queue = names.queue("priority")
    channel.queue_declare(queue, arguments={"x-max-priority": 5})
    for body, priority in [("none", None), ("low 1", 1), ("high", 5), ("over", 9), ("low 2", 1)]:
        publish(channel, queue, body, priority=priority)
    # A priority over the queue's highest counts as the highest.
    assert drain(channel, queue) == [b"high", b"over", b"low 1", b"low 2", b"none"]
