from django.urls import path

from plateward.units import views

app_name = "units"
urlpatterns = [
    path("sign-in/", views.sign_in, name="sign-in"),
    path("sign-in/<uuid:pk>/", views.decide, name="decide"),
    path("<uuid:device_id>/code", views.code, name="code"),
    path("<uuid:device_id>/rate", views.rate, name="rate"),
    path("<uuid:device_id>/transfers", views.transfers, name="transfers"),
]
