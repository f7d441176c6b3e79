from django.urls import path

from plateward.search import analysis_views, canvass_views, export_views, kept_views, views, watch_views

app_name = "search"
urlpatterns = [
    path("watch/", watch_views.watch, name="watch"),
    path("", views.new, name="new"),
    path("mine/", views.mine, name="mine"),
    path("travel/", analysis_views.travel, name="travel"),
    path("incidents/", analysis_views.incidents, name="incidents"),
    path("analyses/", analysis_views.analyses, name="analyses"),
    path("analyses/<uuid:analysis_id>/", analysis_views.show, name="analysis"),
    path("canvass/", canvass_views.canvasses, name="canvasses"),
    path("canvass/new/", canvass_views.new, name="new-canvass"),
    path("canvass/preview/", canvass_views.preview, name="preview-canvass"),
    path("canvass/<uuid:pk>/", canvass_views.canvass, name="canvass"),
    path("canvass/<uuid:pk>/reads/", canvass_views.reads, name="canvass-reads"),
    path("canvass/<uuid:pk>/plates/", canvass_views.plates_of, name="canvass-plates"),
    path("canvass/<uuid:pk>/assign/", canvass_views.assign, name="assign-car"),
    path("canvass/<uuid:pk>/close/", canvass_views.close, name="close-canvass"),
    path(
        "canvass/assignments/<uuid:pk>/acknowledge/",
        canvass_views.acknowledge,
        name="acknowledge-assignment",
    ),
    path("canvass/assignments/<uuid:pk>/end/", canvass_views.end, name="end-assignment"),
    path("kept/", kept_views.kept, name="kept"),
    path("kept/new/", kept_views.keep, name="keep"),
    path("kept/of-agency/", kept_views.of_agency, name="kept-of-agency"),
    path("kept/<uuid:kept_id>/", kept_views.one, name="kept-one"),
    path("kept/<uuid:kept_id>/look/", kept_views.look, name="kept-look"),
    path("kept/<uuid:kept_id>/seen/", kept_views.seen, name="kept-seen"),
    path("kept/<uuid:kept_id>/renew/", kept_views.renew, name="kept-renew"),
    path("kept/<uuid:kept_id>/hand-over/", kept_views.hand_over, name="kept-hand"),
    path("kept/<uuid:kept_id>/end/", kept_views.end, name="kept-end"),
    path("<uuid:search_id>/", views.results, name="results"),
    path("<uuid:search_id>/plates/", canvass_views.plates, name="plates"),
    path("<uuid:search_id>/plate/", views.of_plate, name="of-plate"),
    path("<uuid:search_id>/export/", export_views.export, name="export"),
]
