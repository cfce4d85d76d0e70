"""Scenarios through aio-pika, which keeps many operations in flight at once and reconnects by itself."""

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal

import aio_pika
import aio_pika.exceptions
import aio_pika.patterns
import pytest
from aio_pika import DeliveryMode, ExchangeType, Message

from broker import variant

LIMIT_SECONDS = 10


@pytest.fixture
async def connection(broker_url, names):
    async with asyncio.timeout(LIMIT_SECONDS):
        connection = await aio_pika.connect(broker_url)
    async with connection:
        yield connection


@pytest.fixture
async def channel(connection):
    return await connection.channel()


@pytest.fixture
async def queue(channel, names):
    return await channel.declare_queue(names.queue("aio"), durable=True)


async def send(channel, queue, *bodies: str | bytes, **properties) -> None:
    for body in bodies:
        message = Message(body.encode() if isinstance(body, str) else body, **properties)
        await channel.default_exchange.publish(message, queue.name)


class Received(asyncio.Queue):
    """A consumer's callback that keeps the messages for the test to take."""

    async def take(self, count: int = 1) -> list[aio_pika.abc.AbstractIncomingMessage]:
        async with asyncio.timeout(LIMIT_SECONDS):
            return [await self.get() for _ in range(count)]


async def consume(queue, **options) -> Received:
    received = Received()
    await queue.consume(received.put, **options)
    return received


async def test_work_queue_shared_by_two_iterators(connection, channel, queue):
    done = []

    async def work() -> None:
        worker_channel = await connection.channel()
        await worker_channel.set_qos(prefetch_count=1)
        shared = await worker_channel.get_queue(queue.name)
        async with shared.iterator(timeout=LIMIT_SECONDS) as messages:
            async for message in messages:
                async with message.process():
                    done.append(message.body)
                if message.body == b"stop":
                    return

    async with asyncio.TaskGroup() as workers:
        for _ in range(2):
            workers.create_task(work())
        await send(channel, queue, *(f"{number:02}" for number in range(20)), "stop", "stop")
    assert sorted(done) == [b"%02d" % number for number in range(20)] + [b"stop"] * 2
    assert (await channel.declare_queue(queue.name, passive=True)).declaration_result.message_count == 0


async def test_a_thousand_publishes_in_flight_are_all_confirmed(channel, queue):
    messages = [Message(b"%d" % number, delivery_mode=DeliveryMode.PERSISTENT) for number in range(1000)]
    publishes = (channel.default_exchange.publish(message, queue.name) for message in messages)
    async with asyncio.timeout(LIMIT_SECONDS):
        confirms = await asyncio.gather(*publishes)
    assert all(type(confirm).__name__ == "Ack" for confirm in confirms)
    received = await consume(queue, no_ack=True)
    assert [message.body for message in await received.take(1000)] == [message.body for message in messages]


async def test_returns_and_confirms_in_flight_find_their_messages(connection, queue):
    channel = await connection.channel(on_return_raises=True)
    keys = [queue.name if number % 3 else "interop.nowhere" for number in range(60)]
    exchange = channel.default_exchange
    publishes = (exchange.publish(Message(b"%d" % number), key) for number, key in enumerate(keys))
    results = await asyncio.gather(*publishes, return_exceptions=True)
    refused = [number for number, result in enumerate(results) if isinstance(result, aio_pika.exceptions.DeliveryError)]
    assert refused == list(range(0, 60, 3))


async def test_topics(channel, names):
    exchange = await channel.declare_exchange(names.exchange("topics"), ExchangeType.TOPIC, auto_delete=True)
    everything = await channel.declare_queue(exclusive=True)
    critical = await channel.declare_queue(exclusive=True)
    await everything.bind(exchange, "#")
    await critical.bind(exchange, "*.critical")
    for key in ("kernel.critical", "kernel.info"):
        await exchange.publish(Message(key.encode()), key)
    assert [message.routing_key for message in await (await consume(everything)).take(2)] == [
        "kernel.critical",
        "kernel.info",
    ]
    assert [message.body for message in await (await consume(critical)).take()] == [b"kernel.critical"]


async def test_rpc_pattern(connection, channel, names):
    rpc = await aio_pika.patterns.RPC.create(channel)
    client = await aio_pika.patterns.RPC.create(await connection.channel())
    method = names.queue("multiply")

    async def multiply(*, x: int, y: int) -> int:
        return x * y

    await rpc.register(method, multiply, auto_delete=True)
    async with asyncio.timeout(LIMIT_SECONDS):
        answers = await asyncio.gather(*(client.call(method, {"x": x, "y": 3}) for x in range(50)))
    assert answers == [3 * x for x in range(50)]
    await rpc.close()
    await client.close()


async def test_an_rpc_to_nobody_is_returned(channel, names):
    client = await aio_pika.patterns.RPC.create(channel)
    with pytest.raises(aio_pika.exceptions.MessageProcessError, match="returned"):
        async with asyncio.timeout(LIMIT_SECONDS):
            await client.call(names.queue("nobody"), {})
    await client.close()


async def test_master_and_worker_pattern(connection, channel, names):
    name = names.queue("tasks")
    master = aio_pika.patterns.Master(channel)
    worker = aio_pika.patterns.Master(await connection.channel())
    done = Received()

    async def task(*, number: int) -> None:
        await done.put(number)
        if number == 3 and done.qsize() < 5:
            raise aio_pika.patterns.NackMessage(requeue=True)

    await worker.create_worker(name, task, auto_delete=True)
    for number in range(4):
        await master.create_task(name, kwargs={"number": number})
    assert await done.take(5) == [0, 1, 2, 3, 3]


async def test_direct_reply_to(connection, channel, queue):
    reply_queue = await channel.get_queue("amq.rabbitmq.reply-to", ensure=False)
    replies = await consume(reply_queue, no_ack=True)
    requests = await consume(await (await connection.channel()).get_queue(queue.name))
    await send(channel, queue, "ping", reply_to="amq.rabbitmq.reply-to", correlation_id="1")
    [request] = await requests.take()
    answer = Message(b"pong", correlation_id=request.correlation_id)
    await request.channel.basic_publish(answer.body, routing_key=request.reply_to, properties=answer.properties)
    await request.ack()
    [reply] = await replies.take()
    assert (reply.body, reply.correlation_id) == (b"pong", "1")


async def test_headers_and_properties_survive(channel, queue):
    headers = {
        "bool": True,
        "integers": [0, -1, 127, -128, 128, 32767, 65535, -(2**31), 2**31, 2**32 - 1, 2**32, 2**63 - 1, -(2**63)],
        "float": 0.5,
        "decimal": Decimal("3.14"),
        "string": "žluťoučký kůň 🐎",
        "octets": bytearray(b"\x00\xff\xce"),
        "when": datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC),
        "nothing": None,
        "nested": {"table": {"list": [{"deep": True}, []]}},
    }
    await send(channel, queue, "x", headers=headers, priority=3, app_id="aio", type="t", content_type="text/plain")
    message = await queue.get(timeout=LIMIT_SECONDS)
    assert message.headers == headers
    assert (message.priority, message.app_id, message.type, message.content_type) == (3, "aio", "t", "text/plain")
    await message.ack()


async def test_requeue_and_reject(channel, queue):
    await send(channel, queue, "again", "never")
    received = await consume(queue)
    again, never = await received.take(2)
    await never.reject(requeue=False)
    await again.nack(requeue=True)
    [redelivered] = await received.take()
    assert (redelivered.body, redelivered.redelivered) == (b"again", True)
    await redelivered.ack()


async def test_transactions(connection, channel, queue):
    transactional = await connection.channel(publisher_confirms=False)
    with pytest.raises(ZeroDivisionError):
        async with transactional.transaction():
            await send(transactional, queue, "rolled back")
            raise ZeroDivisionError
    async with transactional.transaction():
        await send(transactional, queue, "committed")
    assert (await queue.get(no_ack=True)).body == b"committed"
    assert await queue.get(no_ack=True, fail=False) is None


async def test_a_channel_error_is_told_and_the_connection_goes_on(connection, queue):
    for _ in range(2):
        channel = await connection.channel()
        with pytest.raises(aio_pika.exceptions.ChannelPreconditionFailed):
            await channel.declare_queue(queue.name, durable=False)
    with pytest.raises(aio_pika.exceptions.ChannelNotFoundEntity):
        await (await connection.channel()).get_exchange("interop.missing")
    await send(await connection.channel(), queue, "fine")
    assert (await queue.get(no_ack=True)).body == b"fine"


async def test_large_messages_in_flight_together(connection, queue):
    bodies = [bytes([number]) * 400_000 for number in range(10)]
    channels = [await connection.channel() for _ in range(5)]
    async with asyncio.timeout(LIMIT_SECONDS):
        await asyncio.gather(*(send(channels[index % 5], queue, body) for index, body in enumerate(bodies)))
    received = [message.body for message in await (await consume(queue, no_ack=True)).take(10)]
    assert sorted(received) == bodies


async def test_a_wrong_password_is_refused(broker_url):
    with pytest.raises(aio_pika.exceptions.ProbableAuthenticationError):
        await aio_pika.connect(variant(broker_url, password="interop-wrong"))


@asynccontextmanager
async def robust_connection(url: str):
    connection = await aio_pika.connect_robust(url, reconnect_interval=0.05, fail_fast=True)
    reconnected = asyncio.Event()
    connection.reconnect_callbacks.add(lambda *_: reconnected.set())
    async with connection:
        yield connection, reconnected


async def test_a_robust_connection_restores_its_topology(link, connection, channel, names):
    exchange = await channel.declare_exchange(names.exchange("events"), ExchangeType.FANOUT)
    async with robust_connection(link.url) as (robust, reconnected):
        subscriber = await robust.channel()
        await subscriber.set_qos(prefetch_count=1)
        events = await subscriber.declare_queue(names.queue("events"), auto_delete=True)
        await events.bind(exchange.name)
        received = await consume(events, no_ack=True)
        await exchange.publish(Message(b"before"), "")
        assert (await received.take())[0].body == b"before"
        link.cut()
        async with asyncio.timeout(LIMIT_SECONDS):
            await reconnected.wait()
        await exchange.publish(Message(b"after"), "")
        assert (await received.take())[0].body == b"after"


async def test_unacked_messages_return_to_a_robust_consumer(link, channel, queue, names):
    await send(channel, queue, "1", "2")
    async with robust_connection(link.url) as (robust, _):
        worker = await robust.channel()
        await worker.set_qos(prefetch_count=2)
        received = await consume(await worker.get_queue(queue.name))
        assert [message.redelivered for message in await received.take(2)] == [False, False]
        link.cut()
        again = await received.take(2)
        assert [(message.body, message.redelivered) for message in again] == [(b"1", True), (b"2", True)]
        for message in again:
            await message.ack()
