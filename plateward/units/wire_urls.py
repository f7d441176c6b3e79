from django.urls import path

from plateward.units import wire_views as views

app_name = "unit-wire"
urlpatterns = [
    path("enroll", views.enroll, name="enroll"),
    path("configuration", views.configuration, name="configuration"),
    path("list", views.hotlist, name="list"),
    path("assignments", views.assignments, name="assignments"),
    path("keys", views.signing_keys, name="keys"),
    path("sign-in", views.sign_in, name="sign-in"),
    path("sign-in/token", views.token, name="token"),
    path("sign-out", views.sign_out, name="sign-out"),
    path("transfers", views.transfers, name="transfers"),
    path("journal", views.journal, name="journal"),
    path("answers", views.answers, name="answers"),
    path("health", views.health, name="health"),
]
