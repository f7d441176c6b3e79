from django.urls import include, path

from plateward.console import views

console = [
    path("", views.dispatch, name="dispatch"),
    path("matching", views.matching, name="matching"),
    path("queue", views.queue, name="queue"),
    path("<uuid:pk>/", views.alert, name="alert"),
    path("<uuid:pk>/changes", views.changes, name="changes"),
]

urlpatterns = [
    path("", views.home, name="home"),
    path("dispatch/", include((console, "console"))),
]
