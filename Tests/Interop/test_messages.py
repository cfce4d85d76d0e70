"""What a message carries through the broker unchanged: properties, headers of every field type, and bodies."""

import random
import struct
from datetime import UTC, datetime
from decimal import Decimal

import pika
import pika.data
import pika.exceptions
import pytest

from pika_client import Inbox, publish

HEADERS_FLAG = 1 << 13


class RawHeaders(pika.BasicProperties):
    """Properties with nothing but a headers table that is given as it goes over the wire."""

    def __init__(self, table: bytes):
        super().__init__()
        self._table = table

    def encode(self) -> list[bytes]:
        return [struct.pack(">H", HEADERS_FLAG), self._table]


def table(*fields: tuple[str, bytes]) -> bytes:
    """A field table of names and already encoded values, each of which begins with the letter of its type."""
    octets = b"".join(bytes([len(name.encode())]) + name.encode() + value for name, value in fields)
    return struct.pack(">I", len(octets)) + octets


ARRAY = b"I" + struct.pack(">i", 1) + b"S" + struct.pack(">I", 3) + b"two" + b"A" + struct.pack(">I", 0) + b"V"

# Every type that RabbitMQ documents, by its letter, with values at the edges of its range.
FIELDS = {
    "boolean true": b"t\x01",
    "boolean false": b"t\x00",
    "int8": b"b" + struct.pack(">b", -128),
    "uint8": b"B" + struct.pack(">B", 255),
    "int16": b"s" + struct.pack(">h", -32768),
    "uint16": b"u" + struct.pack(">H", 65535),
    "int32": b"I" + struct.pack(">i", -(2**31)),
    "uint32": b"i" + struct.pack(">I", 2**32 - 1),
    "int64": b"l" + struct.pack(">q", -(2**63)),
    "float": b"f" + struct.pack(">f", -1.0e20),
    "double": b"d" + struct.pack(">d", 1.0e300),
    "decimal": b"D\x02" + struct.pack(">i", 12345),
    "string": b"S" + struct.pack(">I", 0),
    "unicode string": b"S" + struct.pack(">I", len("ключ 🐇".encode())) + "ключ 🐇".encode(),
    "string that is not UTF-8": b"S" + struct.pack(">I", 4) + b"\xff\xfe\x00\x80",
    "octets": b"x" + struct.pack(">I", 256) + bytes(range(256)),
    "timestamp": b"T" + struct.pack(">Q", 1700000000),
    "array": b"A" + struct.pack(">I", len(ARRAY)) + ARRAY,
    "table": b"F" + table(("inner", b"F" + table(("deep", b"V"))), ("flag", b"t\x01")),
    "void": b"V",
}


@pytest.fixture
def queue(channel, names):
    name = names.queue("messages")
    channel.queue_declare(name)
    return name


@pytest.mark.parametrize("name", FIELDS)
def test_each_field_type_survives(channel, queue, name):
    assert_survives(channel, queue, table((name, FIELDS[name])))


def test_all_field_types_survive_together(channel, queue):
    assert_survives(channel, queue, table(*FIELDS.items()))


def test_field_names_may_be_long_empty_and_unicode(channel, queue):
    assert_survives(channel, queue, table(("", b"V"), ("n" * 255, b"t\x01"), ("имя", b"t\x00")))


def assert_survives(channel, queue: str, headers: bytes) -> None:
    channel.basic_publish("", queue, b"body", RawHeaders(headers), mandatory=True)
    _, properties, body = channel.basic_get(queue, auto_ack=True)
    expected, _ = pika.data.decode_table(headers, 0)
    assert properties.headers == expected
    assert [type(value) for value in properties.headers.values()] == [type(value) for value in expected.values()]
    assert body == b"body"


def test_every_property_survives(channel, broker_url, queue):
    sent = {
        "content_type": "text/plain; charset=utf-8",
        "content_encoding": "gzip",
        "headers": {"n": 1, "when": datetime(2024, 2, 29, tzinfo=UTC), "price": Decimal("9.99")},
        "delivery_mode": 2,
        "priority": 7,
        "correlation_id": "Zusammenhang-ß",
        "reply_to": "somewhere",
        "expiration": "3600000",
        "message_id": "m" * 255,
        "timestamp": 1700000000,
        "type": "order.created",
        "user_id": pika.URLParameters(broker_url).credentials.username,
        "app_id": "interop",
        "cluster_id": "old but there",
    }
    publish(channel, queue, "all of them", **sent)
    _, received, _ = channel.basic_get(queue, auto_ack=True)
    assert {name: getattr(received, name) for name in sent} == sent


def test_absent_properties_stay_absent(channel, queue):
    publish(channel, queue, "none of them")
    _, received, _ = channel.basic_get(queue, auto_ack=True)
    assert {name: value for name, value in vars(received).items() if value is not None} == {}


def test_bodies_are_octets(channel, queue):
    bodies = [b"", b"\x00", b"\xce", bytes(range(256)), "Grüße, 世界".encode(), b"AMQP\x00\x00\x09\x01"]
    publish(channel, queue, *bodies)
    assert Inbox(channel, queue, auto_ack=True).take_bodies(len(bodies)) == bodies


# Around the payload of one frame of 4096 octets, of which 8 are its own, and well over the usual 131072.
@pytest.mark.parametrize("size", [4087, 4088, 4089, 8176, 8177, 1_000_000])
def test_bodies_of_any_number_of_small_frames(connect, names, size):
    channel = connect(frame_max=4096).channel()
    channel.confirm_delivery()
    assert_bodies_survive(channel, names, size, size)


@pytest.mark.parametrize("size", [131_064, 131_065, 5_000_000])
def test_large_bodies(channel, names, size):
    assert_bodies_survive(channel, names, size, 0, size)


def test_large_bodies_through_another_frame_size(connect, channel, names):
    queue = names.queue("large")
    channel.queue_declare(queue)
    body = random.Random(4096).randbytes(300_000)
    publish(channel, queue, body)
    assert connect(frame_max=4096).channel().basic_get(queue, auto_ack=True)[2] == body


def assert_bodies_survive(channel, names, *sizes: int) -> None:
    queue = names.queue("large")
    channel.queue_declare(queue)
    bodies = [random.Random(size).randbytes(size) for size in sizes]
    publish(channel, queue, *bodies)
    received = Inbox(channel, queue, auto_ack=True).take_bodies(len(bodies))
    # Compared by hand: the difference of two such bodies is nothing to print.
    assert all(got == sent for got, sent in zip(received, bodies, strict=True)), "a body came back changed"


def test_large_messages_in_flight_do_not_hold_up_another_connection(connect, channel, queue):
    bulky = connect().channel()
    consumer = Inbox(channel, queue, auto_ack=True)
    other = bulky.queue_declare("", exclusive=True).method.queue
    publish(bulky, other, *[bytes(500_000)] * 10, mandatory=False)
    publish(channel, queue, "small")
    assert consumer.take_bodies() == [b"small"]


def test_routing_keys_up_to_255_octets(channel, queue):
    key = "ключ." * 28
    channel.queue_bind(queue, "amq.topic", key)
    publish(channel, key, "long key", exchange="amq.topic")
    assert channel.basic_get(queue, auto_ack=True)[0].routing_key == key
