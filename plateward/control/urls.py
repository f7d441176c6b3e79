from django.urls import path

from plateward.control import views

app_name = "control"
urlpatterns = [
    path("accounts/", views.accounts, name="accounts"),
    path("accounts/<uuid:pk>/", views.account, name="account"),
    path("accounts/<uuid:pk>/<slug:task>/", views.act, name="act"),
]
