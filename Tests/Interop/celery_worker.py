"""What `celery -A celery_worker worker` runs."""

import os

from celery_tasks import make_app

app = make_app(os.environ["INTEROP_BROKER_URL"], os.environ["INTEROP_QUEUE"])
