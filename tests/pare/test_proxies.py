"""The proxies of deploy/ keep slow visitors to themselves, and name no version."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import threading
import time
from contextlib import ExitStack
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gunicorn
import pytest
from django.conf import settings

if TYPE_CHECKING:
    from collections.abc import Iterator

DEPLOY = Path(settings.ROOT_DIR) / "deploy"
SLOW = 16


class Site(BaseHTTPRequestHandler):
    """Stands for the site, which has one thread for each request in hand."""

    in_hand = 0
    most = 0

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        type(self).in_hand += 1
        type(self).most = max(self.most, self.in_hand)
        self.rfile.read(int(self.headers["Content-Length"]))
        type(self).in_hand -= 1
        self._answer()

    def _answer(self) -> None:
        self.send_response_only(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_arguments: Any) -> None:
        """Print nothing."""


@pytest.fixture
def site() -> Iterator[int]:
    """Run it, and return its port."""
    Site.in_hand = Site.most = 0
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    server.server_close()
    thread.join()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def run_nginx(folder: Path, upstream: int) -> tuple[int, list[str]]:
    """Write our configuration for a folder and a port, without TLS; return what runs it."""
    port = free_port()
    text = (DEPLOY / "nginx" / "pare.conf").read_text(encoding="utf-8")
    first = text.index("server {\n    listen 80;")
    second = text.index("server {\n    listen 443")
    of_site = re.sub(r"\n    (ssl_|listen \[)[^\n]*", "", text[second:])
    of_site = of_site.replace("listen 443 ssl http2;", f"listen 127.0.0.1:{port};")
    text = (text[:first] + of_site).replace("127.0.0.1:8000", f"127.0.0.1:{upstream}")
    text = text.replace("/etc/nginx/pare-proxy.conf", str(DEPLOY / "nginx" / "pare-proxy.conf"))
    text = text.replace("/var/log/nginx/pare.log", str(folder / "pare.log"))
    temporary = "".join(
        f"{name}_temp_path {folder}/{name};"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/pid; error_log {folder}/error.log;"
        f"events {{ }} http {{ {temporary}\n{text} }}",
        encoding="utf-8",
    )
    return port, ["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")]


@pytest.fixture
def nginx(site: int, tmp_path: Path) -> Iterator[int]:
    """Run nginx with our configuration before the site, and return its port."""
    program = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
    if program is None:
        pytest.skip("needs nginx")
    port, command = run_nginx(tmp_path, site)
    process = subprocess.Popen([program, *command[1:]], stderr=subprocess.PIPE)
    try:
        for _ in range(100):
            with socket.socket() as trial:
                if trial.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert process.poll() is None, process.stderr and process.stderr.read()
            time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait()
        if process.stderr:
            process.stderr.close()


def get(port: int) -> tuple[int, str, float]:
    """Return the status and the server of an answer to a reader, and its seconds."""
    start = time.monotonic()
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("GET", "/", headers={"Host": "www.example.org"})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status, answer.getheader("Server", ""), time.monotonic() - start


def test_half_open_connections_and_slow_uploads_reach_no_thread_of_the_site(nginx: int) -> None:
    with ExitStack() as slow:
        for number in range(SLOW):
            opened = slow.enter_context(socket.create_connection(("127.0.0.1", nginx)))
            if number % 4 == 0:
                continue
            opened.sendall(b"POST /contribuer/ressource/ HTTP/1.1\r\nHost: www.example.org\r\n")
            if number % 2:
                opened.sendall(b"Content-Length: 100000\r\n\r\nun peu")
        time.sleep(0.2)

        status, _server, seconds = get(nginx)

    assert status == 200
    assert seconds < 1
    assert Site.most == 0, "nginx passes on what it has whole"


def test_one_visitor_has_so_many_connections_and_no_more(nginx: int) -> None:
    with ExitStack() as slow:
        for _ in range(32):
            opened = slow.enter_context(socket.create_connection(("127.0.0.1", nginx)))
            opened.sendall(
                b"POST / HTTP/1.1\r\nHost: www.example.org\r\nContent-Length: 9\r\n\r\nun"
            )
        time.sleep(0.3)

        assert get(nginx)[0] == 503

    time.sleep(0.2)
    assert get(nginx)[0] == 200


def test_no_answer_names_a_version(nginx: int) -> None:
    assert get(nginx)[1] == "nginx"
    assert gunicorn.SERVER == "gunicorn"
    blocks = (DEPLOY / "nginx" / "pare.conf").read_text(encoding="utf-8").split("\nserver {")[1:]
    assert len(blocks) == 2
    assert all("server_tokens off;" in block for block in blocks)
