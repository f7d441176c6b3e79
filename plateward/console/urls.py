from django.urls import include, path

from plateward.console import board_views, views

console = [
    path("", views.dispatch, name="dispatch"),
    path("matching", views.matching, name="matching"),
    path("queue", views.queue, name="queue"),
    path("board", board_views.show, name="board"),
    path("board/tables", board_views.body, name="board-body"),
    path("<uuid:pk>/", views.alert, name="alert"),
    path("<uuid:pk>/changes", views.changes, name="changes"),
]

urlpatterns = [
    path("", views.home, name="home"),
    path("dispatch/", include((console, "console"))),
]
