"""Celery with real worker processes: results, retries, ETAs, control messages, events, and a killed worker."""

import os
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import celery.exceptions
import kombu.pools
import pytest
from celery import chain, group

from celery_tasks import Refused, make_app
from names import Names, unique
from output import Output
from pika_client import Inbox

# A worker imports a lot and takes its time on a busy machine.
START_LIMIT_SECONDS = 30
STOP_LIMIT_SECONDS = 20
LIMIT_SECONDS = 20


class Worker:
    """A worker process that consumes from the queue of an application."""

    def __init__(self, app, *options: str):
        queue = app.conf.task_default_queue
        self.name = f"{unique('worker')}@localhost"
        command = [sys.executable, "-m", "celery", "--app", "celery_worker", "worker"]
        command += ["--hostname", self.name, "--loglevel", "INFO", *options]
        self.process = subprocess.Popen(
            command,
            cwd=Path(__file__).parent,
            env={**os.environ, "INTEROP_BROKER_URL": app.conf.broker_url, "INTEROP_QUEUE": queue},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        try:
            Output(self.process.stdout).wait_for(lambda line: line.endswith(" ready."), START_LIMIT_SECONDS)
        except BaseException:
            self.kill()
            raise

    def stop(self) -> None:
        """Asks for a warm shutdown, in which the worker finishes its tasks, and insists on it."""
        self.process.terminate()
        try:
            assert self.process.wait(STOP_LIMIT_SECONDS) == 0
        finally:
            self.kill()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@contextmanager
def application(broker_url: str):
    """An application with names of its own, which are deleted at the end."""
    with Names(broker_url) as names:
        queue = names.both("celery")
        for exchange in (f"{queue}.control.pidbox", f"reply.{queue}.control.pidbox", f"{queue}.events"):
            names.adopt_exchange(exchange)
        app = make_app(broker_url, queue)
        yield app
        app.backend.result_consumer.stop()
        app.close()


@pytest.fixture(scope="module")
def pools():
    """The connections that applications share when their broker is the same, closed at the end."""
    yield
    kombu.pools.reset()


@pytest.fixture(scope="module")
def worker_and_app(broker_url, pools):
    with application(broker_url) as app:
        worker = Worker(app, "--pool", "threads", "--concurrency", "4", "--task-events")
        yield worker, app
        worker.stop()


@pytest.fixture
def app(worker_and_app):
    return worker_and_app[1]


@pytest.fixture
def worker(worker_and_app):
    return worker_and_app[0]


def send(app, name: str, *arguments, **options):
    return app.send_task(name, arguments, **options)


def test_a_task_returns_its_result(app):
    value = {"text": "žluťoučký 🐎", "list": [1, 2.5, None, True]}
    assert send(app, "echo", value).get(timeout=LIMIT_SECONDS) == value


def test_many_results_find_their_callers(app):
    results = [send(app, "add", number, 1) for number in range(100)]
    assert [result.get(timeout=LIMIT_SECONDS) for result in results] == list(range(1, 101))


def test_a_failure_is_raised_at_the_caller(app):
    with pytest.raises(Refused, match="on purpose"):
        send(app, "fail", "on purpose").get(timeout=LIMIT_SECONDS)


def test_large_arguments_and_results(app):
    value = "x" * 1_000_000
    assert send(app, "echo", value).get(timeout=LIMIT_SECONDS) == value


def test_groups_and_chains(app):
    add = app.tasks["add"]
    assert chain(add.s(1, 2), add.s(10), add.s(100))().get(timeout=LIMIT_SECONDS) == 113
    assert group(add.s(number, number) for number in range(10))().get(timeout=LIMIT_SECONDS) == list(range(0, 20, 2))


def test_a_task_is_retried_until_it_succeeds(app):
    assert send(app, "succeed_at_attempt", 4).get(timeout=LIMIT_SECONDS) == 4


def test_retries_end(app):
    with pytest.raises(celery.exceptions.MaxRetriesExceededError):
        send(app, "succeed_at_attempt", 100).get(timeout=LIMIT_SECONDS)


def test_a_countdown_is_waited_for(app):
    sent = time.time()
    assert send(app, "now", countdown=0.5).get(timeout=LIMIT_SECONDS) >= sent + 0.5


def test_tasks_with_an_eta_do_not_hold_up_others(app):
    # More of them than the worker prefetches.
    eta = datetime.now(UTC) + timedelta(seconds=2)
    waiting = [send(app, "now", eta=eta) for _ in range(20)]
    assert send(app, "now").get(timeout=LIMIT_SECONDS) < eta.timestamp()
    assert all(result.get(timeout=LIMIT_SECONDS) >= eta.timestamp() for result in waiting)


def test_an_expired_task_is_not_run(app):
    past = datetime.now(UTC) - timedelta(seconds=10)
    with pytest.raises(celery.exceptions.TaskRevokedError):
        send(app, "now", expires=past, ignore_result=False).get(timeout=LIMIT_SECONDS)


def test_a_revoked_task_is_not_run(app, worker):
    result = send(app, "now", countdown=1)
    result.revoke()
    # The answer to a ping comes after the revocation has been seen.
    assert app.control.ping(timeout=LIMIT_SECONDS, destination=[worker.name], limit=1)
    with pytest.raises(celery.exceptions.TaskRevokedError):
        result.get(timeout=LIMIT_SECONDS)


def test_control_messages_are_answered(app, worker):
    inspect = app.control.inspect(timeout=LIMIT_SECONDS, limit=1)
    assert "succeed_at_attempt" in inspect.registered()[worker.name]
    [queue] = inspect.active_queues()[worker.name]
    assert queue["name"] == app.conf.task_default_queue


def test_a_worker_starts_and_stops_consuming_when_told(app, worker, names, channel):
    extra = names.both("extra")
    arguments = {"exchange": extra, "destination": [worker.name], "reply": True, "timeout": LIMIT_SECONDS, "limit": 1}
    [answer] = app.control.add_consumer(extra, **arguments)
    assert "ok" in answer[worker.name]
    assert send(app, "echo", "elsewhere", queue=extra).get(timeout=LIMIT_SECONDS) == "elsewhere"
    [answer] = app.control.cancel_consumer(extra, destination=[worker.name], reply=True, timeout=LIMIT_SECONDS, limit=1)
    assert "ok" in answer[worker.name]
    assert channel.queue_declare(extra, passive=True).method.consumer_count == 0


def test_events_tell_what_tasks_do(app):
    seen = []
    with app.connection_for_read() as connection:
        receiver = app.events.Receiver(connection, handlers={"*": lambda event: seen.append(event)})
        with receiver.consumer_context() as (consuming, _, _):
            result = send(app, "add", 1, 1)
            while not any(event["type"] == "task-succeeded" and event["uuid"] == result.id for event in seen):
                consuming.drain_events(timeout=LIMIT_SECONDS)
    mine = [event["type"] for event in seen if event.get("uuid") == result.id]
    assert mine == ["task-received", "task-started", "task-succeeded"]


def test_a_task_acked_late_moves_on_when_its_worker_is_killed(broker_url, pools, channel, names):
    started_queue = names.queue("started")
    channel.queue_declare(started_queue, durable=True)
    started = Inbox(channel, started_queue, auto_ack=True)
    # They need not know each other, and are ready sooner for it.
    options = ("--pool", "solo", "--without-mingle", "--without-gossip")
    with application(broker_url) as app:
        first = Worker(app, *options)
        result = send(app, "hold_at_first", started_queue)
        try:
            assert len(started.take()) == 1
        finally:
            first.kill()
        second = Worker(app, *options)
        try:
            assert result.get(timeout=LIMIT_SECONDS) == second.name
        finally:
            second.stop()
    started.assert_empty()
