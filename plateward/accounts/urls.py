from django.urls import path

from plateward.accounts import account_views, views

app_name = "accounts"
urlpatterns = [
    path("login/", views.log_in, name="login"),
    path("logout/", views.log_out, name="logout"),
    path("locked/", views.locked, name="locked"),
    path("me/", views.me, name="me"),
    path("me/password/", views.password, name="password"),
    path("me/sessions/end/", views.end_session, name="end-session"),
    path("me/session/", views.still_open, name="still-open"),
    path("people/", views.people, name="people"),
    path("people/new/", account_views.create, name="create"),
    path("people/<uuid:pk>/", account_views.account, name="account"),
    path("people/<uuid:pk>/training/", views.certify, name="certify"),
    path("people/<uuid:pk>/<slug:task>/", account_views.act, name="act"),
]
