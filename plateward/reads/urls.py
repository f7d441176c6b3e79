from django.urls import path

from plateward.reads import check_views, upload_views, views

app_name = "reads"
urlpatterns = [
    path("quarantine/", views.quarantine, name="quarantine"),
    path("quarantine/list", views.quarantine_list, name="quarantine-list"),
    path("quarantine/replay", views.replay_all, name="replay-all"),
    path("quarantine/<uuid:item_id>/", views.quarantined, name="quarantined"),
    path("quarantine/<uuid:item_id>/replay", views.replay, name="replay"),
    path("quarantine/<uuid:item_id>/discard", views.discard, name="discard"),
    path("upload/<uuid:device_id>/", upload_views.upload, name="upload"),
    path("pictures/<str:token>", views.picture, name="picture"),
    path("<uuid:read_id>/", views.read, name="read"),
    path("<uuid:read_id>/check", check_views.check, name="check"),
]
