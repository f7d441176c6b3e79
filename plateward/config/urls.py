"""Every address of the web pages. A view without a declared access rule is refused (see governance)."""

from django.conf import settings
from django.urls import include, path

urlpatterns = [
    path("", include("plateward.console.urls")),
    path("", include("plateward.accounts.urls")),
    path("", include("plateward.transparency.urls")),
    path("api/", include("plateward.api.urls")),
    path("alerts/", include("plateward.alerts.urls")),
    path("audit/", include("plateward.audit.urls")),
    path("control/", include("plateward.control.urls")),
    path("devices/", include("plateward.devices.urls")),
    path("evidence/", include("plateward.evidence.urls")),
    path("field/", include("plateward.field.urls")),
    path("for-you/", include("plateward.notices.urls")),
    path("hotlists/", include("plateward.hotlists.urls")),
    path("me/told/", include("plateward.outgoing.person_urls")),
    path("live/", include("plateward.live.urls")),
    path("oversight/", include("plateward.oversight.urls")),
    path("audits/", include("plateward.audits.urls")),
    path("incidents/", include("plateward.incidents.urls")),
    path("violations/", include("plateward.violations.urls")),
    path("organization/", include("plateward.governance.organization.urls")),
    path("policy/", include("plateward.governance.urls")),
    path("outgoing/", include("plateward.outgoing.urls")),
    path("reads/", include("plateward.reads.urls")),
    path("releases/", include("plateward.releases.urls")),
    path("retention/", include("plateward.retention.urls")),
    path("search/", include("plateward.search.urls")),
    path("units/", include("plateward.units.urls")),
    path("unit/v1/", include("plateward.units.wire_urls")),
    path("training/", include("plateward.training.urls")),
]

if settings.ENVIRONMENT.holds_demonstration:
    urlpatterns.append(path("demonstration/", include("plateward.config.demo.urls")))

handler400 = "plateward.ui.views.bad_request"
handler403 = "plateward.ui.views.forbidden"
handler404 = "plateward.ui.views.not_found"
handler500 = "plateward.ui.views.server_error"
