"""How many requests and disclosures a year had, by agency and purpose, as a page and as a file."""

import csv
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from plateward.governance.http import ActorRequest
from plateward.releases import queries
from plateward.releases.count_rules import Tally, tallies, years_of
from plateward.releases.seeing import WHY, require_part
from plateward.ui.access import access
from plateward.ui.sheets import harmless


@access(login=True, why=WHY)
@require_GET
def counts(request: ActorRequest) -> HttpResponse:
    """How many requests and disclosures a year had (R112); `format=csv` as a file."""
    actor = request.actor
    require_part(actor)
    known = queries.request_days(actor.agency, ZoneInfo(actor.profile.agency.time_zone))
    asked = request.GET.get("year", "")
    year = int(asked) if asked.isdecimal() and len(asked) == len("2026") else actor.today.year
    rows = [(tally, queries.purpose_name(actor.profile, tally.purpose)) for tally in tallies(known, year)]
    if request.GET.get("format") == "csv":
        return _sheet(year, rows)
    context = {
        "rows": rows,
        "year": year,
        "years": sorted({*years_of(known), actor.today.year}, reverse=True),
    }
    return render(request, "releases/counts.html", context | {"tab": "counts"})


_COLUMNS = ("received", "approved", "disclosed", "nothing_found", "refused", "withdrawn", "waiting")


def _sheet(year: int, rows: list[tuple[Tally, str]]) -> HttpResponse:
    name = f'attachment; filename="releases-{year}.csv"'
    answer = HttpResponse(content_type="text/csv; charset=utf-8", headers={"Content-Disposition": name})
    sheet = csv.writer(answer)
    sheet.writerow(("year", "agency", "purpose", *_COLUMNS))
    for tally, purpose in rows:
        sheet.writerow((year, harmless(tally.agency), purpose, *(getattr(tally, one) for one in _COLUMNS)))
    return answer
