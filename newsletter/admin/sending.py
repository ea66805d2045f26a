"""From the draft of an issue to the report of its sending: the menu « Numéros »."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.core.validators import validate_email
from django.db.models import Exists, OuterRef, Subquery
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language_info, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from wagtail.admin.menu import MenuItem
from wagtail.admin.viewsets.base import ViewSet
from wagtail.admin.widgets import AdminDateTimeInput
from wagtail.log_actions import log

from core.mail import Letter
from core.spreadsheets.writer import write_csv
from core.web.links import email_base_url
from newsletter import sending
from newsletter.archive import is_public, is_up_to_date, publish_archive
from newsletter.audience import languages_with_own_issue, remaining_recipients
from newsletter.composing import create_issue_draft, is_validated
from newsletter.models import (
    Delivery,
    Mailing,
    NewsletterIndexPage,
    NewsletterIssuePage,
)
from newsletter.preflight import find_problems
from newsletter.rendering import render_issue, sample_links
from newsletter.tasks import send_newsletters
from published.queries import restricted_or_public_items

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.urls import URLPattern

State = Delivery.State
SEND = "newsletter.add_mailing"
READ = "newsletter.view_mailing"
MOST_TESTS = 10
PER_PAGE = 50
REPORTED = (State.FAILED, State.BOUNCED, State.COMPLAINED, State.UNCERTAIN, State.SKIPPED)


class ScheduleForm(forms.Form):
    """When to send; empty is now."""

    at = forms.DateTimeField(
        label=gettext_lazy("Envoyer le"),
        required=False,
        widget=AdminDateTimeInput,
        help_text=gettext_lazy("Heure de Paris. Vide : maintenant."),
    )

    def clean_at(self) -> Any:
        """Refuse a date in the past.

        Raises:
            ValidationError: it is past.
        """
        at = self.cleaned_data["at"]
        if at and at <= timezone.now():
            raise ValidationError(_("Cette date est passée."), code="past")
        return at


class TestForm(forms.Form):
    """Where to send a test."""

    addresses = forms.CharField(
        label=gettext_lazy("À"),
        help_text=gettext_lazy("Une ou plusieurs adresses, séparées par des virgules."),
    )

    def clean_addresses(self) -> list[str]:
        """Return the addresses.

        Raises:
            ValidationError: one is none, or there are too many for a test.
        """
        found = [each.strip() for each in self.cleaned_data["addresses"].split(",")]
        found = [each for each in found if each]
        for each in found:
            validate_email(each)
        if len(found) > MOST_TESTS:
            raise ValidationError(_("Dix adresses au plus pour un test."))
        return found


def _allow(request: HttpRequest, permission: str) -> None:
    if not request.user.has_perm(permission):
        raise PermissionDenied


def _issue(pk: int) -> NewsletterIssuePage:
    """Return an issue as it was last saved."""
    page: NewsletterIssuePage = get_object_or_404(NewsletterIssuePage, pk=pk)
    latest: NewsletterIssuePage = page.get_latest_revision_as_object()
    return latest


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """List the issues with the state of their last sending."""
    _allow(request, READ)
    latest = Mailing.objects.filter(page=OuterRef("pk")).order_by("-created_at", "-pk")
    issues = (
        NewsletterIssuePage.objects.select_related("locale")
        .annotate(
            mailing=Subquery(latest.values("pk")[:1]),
            is_public=Exists(restricted_or_public_items().filter(page=OuterRef("pk"))),
        )
        .defer("editorial", "sections")
        .order_by("-number", "-pk")
    )
    page = Paginator(issues, PER_PAGE).get_page(request.GET.get("p"))
    mailings = Mailing.objects.in_bulk([issue.mailing for issue in page if issue.mailing])
    context = {
        "page_title": _("Numéros de la lettre"),
        "header_icon": "mail",
        "page_obj": page,
        "rows": [(issue, mailings.get(issue.mailing)) for issue in page],
        "archives": NewsletterIndexPage.objects.select_related("locale"),
        "can_prepare": _can_prepare(request),
    }
    return render(request, "newsletter/admin/index.html", context)


def _can_prepare(request: HttpRequest) -> bool:
    return any(
        archive.permissions_for_user(request.user).can_add_subpage()
        for archive in NewsletterIndexPage.objects.all()
    )


@require_POST
def prepare_issue(request: HttpRequest, pk: int) -> HttpResponse:
    """Create the draft of the next issue, and open it in the editor.

    Raises:
        PermissionDenied: this person may not add pages there.
    """
    archive = get_object_or_404(NewsletterIndexPage, pk=pk)
    if not archive.permissions_for_user(request.user).can_add_subpage():
        raise PermissionDenied
    page = create_issue_draft(archive, request.user)  # type: ignore[arg-type]
    messages.success(
        request, _("Le brouillon est prêt : réordonnez, retirez, ajoutez un mot, puis relisez.")
    )
    return redirect("wagtailadmin_pages:edit", page.pk)


def issue_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the preflight and report of an issue; send it or a test of it."""
    _allow(request, READ)
    page = _issue(pk)
    action = request.POST.get("action", "") if request.method == "POST" else ""
    schedule = ScheduleForm(request.POST if action == "schedule" else None)
    test = TestForm(
        request.POST if action == "test" else None,
        initial={"addresses": request.user.email},  # type: ignore[union-attr]
    )
    if action == "test" and test.is_valid():
        _allow(request, SEND)
        return _send_test(request, page, test.cleaned_data["addresses"])
    asked = action == "schedule" and schedule.is_valid()
    if asked and "confirmed" in request.POST:
        _allow(request, SEND)
        return _schedule(request, page, schedule.cleaned_data["at"])
    found = find_problems(page, render_issue(page, email_base_url()))
    validated = is_validated(page)
    mailings = list(page.mailings.select_related("created_by"))
    context = {
        "page_title": page.title,
        "header_icon": "mail",
        "issue": page,
        "problems": found,
        "has_errors": any(p.level == "error" for p in found),
        "is_validated": validated,
        "recipients": remaining_recipients(page).count(),
        "language": _language(page.locale.language_code),
        "languages_with_own_issue": [_language(code) for code in languages_with_own_issue(page)],
        "mailing": mailings[0] if mailings else None,
        "report": get_progress(mailings[0]) if mailings else None,
        "is_open": bool(mailings) and mailings[0].finished_at is None,
        "schedule": schedule,
        "test": test,
        "asked": schedule.cleaned_data if asked else None,
        "can_send": request.user.has_perm(SEND),
        "has_archive": page.has_archive,
        "is_public": is_public(page),
        "is_up_to_date": is_up_to_date(page),
    }
    return render(request, "newsletter/admin/issue.html", context)


def _language(code: str) -> str:
    """Return the name of a language, empty for French, the default."""
    if code == settings.LANGUAGE_CODE:
        return ""
    return str(get_language_info(code)["name_translated"]).lower()


def _send_test(
    request: HttpRequest, page: NewsletterIssuePage, addresses: list[str]
) -> HttpResponse:
    rendered = render_issue(page, email_base_url())
    html, text = rendered.personalise(sample_links(email_base_url()))
    for address in addresses:
        mail = Letter(f"[TEST] {rendered.subject}", text, None, [address])
        mail.kind = "newsletter/test"
        mail.attach_alternative(html, "text/html")
        mail.send()
    messages.success(request, _("Le test part à %(to)s.") % {"to": ", ".join(addresses)})
    return redirect("newsletter_sending:issue", page.pk)


def _schedule(request: HttpRequest, page: NewsletterIssuePage, at: Any) -> HttpResponse:
    try:
        mailing = sending.schedule(page, request.user, at)  # type: ignore[arg-type]
    except ValidationError as error:
        for reason in error.messages:
            messages.error(request, reason)
    else:
        log(page, "newsletter.schedule", user=request.user)
        if at is None:
            send_newsletters.enqueue()
            messages.success(request, _("L'envoi commence."))
        else:
            when = date_format(timezone.localtime(mailing.scheduled_for), "DATETIME_FORMAT")
            messages.success(request, _("Envoi programmé : %(at)s.") % {"at": when})
    return redirect("newsletter_sending:issue", page.pk)


@require_POST
def put_archive_online(request: HttpRequest, pk: int) -> HttpResponse:
    """Publish the archive of an issue that was sent, once its latest words are approved."""
    _allow(request, SEND)
    page = _issue(pk)
    try:
        publish_archive(page, request.user)  # type: ignore[arg-type]
    except PermissionDenied as refused:
        messages.error(request, str(refused))
    else:
        log(page, "newsletter.archive", user=request.user)
        messages.success(
            request, _("L'archive est en ligne, telle que deux personnes l'ont approuvée.")
        )
    return redirect("newsletter_sending:issue", page.pk)


@require_POST
def cancel_mailing(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop a sending, planned or under way."""
    _allow(request, SEND)
    mailing = get_object_or_404(Mailing.objects.select_related("page"), pk=pk)
    if sending.cancel(mailing):
        log(mailing.page, "newsletter.cancel", user=request.user)
        messages.success(request, _("L'envoi est arrêté."))
    else:
        messages.warning(request, _("L'envoi était déjà terminé."))
    return redirect("newsletter_sending:issue", mailing.page_id)


@require_POST
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """Settle uncertain messages: count them as sent, or send them again."""
    _allow(request, SEND)
    mailing = get_object_or_404(Mailing.objects.select_related("page"), pk=pk)
    rows = Delivery.objects.filter(mailing=mailing)
    if one := request.POST.get("delivery"):
        rows = rows.filter(pk=one)
    if request.POST.get("action") == "again":
        count = sending.send_again(rows)
        send_newsletters.enqueue()
        message = ngettext("%(count)s message repart.", "%(count)s messages repartent.", count)
    else:
        count = sending.count_as_sent(rows)
        message = ngettext(
            "%(count)s message compté comme envoyé.",
            "%(count)s messages comptés comme envoyés.",
            count,
        )
    log(mailing.page, "newsletter.settle", user=request.user)
    messages.success(request, message % {"count": count})
    return redirect("newsletter_sending:issue", mailing.page_id)


def get_progress(mailing: Mailing) -> dict[str, Any]:
    """Return the progress of a sending, for the page and for its refresh."""
    counts = mailing.counts()
    total = sum(counts.values())
    waiting = sum(counts[state] for state in Delivery.OPEN)
    return {
        "state": mailing.get_state_display(),
        "is_open": mailing.finished_at is None,
        "total": total,
        "done": total - waiting,
        "percent": round(100 * (total - waiting) / total) if total else 0,
        "counts": [
            {"state": state, "label": str(State(state).label), "count": count}
            for state, count in counts.items()
            if count
        ],
        "left": mailing.deliveries.filter(subscriber__left_at__gte=mailing.created_at).count(),
    }


@require_safe
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """Return the progress of a sending to the script that refreshes the page."""
    _allow(request, READ)
    report = get_progress(get_object_or_404(Mailing, pk=pk))
    return JsonResponse(report, headers={"Cache-Control": "no-store"})


@require_safe
def deliveries(request: HttpRequest, pk: int) -> HttpResponse:
    """List the messages that were not delivered; search, filter and export them."""
    _allow(request, READ)
    mailing = get_object_or_404(Mailing.objects.select_related("page"), pk=pk)
    state = request.GET.get("state", "")
    words = request.GET.get("q", "").strip()
    wanted = [state] if state in State.values else list(REPORTED)
    rows = mailing.deliveries.filter(state__in=wanted).select_related("subscriber")
    if words:
        rows = rows.filter(subscriber__email__icontains=words)
    if "export" in request.GET:
        return _export(rows)
    context = {
        "page_title": _("Ce qui n'est pas arrivé"),
        "page_subtitle": mailing.page.title,
        "header_icon": "mail",
        "mailing": mailing,
        "page_obj": Paginator(rows, PER_PAGE).get_page(request.GET.get("p")),
        "states": [(each.value, each.label) for each in REPORTED],
        "state": state,
        "q": words,
        "can_send": request.user.has_perm(SEND),
    }
    return render(request, "newsletter/admin/deliveries.html", context)


def _export(rows: QuerySet[Delivery]) -> HttpResponse:
    headings = [(_("adresse"), _("état"), _("motif"), _("essais"))]
    lines = (
        (row.subscriber.email, row.get_state_display(), row.error, str(row.attempts))
        for row in rows.iterator(chunk_size=500)
    )
    response = HttpResponse(
        write_csv(itertools.chain(headings, lines)), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = 'attachment; filename="messages.csv"'
    return response


class SendingMenuItem(MenuItem):
    """The menu « Numéros », for those who may see sendings."""

    def is_shown(self, request: HttpRequest) -> bool:
        return request.user.has_perm(READ)


class SendingViewSet(ViewSet):
    menu_item_class = SendingMenuItem
    name = "newsletter_sending"
    url_prefix = "lettre/numeros"
    icon = "mail"
    menu_label = gettext_lazy("Numéros")

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            path("", index, name="index"),
            path("preparer/<int:pk>/", prepare_issue, name="prepare"),
            path("<int:pk>/", issue_page, name="issue"),
            path("<int:pk>/archive/", put_archive_online, name="archive"),
            path("envois/<int:pk>/", deliveries, name="deliveries"),
            path("envois/<int:pk>/avancement/", progress, name="progress"),
            path("envois/<int:pk>/arreter/", cancel_mailing, name="cancel"),
            path("envois/<int:pk>/trancher/", settle, name="settle"),
        ]
