"""Follow docs/operations.md word by word, on a machine to throw away: ``make test-install``.

Runs the blocks of « Install on Debian », as root, then looks at the site as visitors, programs and
operators do; then those of « A new release without a gap », with visitors all along. What these
lines leave on the machine is removed at the end.
"""

import argparse
import gzip
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from contextlib import suppress
from email.message import Message
from pathlib import Path
from typing import Any, NamedTuple

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "operations.md"
HOST = "localhost"
PASSWORD = "un-mot-de-passe-d-essai"  # noqa: S105
LEFT_BEHIND = (
    *("/srv/pare", "/etc/pare", "/usr/local/bin/pare-manage", "/run/pare-units"),
    *("/etc/nginx/sites-available/pare", "/etc/nginx/sites-enabled/pare"),
    "/etc/nginx/pare-proxy.conf",
)
UNITS = Path("/etc/systemd/system")


class Answer(NamedTuple):
    """What a visitor gets."""

    status: int
    headers: Message
    text: str


def main() -> int:
    """Install, look, upgrade and clean up; return 0 if all went well."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", action="store_true", help="leave the site installed and running")
    keep = parser.parse_args().keep
    if os.geteuid() != 0:
        sys.exit("As root, on a machine that may be thrown away.")
    if Path("/srv/pare").exists() or Path("/etc/pare").exists():
        sys.exit("/srv/pare or /etc/pare is there already: this is for an empty machine.")
    sink = Controller(Sink(), hostname="127.0.0.1", port=2525)
    sink.start()
    try:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            follow("Install on Debian", folder, answers=f"{PASSWORD}\n")
            warm_up()
            look()
            look_through_caddy(folder)
            upgrade_with_visitors(folder)
            measure()
    except (subprocess.CalledProcessError, SystemExit):
        for log in sorted(Path("/run/pare-units").glob("*.log")):
            print(f"\n=== {log.name}\n{log.read_text()[-3000:]}")
        raise
    finally:
        sink.stop()
        if not keep:
            clean_up()
    print("\nFollowed: a site over TLS, looked at, upgraded without a refusal, and removed.")
    return 0


def blocks(title: str) -> str:
    """Return the lines of a section that are to be run."""
    text = PAGE.read_text()
    section = text.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    found = re.findall(r"^```sh\n(.*?)^```", section, flags=re.MULTILINE | re.DOTALL)
    if not found:
        sys.exit(f"{PAGE.name} has no section « {title} » with lines to run.")
    return "".join(found)


def follow(title: str, folder: Path, answers: str = "") -> None:
    """Run the lines of a section in one shell, each shown; the first that fails ends it."""
    print(f"\n=== {title}", flush=True)
    programs = folder / "bin"
    programs.mkdir(exist_ok=True)
    if not Path("/run/systemd/system").is_dir():
        stub = programs / "systemctl"
        stub.write_text(f'#!/bin/sh\nexec {sys.executable} {ROOT}/scripts/systemctl.py "$@"\n')
        stub.chmod(0o755)
    environment = {
        "PATH": f"{programs}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": "/root",
        "LC_ALL": "C.UTF-8",
        "DEBIAN_FRONTEND": "noninteractive",
        "SITE_HOST": HOST,
        "REPOSITORY": f"file://{ROOT}",
        "EMAIL_URL": "smtp://127.0.0.1:2525",
        # The checkout belongs to another account where it is mounted into a container.
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "safe.directory",
        "GIT_CONFIG_VALUE_0": "*",
    }
    subprocess.run(
        ["bash", "-euxo", "pipefail", "-c", blocks(title)],
        input=answers,
        text=True,
        env=environment,
        cwd="/",
        check=True,
    )


def get(
    path: str,
    *,
    scheme: str = "https",
    host: str = HOST,
    certificate: str = "/etc/pare/certificate.pem",
    **headers: str,
) -> Answer:
    """Return what a visitor gets, who follows no redirection."""

    class NoRedirect(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_args: Any, **_kwargs: Any) -> None:
            return None

    trusted = ssl.create_default_context(cafile=certificate)
    opener = urllib.request.build_opener(
        NoRedirect, urllib.request.HTTPSHandler(context=trusted), urllib.request.ProxyHandler({})
    )
    address = f"{scheme}://{host}{path}"
    request = urllib.request.Request(address, headers=headers)  # noqa: S310 (one of the two)
    try:
        response = opener.open(request, timeout=60)
    except urllib.error.HTTPError as error:
        response = error
    with response:
        content = response.read()
        if response.headers.get("Content-Encoding") == "gzip":
            content = gzip.decompress(content)
        return Answer(response.status, response.headers, content.decode(errors="replace"))


def expect(what: str, found: object, wanted: object = True) -> None:
    """Print what is right, or end with what is not."""
    if found != wanted:
        sys.exit(f"WRONG  {what}: {found!r}, not {wanted!r}")
    print(f"right  {what}")


def warm_up() -> None:
    """Wait until both processes have answered."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with suppress(OSError):
            if get("/").status == 200:  # noqa: PLR2004
                return
        time.sleep(0.5)
    sys.exit("The site does not answer within a minute.")


def look() -> None:
    """Look at the site as visitors, programs and operators do."""
    print("\n=== Looking at it", flush=True)
    home = get("/", **{"Accept-Encoding": "gzip"})
    expect("the home page", (home.status, "Projet PARÉ" in home.text), (200, True))
    expect("it is compressed", home.headers["Content-Encoding"], "gzip")
    expect("browsers stay with HTTPS", "max-age" in home.headers["Strict-Transport-Security"])
    expect("no cookie on reading", home.headers["Set-Cookie"], None)
    expect("requests are numbered", len(home.headers["X-Request-ID"]), 32)
    plain = get("/ressources/", scheme="http")
    expect(
        "HTTP leads to HTTPS",
        (plain.status, plain.headers["Location"]),
        (301, f"https://{HOST}/ressources/"),
    )
    login = get("/admin/login/", **{"Accept-Encoding": "gzip"})
    expect("the sign-in page", (login.status, login.headers["Content-Encoding"]), (200, None))
    api = json.loads(get("/api/v1/resources/").text)
    expect("the API", api["count"], 0)
    expect(
        "addresses of the API are the public ones", f"https://{HOST}/" in get("/sitemap.xml").text
    )
    for path in ("/metrics", "/health/ready"):
        # From this machine nginx lets it pass, and the site asks for its token.
        expect(f"{path} from inside", get(path).status, {"/metrics": 401}.get(path, 200))
    for path in ("/media/../private/", "/media/", "/private/documents/", "/.env"):
        expect(f"{path} shows nothing", get(path).status in {301, 302, 400, 403, 404})
    log = Path("/var/log/nginx/pare.log")
    expect(
        "no address of a visitor is kept",
        "127.0.0.1" in (log.read_text() if log.exists() else ""),
        False,
    )
    expect("a file that is too large is refused", post_size(140_000_000), 413)


def look_through_caddy(folder: Path) -> None:
    """Look at the site through Caddy, which makes its own certificate for this machine."""
    if not shutil.which("caddy"):
        print("LEFT OUT: Caddy, which is not installed (apt-get install caddy)")
        return
    print("\n=== Through Caddy", flush=True)
    host = f"{HOST}:8443"
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "SITE_HOST": f"https://{host}",
        "HTTP_PORT": "8081",  # nginx has the other.
        "MEDIA_ROOT": "/srv/pare/var/media",
    }
    config = ROOT / "deploy" / "caddy" / "Caddyfile"
    command = ["caddy", "run", "--adapter", "caddyfile", "--config", str(config)]
    with (folder / "caddy.log").open("wb") as log:
        caddy = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        certificate = folder / ".local/share/caddy/pki/authorities/local/root.crt"
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with suppress(OSError), socket.create_connection((HOST, 8443), timeout=1):
                break
            time.sleep(0.2)

        def through(path: str, **headers: str) -> Answer:
            return get(path, host=host, certificate=str(certificate), **headers)

        home = through("/", **{"Accept-Encoding": "gzip"})
        expect("the home page", (home.status, home.headers["Content-Encoding"]), (200, "gzip"))
        login = through("/admin/login/", **{"Accept-Encoding": "gzip"})
        expect("the sign-in page", (login.status, login.headers["Content-Encoding"]), (200, None))
        for path in ("/metrics", "/health/ready", "/media/", "/media/../private/"):
            expect(f"{path} shows nothing", through(path).status, 404)
        shown = (folder / "caddy.log").read_text()
        expect("Caddy keeps no address of a visitor", "remote_ip" in shown, False)
    finally:
        caddy.terminate()
        caddy.wait()


def post_size(size: int) -> int:
    """Return what is answered to a form of this size, which is announced and not sent."""
    done = subprocess.run(
        [
            *("curl", "--silent", "--cacert", "/etc/pare/certificate.pem", "--max-time", "20"),
            *("--output", os.devnull, "--write-out", "%{http_code}", "--http1.1"),
            *("--header", f"Content-Length: {size}", "--data-binary", "x"),
            f"https://{HOST}/contribuer/",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    return int(done.stdout or 0)


def upgrade_with_visitors(folder: Path) -> None:
    """Upgrade while visitors read, and expect that none of them was refused."""
    counts = {"right": 0}
    refusals: list[str] = []
    longest = 0.0
    done = threading.Event()

    def visit() -> None:
        nonlocal longest
        while not done.is_set():
            began = time.monotonic()
            try:
                status = get("/").status
            except OSError as error:
                refusals.append(f"{type(error).__name__}: {error}")
                continue
            longest = max(longest, time.monotonic() - began)
            if status == 200:  # noqa: PLR2004
                counts["right"] += 1
            else:
                refusals.append(str(status))

    visitors = [threading.Thread(target=visit) for _number in range(4)]
    for each in visitors:
        each.start()
    follow("A new release without a gap", folder)
    time.sleep(10)
    done.set()
    for each in visitors:
        each.join()
    expect(
        f"{counts['right']} visits while it was upgraded, the longest {longest:.1f} s", refusals, []
    )


def measure() -> None:
    """Print what the site takes of the memory, shared pages counted once."""
    print("\n=== Memory")
    total = 0
    for folder in Path("/proc").iterdir():
        with suppress(OSError, ValueError):
            words = (folder / "cmdline").read_bytes().split(b"\0")
            if not any(b"/srv/pare" in word for word in words):
                continue
            lines = (folder / "smaps_rollup").read_text().splitlines()[1:]
            kilobytes = int(dict(line.split()[:2] for line in lines)["Pss:"])
            total += kilobytes
            print(f"{kilobytes / 1024:7.0f} MB  {b' '.join(words[:4]).decode(errors='replace')}")
    print(f"{total / 1024:7.0f} MB  in all")


def clean_up() -> None:
    """Remove what the documentation's lines made on this machine."""
    print("\n=== Removing it", flush=True)
    subprocess.run(["pkill", "-KILL", "-u", "pare"], check=False)
    subprocess.run(["nginx", "-s", "stop"], check=False, capture_output=True)
    for command in (
        ["dropdb", "--force", "--if-exists", "pare"],
        ["dropuser", "--if-exists", "pare"],
    ):
        subprocess.run(["runuser", "-u", "postgres", "--", *command], check=False)
    for name in [*LEFT_BEHIND, *map(str, UNITS.glob("pare-*"))]:
        path = Path(name)
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    subprocess.run(["deluser", "--quiet", "pare"], check=False)


if __name__ == "__main__":
    sys.exit(main())
