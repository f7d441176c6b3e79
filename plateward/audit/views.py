"""The journal and the access records, for those who answer for the use of the system."""

from typing import Final

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from plateward.audit import alarm_actions, alarms, ledger, presenters, pruning, reading_actions
from plateward.audit.forms import AccessForm, AnswerForm, JournalForm
from plateward.audit.http import ViewerRequest
from plateward.audit.models import AuditRecord, Cosignature, LedgerAlarm, LedgerCheck, TreeHead
from plateward.audit.reading_actions import Reading
from plateward.audit.sentences import AREAS
from plateward.ui.access import access
from plateward.ui.qr import qr_code

CHECKS_SHOWN: Final = 24
"""A day of hourly checks."""


@access(capability="audit.view")
@never_cache
@require_GET
def journal(request: ViewerRequest) -> HttpResponse:
    """Show who did what and when in the agency, newest first."""
    viewer = request.actor
    time_zone = viewer.profile.agency.time_zone
    form = JournalForm(request.GET, time_zone=time_zone, areas=AREAS.items())
    if not form.is_valid():
        return render(request, "audit/journal.html", {"form": form}, status=422)
    page = reading_actions.read_journal(wanted=form.wanted(), **_reading(request))
    rows = [presenters.journal_row(row, viewer.profile) for row in page.rows]
    found = {
        "form": form,
        "rows": rows,
        "older": _older(request, page.older),
        "ledger": ledger.state(timezone.now()),
        "sealed": ledger.sealed_rows([row.pk for row in page.rows]),
    }
    return render(request, "audit/journal.html", found)


@access(capability="audit.view")
@never_cache
@require_GET
def accesses(request: ViewerRequest) -> HttpResponse:
    """Answer who looked at a plate, for a case, or what a person looked at (R54)."""
    viewer = request.actor
    purposes = [(purpose.id, purpose.name) for purpose in viewer.profile.purposes.values()]
    form = AccessForm(request.GET, time_zone=viewer.profile.agency.time_zone, purposes=purposes)
    if not form.is_valid():
        return render(request, "audit/accesses.html", {"form": form}, status=422)
    wanted = form.wanted()
    page = reading_actions.read_accesses(wanted=wanted, **_reading(request))
    rows = [presenters.access_row(row, viewer.profile) for row in page.rows]
    context = {
        "form": form,
        "rows": rows,
        "older": _older(request, page.older),
        "sealed": ledger.sealed_rows([row.audit_id for row in page.rows]),
        "destroyed": pruning.destroyed(viewer.agency, wanted.from_at, wanted.until_at),
    }
    return render(request, "audit/accesses.html", context)


@access(capability="audit.view")
@never_cache
@require_GET
def proof(request: ViewerRequest, row: int) -> HttpResponse:
    """Hand out the proof that a row is sealed, as a file that can be checked anywhere."""
    viewer = request.actor
    try:
        made = reading_actions.take_proof(
            by=viewer.who,
            agency=viewer.agency,
            row_id=row,
            profile_version=viewer.profile.version,
            now=timezone.now(),
        )
    except AuditRecord.DoesNotExist as error:
        raise Http404 from error
    except ledger.NotSealedError:
        return render(request, "audit/not_sealed.html", status=409)
    return _file(str(made), f"row-{row}.tlog-proof")


@access(capability="audit.view")
@never_cache
@require_GET
def ledger_page(request: HttpRequest) -> HttpResponse:
    """Show how the ledger stands, its checkpoints, and how an outsider verifies the journal."""
    heads = ledger.heads(_number(request, "before"))
    state = ledger.state(timezone.now())
    found = {
        "ledger": state,
        "heads": ledger.cosignatures(heads),
        "key": presenters.key_of(state.head),
        "witnessed": Cosignature.objects.first(),
        "older": f"?before={heads[-1].size}" if len(heads) == ledger.HEADS_SHOWN else "",
        "health": alarms.health(timezone.now()),
        "checks": LedgerCheck.objects.all()[:CHECKS_SHOWN],
        "ended": LedgerAlarm.objects.filter(ended_at__isnull=False)[:CHECKS_SHOWN],
    }
    return render(request, "audit/ledger.html", found)


@access(capability="audit.view", fresh=True)
@never_cache
@require_http_methods(["GET", "POST"])
def alarm(request: ViewerRequest) -> HttpResponse:
    """Show an alarm about the journal, and let a person end it with what was found."""
    raised = get_object_or_404(LedgerAlarm, pk=_number(request, "number"))
    form = AnswerForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            alarm_actions.answer_alarm(
                by=request.actor.who,
                agency=request.actor.agency,
                alarm_id=raised.pk,
                answer=form.cleaned_data["answer"],
                now=timezone.now(),
            )
        except LedgerAlarm.DoesNotExist:
            messages.info(request, "Somebody ended this alarm before.")
        return redirect("audit:ledger")
    status = 422 if request.method == "POST" else 200
    return render(request, "audit/alarm.html", {"alarm": raised, "form": form}, status=status)


@access(capability="audit.view")
@never_cache
@require_GET
def checkpoint(request: HttpRequest) -> HttpResponse:
    """Show one checkpoint to print, with its text as a QR code: paper cannot be rewritten from here."""
    head = _head(request)
    note = ledger.note_of(head)
    found = {"head": head, "note": note, "qr": qr_code(note), "key": presenters.key_of(head)}
    return render(request, "audit/checkpoint.html", found)


@access(capability="audit.view")
@never_cache
@require_GET
def checkpoint_text(request: HttpRequest) -> HttpResponse:
    """Hand out one checkpoint as the text that verifiers take."""
    head = _head(request)
    return _file(ledger.note_of(head), f"checkpoint-{head.size}.txt")


@access(capability="audit.view")
@never_cache
@require_GET
def witness_request(request: HttpRequest) -> HttpResponse:
    """Hand out what a witness that is reached by hand only needs to cosign the newest checkpoint."""
    head, since = ledger.newest_head(), _number(request, "since") or 0
    if head is None or since > head.size:
        raise BadRequest("The journal has no tree of that size. Enter the number of rows the witness knows.")
    return _file(str(ledger.witness_request(head, since)), f"witness-request-{head.size}.txt")


def _head(request: HttpRequest) -> TreeHead:
    """The head of the size asked for, else the newest; 404 when there is none."""
    size = _number(request, "size")
    head = ledger.newest_head() if size is None else TreeHead.objects.filter(pk=size).first()
    if head is None:
        raise Http404
    return head


def _file(text: str, name: str) -> HttpResponse:
    """An answer that the browser keeps as a file."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(text, content_type="text/plain; charset=utf-8", headers=headers)


def _number(request: HttpRequest, name: str) -> int | None:
    """A number in the address, None without; 400 for one that is none."""
    asked = request.GET.get(name)
    if not asked:
        return None
    if not asked.isascii() or not asked.isdigit() or len(asked) > 18:  # noqa: PLR2004  what PostgreSQL counts
        raise BadRequest("This page of the ledger does not exist. Open the ledger again.")
    return int(asked)


def _reading(request: ViewerRequest) -> Reading:
    """Who reads which page."""
    viewer = request.actor
    return {
        "by": viewer.who,
        "agency": viewer.agency,
        "before": _before(request),
        "profile_version": viewer.profile.version,
        "now": timezone.now(),
    }


def _before(request: ViewerRequest) -> int | None:
    """The id before which the page begins; 400 for one that is no number."""
    before = request.GET.get("before")
    if not before:
        return None
    try:
        return int(before)
    except ValueError as error:
        raise BadRequest("This page of the journal does not exist. Open the journal again.") from error


def _older(request: ViewerRequest, before: int | None) -> str:
    """The address of the page of older rows, "" on the last."""
    if before is None:
        return ""
    query = request.GET.copy()
    query["before"] = str(before)
    return f"?{query.urlencode()}"
