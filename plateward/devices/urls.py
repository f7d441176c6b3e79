from django.urls import path

from plateward.devices import views, way_views

app_name = "devices"
urlpatterns = [
    path("", views.devices, name="list"),
    path("register", views.register, name="register"),
    path("devices.geojson", views.geojson, name="geojson"),
    path("<uuid:device_id>/", views.device, name="device"),
    path("<uuid:device_id>/change", views.change, name="change"),
    path("<uuid:device_id>/service", views.service, name="service"),
    path("<uuid:device_id>/way", way_views.way_in, name="way"),
    path("<uuid:device_id>/picture-login", way_views.picture_login, name="picture-login"),
    path("<uuid:device_id>/picture-login/remove", way_views.remove_picture_login, name="forget-login"),
    path("<uuid:device_id>/key", views.rotate_key, name="rotate-key"),
    path("<uuid:device_id>/enabled", views.set_enabled, name="set-enabled"),
]
