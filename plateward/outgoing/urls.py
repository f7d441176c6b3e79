from django.urls import path

from plateward.outgoing import views

app_name = "outgoing"
urlpatterns = [
    path("systems/", views.systems, name="systems"),
    path("systems/new/", views.set_up, name="set-up"),
    path("systems/<uuid:pk>/", views.system, name="system"),
    path("systems/<uuid:pk>/change/", views.change, name="change"),
    path("systems/<uuid:pk>/switch/", views.switch, name="switch"),
    path("systems/<uuid:pk>/secret/", views.rotate, name="rotate"),
    path("systems/<uuid:pk>/try/", views.try_out, name="try"),
    path("messages/<uuid:pk>/replay/", views.replay, name="replay"),
]
