"""What survives a restart of the broker. Runs only against a harrier that the suite starts itself.

After a crash it promises more than RabbitMQ, which may forget a declaration or bring back a committed ack.
"""

from contextlib import suppress

import pika
import pika.exceptions
import pytest

from broker import HarrierProcess
from pika_client import drain, publish

QUEUE, EXCHANGE = "interop.durable", "interop.durable-exchange"

ENDS = pytest.mark.parametrize("end", [HarrierProcess.stop, HarrierProcess.kill], ids=["stop", "crash"])


@pytest.fixture
def reach(own_harrier):
    """Opens a confirming channel to the broker as it runs now, and closes the connection after the test."""
    connections = []

    def reach():
        connections.append(pika.BlockingConnection(pika.URLParameters(own_harrier.url)))
        channel = connections[-1].channel()
        channel.confirm_delivery()
        return channel

    yield reach
    for connection in connections:
        with suppress(pika.exceptions.AMQPError):
            connection.close()


@ENDS
def test_durable_things_and_persistent_messages_survive(own_harrier, reach, end):
    channel = reach()
    channel.exchange_declare(EXCHANGE, "topic", durable=True)
    channel.queue_declare(QUEUE, durable=True, arguments={"x-max-length": 1000})
    channel.queue_bind(QUEUE, EXCHANGE, "order.#")
    bodies = [b"%d" % number for number in range(100)]
    publish(channel, "order.new", *bodies, exchange=EXCHANGE, delivery_mode=2, headers={"kept": ["yes", 1]})
    channel.connection.close()
    end(own_harrier)
    own_harrier.start()
    channel = reach()
    channel.exchange_declare(EXCHANGE, "topic", durable=True)
    channel.queue_declare(QUEUE, durable=True, arguments={"x-max-length": 1000})
    publish(channel, "order.late", "100", exchange=EXCHANGE, delivery_mode=2)
    _, properties, body = channel.basic_get(QUEUE, auto_ack=True)
    assert (body, properties.headers, properties.delivery_mode) == (b"0", {"kept": ["yes", 1]}, 2)
    assert drain(channel, QUEUE) == [*bodies[1:], b"100"]


@ENDS
def test_transient_things_do_not_survive(own_harrier, reach, end):
    channel = reach()
    channel.queue_declare("interop.transient")
    channel.exchange_declare("interop.transient-exchange", "direct")
    channel.queue_declare(QUEUE, durable=True)
    publish(channel, QUEUE, "transient", delivery_mode=1)
    publish(channel, QUEUE, "persistent", delivery_mode=2)
    channel.connection.close()
    end(own_harrier)
    own_harrier.start()
    assert drain(reach(), QUEUE) == [b"persistent"]
    for declare, name in [("queue_declare", "interop.transient"), ("exchange_declare", "interop.transient-exchange")]:
        with pytest.raises(pika.exceptions.ChannelClosedByBroker) as refusal:
            getattr(reach(), declare)(name, passive=True)
        assert refusal.value.reply_code == 404


@ENDS
def test_settled_messages_stay_settled_and_unacked_ones_return(own_harrier, reach, end):
    channel = reach()
    channel.queue_declare(QUEUE, durable=True)
    publish(channel, QUEUE, "acked", "unacked", "ready", delivery_mode=2)
    settling = channel.connection.channel()
    # A commit returns when the ack is on disk, which a plain ack does not tell.
    settling.tx_select()
    settling.basic_ack(settling.basic_get(QUEUE)[0].delivery_tag)
    settling.tx_commit()
    assert settling.basic_get(QUEUE)[2] == b"unacked"
    end(own_harrier)
    own_harrier.start()
    assert drain(reach(), QUEUE) == [b"unacked", b"ready"]


def test_deleted_things_stay_deleted(own_harrier, reach):
    channel = reach()
    channel.exchange_declare(EXCHANGE, "fanout", durable=True)
    channel.queue_declare(QUEUE, durable=True)
    channel.queue_bind(QUEUE, EXCHANGE)
    publish(channel, QUEUE, "gone", delivery_mode=2)
    channel.queue_delete(QUEUE)
    channel.queue_declare(QUEUE, durable=True)
    channel.connection.close()
    own_harrier.stop()
    own_harrier.start()
    channel = reach()
    assert drain(channel, QUEUE) == []
    with pytest.raises(pika.exceptions.UnroutableError):
        publish(channel, "", "to nobody", exchange=EXCHANGE)
    channel.exchange_delete(EXCHANGE)
    channel.connection.close()
    own_harrier.stop()
    own_harrier.start()
    with pytest.raises(pika.exceptions.ChannelClosedByBroker) as refusal:
        reach().exchange_declare(EXCHANGE, passive=True)
    assert refusal.value.reply_code == 404


def test_clients_are_told_that_the_broker_stops(own_harrier, reach):
    connection = reach().connection
    own_harrier.stop()
    with pytest.raises(pika.exceptions.ConnectionClosedByBroker) as closed:
        connection.process_data_events(time_limit=5)
    assert closed.value.reply_code == 320
