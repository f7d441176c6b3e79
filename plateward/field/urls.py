from django.urls import path

from plateward.field import app_views, views

app_name = "field"
urlpatterns = [
    path("", views.mine, name="mine"),
    path("changes", views.changes, name="changes"),
    path("worker.js", app_views.worker, name="worker"),
    path("app.webmanifest", app_views.manifest, name="manifest"),
    path("offline", app_views.offline, name="offline"),
    path("<uuid:pk>/", views.alert, name="alert"),
    path("<uuid:pk>/changes", views.alert_changes, name="alert-changes"),
    path("<uuid:pk>/act", views.act, name="act"),
    path("<uuid:pk>/hand-over", views.hand_over, name="hand-over"),
]
