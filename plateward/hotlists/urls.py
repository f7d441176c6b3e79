from django.urls import path

from plateward.hotlists import list_views, views

app_name = "hotlists"
urlpatterns = [
    path("", views.entries, name="list"),
    path("request/", views.request_entry, name="request"),
    path("lists/", list_views.lists, name="lists"),
    path("lists/upload/", list_views.upload, name="list-upload"),
    path("lists/<uuid:pk>/", list_views.file, name="list-file"),
    path("lists/<uuid:pk>/take", list_views.take, name="list-take"),
    path("lists/<uuid:pk>/discard", list_views.discard, name="list-discard"),
    path("<uuid:pk>/", views.entry, name="entry"),
    path("<uuid:pk>/approve", views.approve, name="approve"),
    path("<uuid:pk>/refuse", views.refuse, name="refuse"),
    path("<uuid:pk>/unavailable", views.assert_unavailable, name="unavailable"),
    path("<uuid:pk>/withdraw", views.withdraw, name="withdraw"),
    path("<uuid:pk>/refresh", views.refresh, name="refresh"),
    path("<uuid:pk>/remove", views.remove, name="remove"),
]
