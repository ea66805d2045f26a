"""The site on two hosts, with a replica of its database and a pooler in front of the primary."""

from __future__ import annotations

import json
import signal
import time
from collections import Counter
from contextlib import ExitStack, closing
from html import unescape
from typing import TYPE_CHECKING, Any, NamedTuple

import psycopg2
import pytest
from django.db import connection
from django.urls import reverse

from core.absences import LOG_SECONDS
from events.api import REGISTRATION_RATE
from events.models import TrainingPage
from newsletter import sending
from newsletter.models import Mailing
from resources.models import NewsPage
from scripts.postgresql import Cluster, Unusable, own_cluster, own_replica
from tests.factories.newsletter import validated_issue
from tests.factories.publishing import publish
from tests.faults.conftest import FIGURES, Measured, build_site, public_paths
from tests.faults.ledger import check_files, check_letters, settle
from tests.faults.sink import Sink
from tests.faults.stack import LONGEST, Stack, connected, fill, wait_until
from tests.faults.traffic import Traffic, Visitors
from tests.pgbouncer import Pooler, pooler
from tests.redis import redis_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.postgres, pytest.mark.faults]
TOKEN = "jeton-des-mesures"
PUBLICATIONS = 12


class Site(NamedTuple):
    """Two hosts, and what they share."""

    first: Stack
    second: Stack
    primary: Cluster
    replica: Cluster
    pooler: Pooler

    def hosts(self) -> tuple[Stack, Stack]:
        """Return both hosts."""
        return self.first, self.second

    def built_from(self) -> Counter[str]:
        """Return how many answers were found in the cache, built from the replica, or not."""
        found: Counter[str] = Counter()
        for host in self.hosts():
            headers = {"Authorization": f"Bearer {TOKEN}"}
            _status, content, _headers = host.request("GET", "/metrics", headers=headers)
            for line in content.decode().splitlines():
                if line.startswith("pare_cached_responses_total{"):
                    found[line.split('"')[1]] += int(float(line.split()[-1]))
        return found

    def sql(self, cluster: Cluster, statement: str) -> Any:
        """Run a statement on one of the clusters; return the first column of its first row."""
        with closing(psycopg2.connect(dbname="pare", **cluster.address)) as session:
            session.autocommit = True
            with session.cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetchone()[0] if cursor.description else None

    def follows(self) -> bool:
        """Return whether the replica has all that the primary has."""
        position = self.sql(self.primary, "SELECT pg_current_wal_lsn()")
        return bool(self.sql(self.replica, f"SELECT pg_last_wal_replay_lsn() >= '{position}'"))


@pytest.fixture(scope="module")
def site(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """Two web servers and two workers on a filled site."""
    folder: Path = tmp_path_factory.mktemp("hosts")
    with ExitStack() as everything:
        try:
            primary = everything.enter_context(own_cluster(keeps_commits=True, streams=True))
        except Unusable as reason:
            pytest.skip(f"needs a PostgreSQL of its own: {reason}")
        everything.enter_context(django_db_blocker.unblock())
        fill(primary)
        replica = everything.enter_context(own_replica(primary))
        pool = everything.enter_context(pooler(primary))
        redis = everything.enter_context(redis_server())
        sink = everything.enter_context(Sink())
        more = {
            "DATABASE_URL": pool.url,
            "DATABASE_IS_POOLED": "true",
            "DATABASE_REPLICA_URL": replica.url,
            "METRICS_TOKEN": TOKEN,
        }
        first = Stack(folder / "first", primary, redis, sink, more)
        second = first.beside(folder / "second")
        everything.enter_context(connected(first))
        build_site()
        for host in (first, second):
            everything.callback(host.end)
            host.start_web()
            host.start_worker()
        yield Site(first, second, primary, replica, pool)


@pytest.fixture
def visitors(site: Site) -> tuple[Visitors, Visitors]:
    """People of each host."""
    first = TrainingPage.objects.order_by("pk").first()
    assert first
    paths = public_paths()
    return tuple(Visitors(host, first.pk, paths) for host in site.hosts())  # type: ignore[return-value]


@pytest.fixture
def measured(
    site: Site, visitors: tuple[Visitors, Visitors], request: pytest.FixtureRequest
) -> Iterator[Measured]:
    """What came of it. At the end all that is owed must have been done."""
    found = Measured(request.node.name)
    before = site.built_from()
    try:
        yield found
        connection.close()
        for host in site.hosts():
            if not host.workers:
                host.start_worker()
        found.note(settled=f"{settle():.1f} s")
        for each in visitors:
            letters = check_letters(site.first, each)
        check_files(site.first)
    except BaseException:
        print(*(host.log_text()[-8_000:] for host in site.hosts()))
        raise
    found.note(
        answers=" / ".join(each.counts() for each in visitors),
        built=dict(site.built_from() - before),
        letters=dict(letters),
    )
    request.node.user_properties.append((FIGURES, str(found)))


def paused(site: Site, *, is_paused: bool) -> None:
    """Have the replica stay where it is, or go on."""
    site.sql(site.replica, f"SELECT pg_wal_replay_{'pause' if is_paused else 'resume'}()")


def test_nobody_reads_what_was_before_however_late_the_replica_is(
    site: Site, measured: Measured
) -> None:
    """On either host, at once after a publication, in the middle of which the replica stops."""
    page = NewsPage.objects.live().order_by("pk").first()
    assert page
    stale = []
    slowest = 0.0
    for number in range(PUBLICATIONS):
        if number == PUBLICATIONS // 3:
            paused(site, is_paused=True)
        if number == 2 * PUBLICATIONS // 3:
            paused(site, is_paused=False)
        page.title = f"Le titre numéro {number}"
        publish(page)
        for host in site.hosts():
            for path in (page.url, f"{reverse('api_v1:list_news')}?host={host.port}"):
                started = time.monotonic()
                status, content, _headers = host.request("GET", path.partition("?host")[0])
                slowest = max(slowest, time.monotonic() - started)
                if status != 200 or page.title not in json_or_text(content):
                    stale.append((number, path, status))

    assert stale == []
    built = site.built_from()
    wait_until(site.follows, "the replica follows again")
    assert built["replica"] > 0
    assert built["miss"] > 0, "while it stood still, the primary was read"
    measured.note(publications=PUBLICATIONS, slowest=f"{slowest:.2f} s")


def json_or_text(content: bytes) -> str:
    """Return the text of an answer, without the escapes of JSON."""
    text = content.decode()
    return str(json.loads(text)) if text.startswith("{") else text


def test_the_doctor_finds_nothing_wrong_with_it(site: Site) -> None:
    wait_until(site.follows, "the replica follows")
    doctor = site.first.start("manage.py", "doctor", "--offline")

    doctor.wait(LONGEST)

    found = site.first.logs[-1].read_text()
    assert "replica" not in found.casefold()
    assert "join_collapse_limit" in found


def test_who_sent_something_reads_it_on_the_other_host(
    site: Site, visitors: tuple[Visitors, Visitors], measured: Measured
) -> None:
    """While the replica knows nothing of it."""
    paused(site, is_paused=True)
    try:
        visitors[0].contribute()
        [email] = visitors[0].acts.contributed
        wait_until(lambda: site.first.sink.to(email), "its receipt comes")
        [letter] = site.first.sink.to(email)
        [link] = set(letter.links("/contribuer/suivi/"))
        status, content, _headers = site.second.request("GET", link)
    finally:
        paused(site, is_paused=False)

    assert status == 200
    assert f"Une journée {email}" in unescape(content.decode())


def test_a_limit_is_one_for_both_hosts(
    site: Site, visitors: tuple[Visitors, Visitors], measured: Measured
) -> None:
    statuses: Counter[int] = Counter()
    path = reverse("api_v1:post_registration", args=[visitors[0].training])
    for number in range(REGISTRATION_RATE.limit + 4):
        host, people = site.hosts()[number % 2], visitors[number % 2]
        email = f"meme-adresse-{number}@example.org"
        data = {
            "name": "Camille Exemple",
            "email": email,
            "consent": True,
            "consent_version": "2026-01",
        }
        headers = {"X-Real-IP": "192.0.2.7", "Content-Type": "application/json"}
        status, _content, _headers = host.request("POST", path, json.dumps(data).encode(), headers)
        statuses[status] += 1
        if status < 300:
            people.acts.registered.append(email)

    assert statuses[429] == 4
    assert sum(statuses.values()) - statuses[429] == REGISTRATION_RATE.limit


def test_a_host_that_dies_costs_no_letter_and_a_replica_that_dies_no_answer(
    site: Site, visitors: tuple[Visitors, Visitors], measured: Measured
) -> None:
    """Both in the middle of what people do, and of a newsletter."""
    sending.schedule(validated_issue(), None)
    with Traffic(visitors[0]):
        with Traffic(visitors[1]):
            time.sleep(2)
        site.replica.crash()
        for worker in site.second.workers:
            worker.send_signal(signal.SIGKILL)
            worker.wait()
        site.second.workers = []
        time.sleep(2)
        site.replica.start()
        time.sleep(1)

    assert [*visitors[0].failures(), *visitors[1].failures()] == []
    wait_until(Mailing.objects.filter(state=Mailing.State.SENT).exists, "the issue is sent")


@pytest.mark.long_faults
def test_a_replica_that_is_back_is_read_again(site: Site, measured: Measured) -> None:
    site.replica.crash()
    assert site.first.request("GET", f"/?{time.monotonic()}")[0] == 200
    site.replica.start()
    wait_until(site.follows, "the replica follows")
    before = site.built_from()["replica"]

    def is_read() -> bool:
        site.first.request("GET", f"/?{time.monotonic()}")
        return site.built_from()["replica"] > before

    seconds = wait_until(is_read, "the replica is read again", 2 * LOG_SECONDS)
    measured.note(read_again=f"{seconds:.0f} s")


@pytest.mark.long_faults
def test_the_replica_takes_the_place_of_a_primary_that_is_lost(site: Site) -> None:
    """As docs/scaling.md describes it: promote, lead the pooler to it. The last test of these."""
    sql = "SELECT count(*) FROM core_contentversion"
    site.sql(site.primary, sql)
    wait_until(site.follows, "the replica follows")
    site.primary.crash()
    started = time.monotonic()
    assert site.sql(site.replica, "SELECT pg_promote()")
    site.pooler.lead_to(site.replica)
    site.pooler.reload()

    wait_until(lambda: all(host.is_ready() for host in site.hosts()), "both hosts answer again")
    print(f"a replica promoted: both hosts answer after {time.monotonic() - started:.1f} s")
    data = {"email": "apres@example.org", "consent": True, "consent_version": "2026-01"}
    status, _content, _headers = site.second.request(
        "POST",
        reverse("api_v1:post_subscription"),
        json.dumps(data).encode(),
        {"Content-Type": "application/json"},
    )
    assert status < 300
    wait_until(lambda: site.first.sink.to("apres@example.org"), "its letter comes")
