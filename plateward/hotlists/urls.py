from django.urls import path

from plateward.hotlists import layout_views, list_views, pickup_views, register_views, views

app_name = "hotlists"
urlpatterns = [
    path("", views.entries, name="list"),
    path("request/", views.request_entry, name="request"),
    path("lists/", register_views.lists, name="lists"),
    path("lists/of/<uuid:pk>/", register_views.one_list, name="list-register"),
    path("lists/categories/", register_views.categories, name="categories"),
    path("lists/categories/<slug:key>/", register_views.category, name="category"),
    path("lists/categories/<slug:key>/on", register_views.switch, {"way": "on"}, name="switch-on"),
    path("lists/categories/<slug:key>/off", register_views.switch, {"way": "off"}, name="switch-off"),
    path("lists/look-up/", register_views.look_up, name="look-up"),
    path("lists/fetched/", pickup_views.pickups, name="pickups"),
    path("lists/fetched/set/", pickup_views.set_pickup, name="pickup-set"),
    path("lists/fetched/<uuid:pk>/", pickup_views.pickup, name="pickup"),
    path("lists/fetched/<uuid:pk>/stop", pickup_views.stop, name="pickup-stop"),
    path("lists/fetched/<uuid:pk>/look", pickup_views.look, name="pickup-look"),
    path("lists/upload/", list_views.upload, name="list-upload"),
    path("lists/<uuid:pk>/", list_views.file, name="list-file"),
    path("lists/<uuid:pk>/columns", layout_views.columns, name="list-columns"),
    path("lists/<uuid:pk>/left-out.csv", layout_views.rejected, name="list-rejected"),
    path("lists/<uuid:pk>/take", list_views.take, name="list-take"),
    path("lists/<uuid:pk>/discard", list_views.discard, name="list-discard"),
    path("<uuid:pk>/", views.entry, name="entry"),
    path("<uuid:pk>/approve", views.approve, name="approve"),
    path("<uuid:pk>/refuse", views.refuse, name="refuse"),
    path("<uuid:pk>/unavailable", views.assert_unavailable, name="unavailable"),
    path("<uuid:pk>/enter", views.enter, name="enter"),
    path("<uuid:pk>/withdraw", views.withdraw, name="withdraw"),
    path("<uuid:pk>/refresh", views.refresh, name="refresh"),
    path("<uuid:pk>/remove", views.remove, name="remove"),
]
