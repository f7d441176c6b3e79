from django.urls import path

from plateward.governance.organization import views

app_name = "organization"
urlpatterns = [
    path("", views.positions, name="positions"),
    path("positions/<slug:position>/appoint", views.appoint, name="appoint"),
    path("holdings/<uuid:pk>/relieve", views.relieve, name="relieve"),
    path("delegations/", views.delegations, name="delegations"),
    path("delegations/new/<slug:position>", views.delegate, name="delegate"),
    path("delegations/<uuid:pk>/revoke", views.revoke_delegation, name="revoke-delegation"),
    path("data/", views.data, name="data"),
    path("data/new", views.authorize, name="authorize"),
    path("data/<uuid:pk>/revoke", views.revoke_authorization, name="revoke-authorization"),
    path("units/", views.units, name="units"),
    path("units/new", views.create_unit, name="create-unit"),
    path("units/<uuid:pk>/place", views.place, name="place"),
    path("people/<uuid:pk>/", views.person, name="person"),
    path("people/<uuid:pk>/contract", views.contract, name="contract"),
]
