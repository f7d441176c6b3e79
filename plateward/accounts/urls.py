from django.urls import path

from plateward.accounts import views

app_name = "accounts"
urlpatterns = [
    path("login/", views.log_in, name="login"),
    path("logout/", views.log_out, name="logout"),
    path("me/", views.me, name="me"),
    path("people/", views.people, name="people"),
    path("people/<uuid:pk>/training/", views.certify, name="certify"),
]
