"""How queues come and go, through pika: exclusive, auto-delete, server-named, redeclared, deleted, expired."""

import pika.exceptions
import pytest

from pika_client import Inbox, consumer_count, eventually, is_routed, publish, ready_count


def refused(code: int, action, *arguments, **options) -> str:
    """Asserts that the broker closes the channel with this reply code, and returns its text."""
    with pytest.raises(pika.exceptions.ChannelClosedByBroker) as refusal:
        action(*arguments, **options)
    assert refusal.value.reply_code == code, refusal.value.reply_text
    return refusal.value.reply_text


def test_the_broker_names_a_queue_that_comes_without_a_name(channel):
    first = channel.queue_declare("", exclusive=True).method.queue
    second = channel.queue_declare("", exclusive=True).method.queue
    assert first != second
    assert first.startswith("amq.gen-")
    publish(channel, second, "for the second")
    # An empty name now means the last queue declared on this channel.
    assert channel.basic_get("", auto_ack=True)[2] == b"for the second"


def test_declare_counts_messages_and_consumers(channel, names):
    queue = names.queue()
    assert channel.queue_declare(queue).method.message_count == 0
    publish(channel, queue, "1", "2")
    consumer_channel = channel.connection.channel()
    consumer_channel.basic_qos(prefetch_count=1)
    Inbox(consumer_channel, queue).take()
    declared = channel.queue_declare(queue).method
    assert (declared.queue, declared.message_count, declared.consumer_count) == (queue, 1, 1)


def test_an_exclusive_queue_is_locked_to_its_connection(connect, channel, open_channel, names):
    queue = names.queue("exclusive")
    owner = connect()
    owner.channel().queue_declare(queue, exclusive=True)
    second_channel = owner.channel()
    second_channel.queue_declare(queue, exclusive=True)
    publish(second_channel, queue, "others may publish, not consume")
    for use in ("queue_declare", "queue_purge", "queue_delete", "basic_get"):
        assert queue in refused(405, getattr(open_channel(), use), queue)
    refused(405, open_channel().queue_bind, queue, "amq.direct", "key")
    refused(405, open_channel().basic_consume, queue, print)
    assert ready_count(second_channel, queue) == 1
    owner.close()
    refused(404, channel.queue_declare, queue, passive=True)


def test_an_exclusive_queue_goes_with_a_lost_connection(connect, link, open_channel, names):
    queue = names.queue("exclusive")
    connect(link.url).channel().queue_declare(queue, exclusive=True)
    link.cut()

    def is_gone() -> bool:
        with pytest.raises(pika.exceptions.ChannelClosedByBroker) as refusal:
            open_channel().queue_declare(queue, passive=True)
        assert refusal.value.reply_code in (404, 405)
        return refusal.value.reply_code == 404

    eventually(is_gone, "the end of the exclusive queue")


def test_an_auto_delete_queue_goes_with_its_last_consumer(channel, open_channel, names):
    queue = names.queue("auto-delete")
    channel.queue_declare(queue, auto_delete=True)
    # One that never had a consumer stays.
    consumers = [Inbox(open_channel(), queue) for _ in range(2)]
    consumers[0].channel.basic_cancel(consumers[0].consumer_tag)
    assert consumer_count(channel, queue) == 1
    consumers[1].channel.connection.close()
    eventually(lambda: not is_routed(channel, queue), "the end of the auto-delete queue")
    refused(404, channel.queue_declare, queue, passive=True)


def test_an_auto_delete_queue_survives_its_declarer(connect, channel, names):
    queue = names.queue("auto-delete")
    declarer = connect()
    declarer.channel().queue_declare(queue, auto_delete=True)
    declarer.close()
    assert is_routed(channel, queue)


@pytest.mark.parametrize(
    "different",
    [
        {"durable": True},
        {"auto_delete": True},
        {"exclusive": True},
        {"arguments": {"x-message-ttl": 60001}},
        {"arguments": {"x-message-ttl": 60000, "x-max-length": 5}},
        {"arguments": None},
    ],
    ids=["durable", "auto-delete", "exclusive", "changed argument", "new argument", "missing argument"],
)
def test_redeclaring_a_queue_differently_is_refused(channel, open_channel, names, different):
    queue = names.queue()
    declaration = {"queue": queue, "arguments": {"x-message-ttl": 60000}}
    channel.queue_declare(**declaration)
    channel.queue_declare(**declaration)
    code = 405 if "exclusive" in different else 406
    assert queue in refused(code, open_channel().queue_declare, **{**declaration, **different})
    # Passive declares ask for the name alone.
    channel.queue_declare(queue, passive=True, durable=True)


@pytest.mark.parametrize(
    "arguments",
    [
        {"x-message-ttl": -1},
        {"x-message-ttl": "soon"},
        {"x-expires": 0},
        {"x-max-length": -1},
        {"x-overflow": "explode"},
        {"x-max-priority": 256},
        {"x-queue-type": "interop-no-such-type"},
        {"x-dead-letter-exchange": 5},
        {"x-dead-letter-routing-key": "key without exchange"},
    ],
    ids=lambda arguments: "{}={}".format(*next(iter(arguments.items()))),
)
def test_arguments_that_make_no_sense_are_refused(channel, names, arguments):
    [argument] = arguments
    assert argument in refused(406, channel.queue_declare, names.queue(), durable=True, arguments=arguments)


@pytest.mark.parametrize("use", ["queue_purge", "basic_get"])
def test_a_missing_queue_cannot_be_used(channel, use):
    assert "interop.missing" in refused(404, getattr(channel, use), "interop.missing")


def test_a_missing_queue_can_be_deleted(channel):
    assert channel.queue_delete("interop.missing").method.message_count == 0


def test_a_missing_binding_can_be_removed(channel, names):
    queue = names.queue()
    channel.queue_declare(queue)
    channel.queue_unbind(queue, "amq.direct", "never bound")


def test_binding_needs_both_ends(open_channel, names):
    queue = names.queue()
    open_channel().queue_declare(queue)
    refused(404, open_channel().queue_bind, queue, "interop.missing", "key")
    refused(404, open_channel().queue_bind, "interop.missing", "amq.direct", "key")


def test_delete_spares_what_is_in_use_or_full_when_asked_to(channel, open_channel, names):
    queue = names.queue()
    channel.queue_declare(queue)
    publish(channel, queue, "1", "2")
    refused(406, open_channel().queue_delete, queue, if_empty=True)
    consumer_channel = open_channel()
    consumer_channel.basic_qos(prefetch_count=1)
    consumer = Inbox(consumer_channel, queue)
    consumer.take()
    refused(406, open_channel().queue_delete, queue, if_unused=True)
    consumer_channel.basic_cancel(consumer.consumer_tag)
    assert channel.queue_delete(queue, if_unused=True).method.message_count == 1
    refused(404, open_channel().queue_declare, queue, passive=True)


def test_reserved_queue_names_are_refused(channel):
    refused(403, channel.queue_declare, "amq.interop-mine")


def test_deleting_a_queue_deletes_its_bindings(channel, names):
    queue, exchange = names.queue(), names.exchange()
    channel.exchange_declare(exchange, "fanout")
    channel.queue_declare(queue)
    channel.queue_bind(queue, exchange)
    assert is_routed(channel, "", exchange)
    channel.queue_delete(queue)
    channel.queue_declare(queue)
    assert not is_routed(channel, "", exchange)


def test_a_queue_expires_when_nobody_uses_it(channel, names):
    queue = names.queue("expiring")
    channel.queue_declare(queue, arguments={"x-expires": 300})
    eventually(lambda: not is_routed(channel, queue), "the expiry of an unused queue")


def test_a_consumer_keeps_a_queue_from_expiring(channel, names):
    kept, reference = names.queue("kept"), names.queue("reference")
    channel.queue_declare(kept, arguments={"x-expires": 500})
    consumer = Inbox(channel, kept, auto_ack=True)
    # A queue with a longer lease is declared later and goes: then the first would be gone too.
    channel.queue_declare(reference, arguments={"x-expires": 600})
    eventually(lambda: not is_routed(channel, reference), "the expiry of the reference queue")
    publish(channel, kept, "still here")
    assert consumer.take_bodies() == [b"still here"]
    channel.basic_cancel(consumer.consumer_tag)
    eventually(lambda: not is_routed(channel, kept), "the expiry after the last consumer")


@pytest.mark.parametrize("durable", [True, False])
def test_names_of_any_kind(channel, names, durable):
    queue = names.queue("Zeile/mit?Sonder=zeichen&ключ 🐇")
    channel.queue_declare(queue, durable=durable)
    publish(channel, queue, "found")
    assert ready_count(channel, queue) == 1
