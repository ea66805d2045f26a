"""What the documentation asks of systemctl, where systemd does not run: in a container.

Starts the services of ``/etc/systemd/system`` as they are written there: their account, their
environment, their folder, and the socket that systemd would hold for them. Used by
``scripts/test_install.py`` alone.
"""

import configparser
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

UNITS = Path("/etc/systemd/system")
RUNNING = Path("/run/pare-units")
READY_SECONDS = 120


def main(arguments: list[str]) -> int:
    """Do what systemctl would; return its exit code."""
    command, *names = [each for each in arguments if not each.startswith("--")]
    RUNNING.mkdir(exist_ok=True)
    if command == "daemon-reload":
        return 0
    if names == ["nginx"]:
        return subprocess.run(_nginx(), check=False).returncode
    sockets = {name.removesuffix(".socket") for name in names if name.endswith(".socket")}
    for name in names:
        if name.endswith(".service"):
            _service(command, name, has_socket=name.removesuffix(".service") in sockets)
    return 0


def _nginx() -> list[str]:
    running = Path("/run/nginx.pid")
    is_there = running.is_file() and running.read_text().strip()
    return ["nginx", "-s", "reload"] if is_there else ["nginx"]


def _service(command: str, name: str, *, has_socket: bool) -> None:
    pid_file = RUNNING / f"{name}.pid"
    unit = _read(UNITS / name)["Service"]
    if command == "reload":
        reload = unit["ExecReload"].replace("$MAINPID", pid_file.read_text())
        subprocess.run(shlex.split(reload), check=True)
        return
    if command in {"restart", "stop"} and pid_file.is_file():
        _stop(int(pid_file.read_text()))
        pid_file.unlink()
    if command == "stop":
        return
    environment = {"PATH": os.environ["PATH"], **_environment(Path(unit["EnvironmentFile"]))}
    account = ["setpriv", f"--reuid={unit['User']}", f"--regid={unit['Group']}", "--init-groups"]
    holder = []
    if has_socket:
        listen = _read(UNITS / name.replace(".service", ".socket"))["Socket"]["ListenStream"]
        holder = ["systemd-socket-activate", f"--listen={listen}"]
        holder += [f"--setenv={key}={value}" for key, value in environment.items()]
    log = (RUNNING / f"{name}.log").open("ab")
    process = subprocess.Popen(
        [*holder, *account, *shlex.split(unit["ExecStart"])],
        cwd=unit["WorkingDirectory"],
        env=environment,
        stdout=log,
        stderr=log,
        start_new_session=True,
    )
    pid_file.write_text(str(process.pid))
    if holder:
        # systemd starts it at once, and waits until it is ready (Type=notify).
        host, _colon, port = listen.rpartition(":")
        _wait_until_it_answers(host, int(port))


def _wait_until_it_answers(host: str, port: int) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        with (
            suppress(OSError),
            socket.create_connection((host, port), timeout=READY_SECONDS) as visitor,
        ):
            visitor.sendall(b"GET /health/live HTTP/1.0\r\n\r\n")
            if visitor.recv(1):
                return
        time.sleep(0.2)


def _stop(pid: int) -> None:
    os.kill(pid, signal.SIGTERM)
    for _number in range(600):
        if not Path(f"/proc/{pid}").is_dir() or _is_zombie(pid):
            return
        time.sleep(0.1)
    os.kill(pid, signal.SIGKILL)


def _is_zombie(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"


def _read(path: Path) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(path)
    return parser


def _environment(path: Path) -> dict[str, str]:
    lines = (line.partition("=") for line in path.read_text().splitlines() if "=" in line)
    return {name: value for name, _equals, value in lines}


if __name__ == "__main__":
    if shutil.which("setpriv") is None:
        sys.exit("setpriv is missing: install util-linux.")
    sys.exit(main(sys.argv[1:]))
