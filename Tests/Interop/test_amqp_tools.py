"""The command line tools of librabbitmq: amqp-publish, amqp-get, amqp-consume and their kin."""

import os
import shutil
import signal
import subprocess

import pytest

from broker import variant
from output import Output
from pika_client import eventually, is_routed, publish, ready_count

LIMIT_SECONDS = 10

pytestmark = pytest.mark.skipif(not shutil.which("amqp-publish"), reason="amqp-tools is not installed")


@pytest.fixture
def tool(broker_url):
    """Runs a tool to its end: `tool("get", "-q", queue)`. Its output is octets."""

    def tool(name: str, *arguments: str, octets: bytes = b"", url: str = broker_url, status: int = 0):
        command = [f"amqp-{name}", f"--url={url}", *arguments]
        done = subprocess.run(command, input=octets, capture_output=True, timeout=LIMIT_SECONDS, check=False)
        assert done.returncode == status, f"{command} exited with {done.returncode}: {done.stderr.decode()}"
        return done

    return tool


@pytest.fixture
def queue(tool, names):
    name = names.queue("tools")
    assert tool("declare-queue", "--queue", name, "--durable").stdout.decode().strip() == name
    return name


def test_publish_and_get(tool, queue):
    tool("publish", "--routing-key", queue, "--body", "Grüße 🐇")
    assert tool("get", "--queue", queue).stdout.decode() == "Grüße 🐇"
    # Status 2 says that the queue is empty.
    tool("get", "--queue", queue, status=2)


def test_publish_with_properties(tool, channel, queue):
    options = ["--persistent", "--content-type", "text/x-test", "--content-encoding", "utf-8", "--reply-to", "back"]
    tool("publish", "--routing-key", queue, *options, "--header", "colour: red", octets=b"from standard input")
    _, properties, body = channel.basic_get(queue, auto_ack=True)
    assert (properties.content_type, properties.content_encoding) == ("text/x-test", "utf-8")
    assert (properties.delivery_mode, properties.reply_to, properties.headers) == (2, "back", {"colour": "red"})
    assert body == b"from standard input"


def test_large_bodies(tool, queue):
    body = bytes(range(256)) * 8192
    tool("publish", "--routing-key", queue, octets=body)
    assert tool("get", "--queue", queue).stdout == body


def test_lines_become_messages(tool, channel, queue):
    tool("publish", "--routing-key", queue, "--line-buffered", octets=b"one\ntwo\nthree\n")
    consumed = tool("consume", "--queue", queue, "--count", "3", "cat").stdout
    assert consumed.split() == [b"one", b"two", b"three"]
    assert ready_count(channel, queue) == 0


def test_consume_takes_no_more_than_it_is_told(tool, channel, queue):
    publish(channel, queue, "1\n", "2\n", "3\n", "4\n", "5\n")
    assert tool("consume", "--queue", queue, "--count", "2", "--prefetch-count", "1", "cat").stdout == b"1\n2\n"
    eventually(lambda: ready_count(channel, queue) == 3, "the return of what was not consumed")
    assert tool("consume", "--queue", queue, "--count", "3", "--no-ack", "cat").stdout == b"3\n4\n5\n"


def test_a_subscriber_binds_a_queue_of_its_own(tool, broker_url, channel, names):
    exchange = names.exchange("topics")
    channel.exchange_declare(exchange, "topic")
    command = ["amqp-consume", f"--url={broker_url}", "--exchange", exchange, "--routing-key", "news.#"]
    subscriber = subprocess.Popen([*command, "--count", "1", "cat"], stdout=subprocess.PIPE)
    try:
        output = Output(subscriber.stdout)
        eventually(lambda: is_routed(channel, "news.today", exchange), "the subscriber's binding")
        assert output.wait_for(lambda line: line == "probe", LIMIT_SECONDS)
        assert subscriber.wait(LIMIT_SECONDS) == 0
    finally:
        subscriber.kill()
        subscriber.wait()


def test_a_killed_consumer_returns_its_message(broker_url, channel, queue):
    publish(channel, queue, "held")
    # The shell says that it has the message, and then never ends, so that the tool does not acknowledge.
    command = ["amqp-consume", f"--url={broker_url}", "--queue", queue, "--", "sh", "-c", "cat; echo; exec sleep 60"]
    consumer = subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True)
    try:
        Output(consumer.stdout).wait_for(lambda line: line == "held", LIMIT_SECONDS)
        assert ready_count(channel, queue) == 0
    finally:
        kill_session(consumer)
    eventually(lambda: ready_count(channel, queue) == 1, "the return of the message")
    assert channel.basic_get(queue, auto_ack=True)[0].redelivered


def kill_session(process: subprocess.Popen) -> None:
    """Kills a process that leads a session of its own, and the children in it."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def test_delete_queue(tool, channel, queue):
    publish(channel, queue, "1", "2")
    tool("delete-queue", "--queue", queue, "--if-empty", status=1)
    assert tool("delete-queue", "--queue", queue).stdout.split()[-1] == b"2"
    failed = tool("get", "--queue", queue, status=1)
    assert b"404" in failed.stderr
    assert queue.encode() in failed.stderr


def test_redeclaring_differently_is_refused(tool, queue):
    failed = tool("declare-queue", "--queue", queue, status=1)
    assert b"406" in failed.stderr


def test_a_wrong_password_is_refused(tool, broker_url, queue):
    failed = tool("get", "--queue", queue, url=variant(broker_url, password="interop-wrong"), status=1)
    assert b"403" in failed.stderr


def test_an_unknown_virtual_host_is_refused(tool, broker_url, queue):
    failed = tool("get", "--queue", queue, url=variant(broker_url, vhost="interop-missing"), status=1)
    assert b"530" in failed.stderr
