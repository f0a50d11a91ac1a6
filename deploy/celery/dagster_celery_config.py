"""What a Celery worker reads, by its name on PYTHONPATH: where the broker is, one run at a time.

    celery -A dagster_celery.app worker --concurrency=1 -Q dagster

A message is acknowledged when its run has ended: earlier, and a busy worker would keep the next one
for itself while others are free. Whether a worker lives is asked in Postgres, and a run that has
ended is not begun again by a message that comes twice.
"""

import os

broker_url = os.environ["CELERY_BROKER_URL"]
result_backend = os.environ["CELERY_RESULT_URL"]
broker_connection_retry_on_startup = True
worker_prefetch_multiplier = 1
worker_max_tasks_per_child = 50  # a run's models and tools stay warm for the next ones
task_acks_late = True
task_reject_on_worker_lost = False
broker_transport_options = {"visibility_timeout": 200_000}  # seconds; no run lasts so long
result_expires = 172800
