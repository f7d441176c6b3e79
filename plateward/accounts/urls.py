from django.urls import path

from plateward.accounts import account_views, factor_views, provider_views, views

app_name = "accounts"
urlpatterns = [
    path("login/", views.log_in, name="login"),
    path("login/second-factor/", factor_views.second_factor, name="second-factor"),
    path("login/with/<slug:agency>/", provider_views.begin, name="begin"),
    path("login/with/<slug:agency>/return/", provider_views.returned, name="returned"),
    path("logout/", views.log_out, name="logout"),
    path("locked/", views.locked, name="locked"),
    path("locked/provider/", provider_views.again, name="again"),
    path("me/", views.me, name="me"),
    path("me/password/", views.password, name="password"),
    path("me/prove/", views.prove, name="prove"),
    path("me/factors/", factor_views.factors, name="factors"),
    path("me/factors/app/", factor_views.add_app, name="add-app"),
    path("me/factors/key/", factor_views.add_key, name="add-key"),
    path("me/factors/remove/", factor_views.remove_factor, name="remove-factor"),
    path("me/factors/recovery-codes/", factor_views.renew_codes, name="renew-codes"),
    path("me/sessions/end/", views.end_session, name="end-session"),
    path("me/session/", views.still_open, name="still-open"),
    path("people/", views.people, name="people"),
    path("people/new/", account_views.create, name="create"),
    path("people/<uuid:pk>/", account_views.account, name="account"),
    path("people/<uuid:pk>/training/", views.certify, name="certify"),
    path("people/<uuid:pk>/<slug:task>/", account_views.act, name="act"),
]
