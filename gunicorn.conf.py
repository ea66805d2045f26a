"""Web server: started by ``gunicorn`` at the root of the repository, without arguments."""

import gc
import os
import shutil
import tempfile
from typing import Any

from core.files.temporary import sweep_temporary_files

wsgi_app = "pare.wsgi"
pythonpath = "site"

# A reverse proxy stands before it. In a container, where it is another machine: HOST=0.0.0.0.
bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = int(os.environ.get("WEB_THREADS", "4"))

# A worker that leaks does so for a while only; not all at the same moment.
max_requests = 2000
max_requests_jitter = 200

# Workers tell that they are alive through a file: on a disk, that can block for seconds.
if os.path.isdir("/dev/shm"):  # noqa: S108
    worker_tmp_dir = "/dev/shm"  # noqa: S108

# The socket for gunicornc is in the home folder, which the image's account doesn't have.
control_socket_disable = True

# No access log here (gunicorn's default is none): it would keep the addresses of people who look
# for help. The reverse proxy's log should not have them either.


if os.environ.get("METRICS_TOKEN") and "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
    # Where the processes add up what they counted; only this one, which starts them, clears it.
    _counts = tempfile.mkdtemp(prefix="pare-metrics-")
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = _counts


def on_exit(server: Any) -> None:
    """Leave nothing behind."""
    if folder := globals().get("_counts"):
        shutil.rmtree(folder, ignore_errors=True)


def child_exit(server: Any, worker: Any) -> None:
    """Add what a process counted to the sums, so that its files may go."""
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        from prometheus_client import multiprocess  # noqa: PLC0415 (only where it is used)

        multiprocess.mark_process_dead(worker.pid)


def post_worker_init(worker: Any) -> None:
    """Remove what a killed worker left behind, and spare the garbage collector the program itself.

    The program lives as long as its worker.
    """
    sweep_temporary_files()
    gc.collect()
    gc.freeze()
