"""The settings of workers in processes of their own: tasks in the database, and short leases."""

from pare.settings.test import *  # noqa: F403
from pare.settings.test import TASKS

TASKS = {"default": {**TASKS["default"], "BACKEND": "django_tasks_db.DatabaseBackend"}}
WORK_LEASE_SECONDS = 2
