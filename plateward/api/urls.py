from django.urls import path, re_path

from plateward.api import analysis_views, canvass_views, token_views, views

app_name = "api"
urlpatterns = [
    path("", views.manual, name="manual"),
    path("openapi.json", views.document, name="document"),
    path("tokens/", token_views.tokens, name="tokens"),
    path("tokens/new/", token_views.make, name="make"),
    path("tokens/<uuid:pk>/revoke/", token_views.revoke, name="revoke"),
    path("people/<uuid:pk>/tokens/", token_views.of_person, name="of-person"),
    path("v1/searches", views.searches, name="searches"),
    path("v1/searches/<uuid:search_id>", views.results, name="results"),
    path("v1/searches/<uuid:search_id>/plates", views.plates, name="plates"),
    path("v1/searches/<uuid:search_id>/file", views.take_out, name="take-out"),
    path("v1/analyses", analysis_views.analyses, name="analyses"),
    path("v1/analyses/travel", analysis_views.travel, name="travel"),
    path("v1/analyses/incidents", analysis_views.incidents, name="incidents"),
    path("v1/analyses/<uuid:analysis_id>", analysis_views.analysis, name="analysis"),
    path("v1/canvasses", canvass_views.canvasses, name="canvasses"),
    path("v1/canvasses/comparisons", canvass_views.compare, name="compare-canvasses"),
    path("v1/canvasses/<uuid:canvass_id>", canvass_views.canvass, name="canvass"),
    path("v1/canvasses/<uuid:canvass_id>/coverage", canvass_views.coverage, name="coverage"),
    path("v1/canvasses/<uuid:canvass_id>/reads", canvass_views.reads, name="canvass-reads"),
    path("v1/canvasses/<uuid:canvass_id>/plates", canvass_views.plates, name="canvass-plates"),
    path("v1/canvasses/<uuid:canvass_id>/closing", canvass_views.close, name="close-canvass"),
    path("v1/canvasses/<uuid:canvass_id>/assignments", canvass_views.assign, name="assign-car"),
    path("v1/assignments", canvass_views.assignments, name="assignments"),
    path(
        "v1/assignments/<uuid:assignment_id>/acknowledgement",
        canvass_views.acknowledge,
        name="acknowledge-assignment",
    ),
    path("v1/assignments/<uuid:assignment_id>/end", canvass_views.end, name="end-assignment"),
    path("v1/reads/<uuid:read_id>/openings", views.open_read, name="open-read"),
    path("v1/pictures/<str:address>", views.picture, name="picture"),
    path("v1/devices", views.devices, name="devices"),
    re_path(r"^v1(?:/|$)", views.unknown, name="unknown"),
]
