"""The Celery application of the suite: the worker processes run it, and the tests call its tasks."""

import threading
import time
from functools import partial

from celery import Celery

# A worker that is not killed in time gives up, so that none outlives the suite.
HOLD_LIMIT_SECONDS = 60


class Refused(Exception):
    """What the task that fails on purpose raises."""


def make_app(broker_url: str, queue: str) -> Celery:
    """An application whose tasks, control messages and events all keep to names that begin with `queue`."""
    app = Celery("interop", broker=broker_url, backend="rpc://")
    app.conf.update(
        task_default_queue=queue,
        control_exchange=f"{queue}.control",
        event_exchange=f"{queue}.events",
        event_queue_prefix=f"{queue}.events",
        worker_prefetch_multiplier=2,
        broker_connection_retry_on_startup=True,
        result_expires=60,
    )

    # Shared tasks would belong to every application of a process.
    task = partial(app.task, shared=False)

    @task(name="echo")
    def echo(value):
        return value

    @task(name="add")
    def add(x, y):
        return x + y

    @task(name="fail")
    def fail(text):
        raise Refused(text)

    @task(name="succeed_at_attempt", bind=True, max_retries=5)
    def succeed_at_attempt(self, attempt):
        if self.request.retries + 1 < attempt:
            raise self.retry(countdown=0.1)
        return self.request.retries + 1

    @task(name="now")
    def now():
        return time.time()

    @task(name="hold_at_first", bind=True, acks_late=True)
    def hold_at_first(self, started_queue):
        if not self.request.delivery_info["redelivered"]:
            with app.producer_pool.acquire(block=True) as producer:
                producer.publish("started", exchange="", routing_key=started_queue)
            threading.Event().wait(HOLD_LIMIT_SECONDS)
        return self.request.hostname

    return app
