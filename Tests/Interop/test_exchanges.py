"""Exchanges through pika: every standard type, bindings of all kinds, and what routing does with a message."""

import pika.exceptions
import pytest

from pika_client import drain, is_routed, publish


@pytest.fixture
def declare(channel, names):
    """Declares an exchange of a type and returns its name."""

    def declare(kind: str, **options) -> str:
        exchange = names.exchange(kind)
        channel.exchange_declare(exchange, kind, **options)
        return exchange

    return declare


@pytest.fixture
def bound(channel, names):
    """Declares a queue with bindings to an exchange and returns its name."""

    def bound(exchange: str, *keys: str, arguments=None) -> str:
        queue = names.queue("bound")
        channel.queue_declare(queue)
        for key in keys:
            channel.queue_bind(queue, exchange, key, arguments)
        return queue

    return bound


def test_fanout_reaches_every_subscriber(channel, declare, bound):
    logs = declare("fanout")
    queues = [bound(logs, "") for _ in range(3)]
    publish(channel, "any key at all", "hello", exchange=logs)
    assert [drain(channel, queue) for queue in queues] == [[b"hello"]] * 3


def test_direct_routes_by_the_whole_key(channel, declare, bound):
    logs = declare("direct")
    errors, everything = bound(logs, "error"), bound(logs, "error", "info", "warning")
    publish(channel, "error", "disk full", exchange=logs)
    publish(channel, "info", "started", exchange=logs)
    assert drain(channel, errors) == [b"disk full"]
    assert drain(channel, everything) == [b"disk full", b"started"]
    assert not is_routed(channel, "err", logs)


# An empty key has no word at all, while a dot always stands between two, be they empty.
TOPIC_KEYS = ["", ".", "a", "a.", "a.b", "a.b.c", "b", "b.a", "a..c", "quick.orange.rabbit", "lazy.pink.rabbit.again"]

TOPIC_MATCHES = {
    "#": TOPIC_KEYS,
    "#.#": TOPIC_KEYS,
    "*": ["a", "b"],
    "*.#": TOPIC_KEYS[1:],
    "*.*": [".", "a.", "a.b", "b.a"],
    "a.#": ["a", "a.", "a.b", "a.b.c", "a..c"],
    "a.*": ["a.", "a.b"],
    "#.a": ["a", "b.a"],
    "a.*.c": ["a.b.c", "a..c"],
    "a.#.c": ["a.b.c", "a..c"],
    "#.b.#": ["a.b", "a.b.c", "b", "b.a"],
    "*.orange.*": ["quick.orange.rabbit"],
    "lazy.#": ["lazy.pink.rabbit.again"],
    "a.b": ["a.b"],
    "a.": ["a."],
    "": [""],
}


def test_topic_matches_words(channel, declare, bound):
    exchange = declare("topic")
    queues = {pattern: bound(exchange, pattern) for pattern in TOPIC_MATCHES}
    for key in TOPIC_KEYS:
        publish(channel, key, key, exchange=exchange)
    received = {pattern: [body.decode() for body in drain(channel, queue)] for pattern, queue in queues.items()}
    assert received == TOPIC_MATCHES


def test_two_matching_bindings_deliver_one_copy(channel, declare, bound):
    exchange = declare("topic")
    queue = bound(exchange, "a.*", "*.b", "#")
    publish(channel, "a.b", "once", exchange=exchange)
    assert drain(channel, queue) == [b"once"]
    channel.queue_unbind(queue, exchange, "#")
    publish(channel, "a.b", "still", exchange=exchange)
    assert drain(channel, queue) == [b"still"]
    assert not is_routed(channel, "c.c.c", exchange)


@pytest.mark.parametrize(
    ("arguments", "headers", "matches"),
    [
        ({"x-match": "all", "format": "pdf", "pages": 3}, {"format": "pdf", "pages": 3, "more": 1}, True),
        ({"x-match": "all", "format": "pdf", "pages": 3}, {"format": "pdf"}, False),
        ({"x-match": "all", "format": "pdf"}, {"format": "PDF"}, False),
        ({"format": "pdf", "pages": 3}, {"format": "pdf", "pages": 4}, False),
        ({"x-match": "any", "format": "pdf", "pages": 3}, {"format": "doc", "pages": 3}, True),
        ({"x-match": "any", "format": "pdf", "pages": 3}, {"format": "doc"}, False),
        ({"x-match": "all"}, {}, True),
        ({"x-match": "any"}, {"format": "pdf"}, False),
        ({"x-match": "all", "present": None}, {"present": "whatever"}, True),
        ({"x-match": "all", "x-ignored": "1", "format": "pdf"}, {"format": "pdf"}, True),
        ({"x-match": "all-with-x", "x-kind": "1"}, {"x-kind": "1"}, True),
        ({"x-match": "all-with-x", "x-kind": "1"}, {"x-kind": "2"}, False),
        ({"x-match": "any-with-x", "x-kind": "1", "format": "pdf"}, {"x-kind": "1"}, True),
    ],
)
def test_headers_exchange(channel, declare, bound, arguments, headers, matches):
    exchange = declare("headers")
    queue = bound(exchange, "", arguments=arguments)
    if matches:
        publish(channel, "ignored", "matched", exchange=exchange, headers=headers)
    else:
        with pytest.raises(pika.exceptions.UnroutableError):
            publish(channel, "ignored", "unmatched", exchange=exchange, headers=headers)
    assert drain(channel, queue) == ([b"matched"] if matches else [])


def test_default_exchange_routes_to_the_queue_of_that_name(channel, names):
    queue = names.queue("naïve-队列")
    channel.queue_declare(queue)
    publish(channel, queue, "by name")
    assert drain(channel, queue) == [b"by name"]


@pytest.mark.parametrize("exchange", ["amq.direct", "amq.fanout", "amq.topic", "amq.headers", "amq.match"])
def test_predeclared_exchanges_are_there(channel, bound, exchange):
    kind = "headers" if exchange == "amq.match" else exchange.removeprefix("amq.")
    channel.exchange_declare(exchange, kind, durable=True)
    queue = bound(exchange, "interop.key", arguments={"interop": "yes"})
    publish(channel, "interop.key", "predeclared", exchange=exchange, headers={"interop": "yes"})
    assert drain(channel, queue) == [b"predeclared"]


def test_exchange_to_exchange_bindings(channel, declare, bound):
    source, middle = declare("topic"), declare("fanout")
    channel.exchange_bind(middle, source, "news.#")
    queue = bound(middle, "")
    publish(channel, "news.today", "forwarded", exchange=source)
    assert drain(channel, queue) == [b"forwarded"]
    assert not is_routed(channel, "sport.today", source)
    channel.exchange_unbind(middle, source, "news.#")
    assert not is_routed(channel, "news.today", source)


def test_a_cycle_of_exchanges_delivers_once(channel, declare, bound):
    first, second = declare("fanout"), declare("fanout")
    channel.exchange_bind(first, second)
    channel.exchange_bind(second, first)
    queue = bound(first, "")
    channel.queue_bind(queue, second)
    publish(channel, "", "round", exchange=second)
    assert drain(channel, queue) == [b"round"]


def test_alternate_exchange_takes_what_matches_nothing(channel, declare, bound):
    unrouted = declare("fanout")
    rest = bound(unrouted, "")
    exchange = declare("direct", arguments={"alternate-exchange": unrouted})
    known = bound(exchange, "known")
    publish(channel, "known", "to the queue", exchange=exchange)
    publish(channel, "unknown", "to the rest", exchange=exchange)
    assert drain(channel, known) == [b"to the queue"]
    assert drain(channel, rest) == [b"to the rest"]
    channel.queue_unbind(rest, unrouted, "")
    assert not is_routed(channel, "unknown", exchange)


def test_cc_and_bcc_add_routing_keys(channel, declare, bound):
    exchange = declare("direct")
    to, cc, bcc = (bound(exchange, key) for key in ("to", "cc", "bcc"))
    publish(channel, "to", "letter", exchange=exchange, headers={"CC": ["cc"], "BCC": ["bcc"], "kept": 1})
    for queue in (to, cc, bcc):
        method, properties, body = channel.basic_get(queue, auto_ack=True)
        assert (method.routing_key, body) == ("to", b"letter")
        assert properties.headers == {"CC": ["cc"], "kept": 1}


def test_cc_that_is_not_a_list_is_refused(channel, declare):
    with pytest.raises(pika.exceptions.ChannelClosedByBroker) as refusal:
        publish(channel, "to", "letter", exchange=declare("direct"), headers={"CC": "cc"})
    assert refusal.value.reply_code == 406


def test_an_internal_exchange_is_fed_by_bindings_only(channel, declare, bound):
    outer, inner = declare("fanout"), declare("fanout", internal=True)
    channel.exchange_bind(inner, outer)
    queue = bound(inner, "")
    publish(channel, "", "through the outer", exchange=outer)
    assert drain(channel, queue) == [b"through the outer"]
    with pytest.raises(pika.exceptions.ChannelClosedByBroker) as refusal:
        publish(channel, "", "straight in", exchange=inner)
    assert refusal.value.reply_code == 403


def test_binding_arguments_make_bindings_different(channel, declare, bound):
    exchange = declare("headers")
    queue = bound(exchange, "", arguments={"colour": "red"})
    channel.queue_bind(queue, exchange, "", {"colour": "blue"})
    channel.queue_unbind(queue, exchange, "", {"colour": "red"})
    publish(channel, "", "blue", exchange=exchange, headers={"colour": "blue"})
    with pytest.raises(pika.exceptions.UnroutableError):
        publish(channel, "", "red", exchange=exchange, headers={"colour": "red"})
    assert drain(channel, queue) == [b"blue"]


def test_an_auto_delete_exchange_goes_with_its_last_binding(channel, declare, bound):
    exchange = declare("fanout", auto_delete=True)
    first, second = bound(exchange, ""), bound(exchange, "")
    channel.queue_unbind(first, exchange, "")
    channel.exchange_declare(exchange, passive=True)
    channel.queue_delete(second)
    with pytest.raises(pika.exceptions.ChannelClosedByBroker) as refusal:
        channel.exchange_declare(exchange, passive=True)
    assert refusal.value.reply_code == 404


def test_delete_if_unused_spares_an_exchange_with_bindings(open_channel, channel, declare, bound):
    exchange = declare("direct")
    queue = bound(exchange, "key")
    with pytest.raises(pika.exceptions.ChannelClosedByBroker) as refusal:
        open_channel().exchange_delete(exchange, if_unused=True)
    assert refusal.value.reply_code == 406
    channel.queue_delete(queue)
    channel.exchange_delete(exchange, if_unused=True)
    # Deleting what is not there is no error.
    channel.exchange_delete(exchange)
    channel.queue_delete(queue)


@pytest.mark.parametrize(
    "different",
    [
        {"exchange_type": "fanout"},
        {"durable": True},
        {"auto_delete": True},
        {"internal": True},
        {"arguments": {"alternate-exchange": "amq.fanout"}},
    ],
    ids=lambda different: next(iter(different)),
)
def test_redeclaring_an_exchange_differently_is_refused(open_channel, channel, declare, different):
    exchange = declare("direct")
    channel.exchange_declare(exchange, "direct")
    with pytest.raises(pika.exceptions.ChannelClosedByBroker) as refusal:
        open_channel().exchange_declare(**{"exchange": exchange, "exchange_type": "direct", **different})
    assert refusal.value.reply_code == 406
    assert exchange in refusal.value.reply_text


def test_an_unknown_exchange_type_closes_the_connection(channel, names):
    with pytest.raises(pika.exceptions.ConnectionClosedByBroker) as refusal:
        channel.exchange_declare(names.exchange(), "interop-no-such-type")
    assert refusal.value.reply_code == 503


@pytest.mark.parametrize("name", ["", "amq.interop-mine"])
def test_reserved_exchange_names_are_refused(channel, name):
    with pytest.raises(pika.exceptions.ChannelClosedByBroker) as refusal:
        channel.exchange_declare(name, "direct")
    assert refusal.value.reply_code == 403
