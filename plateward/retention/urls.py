from django.urls import path

from plateward.retention import proof_views, views

app_name = "retention"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("sign/", views.sign, name="sign"),
    path("signatures/<uuid:pk>/withdraw/", views.unsign, name="unsign"),
    path("authorities/new/", views.authority, name="authority"),
    path("authorities/<uuid:pk>/withdraw/", views.withdraw_authority, name="withdraw-authority"),
    path("sources/", views.source, name="source"),
    path("purges/new/", views.propose, name="propose"),
    path("purges/<uuid:pk>/", views.purge, name="purge"),
    path("purges/<uuid:pk>/certificate.zip", views.certificate, name="certificate"),
    path("purges/<uuid:pk>/<slug:act>/", views.decide, name="decide"),
    path("oldest/", proof_views.oldest, name="oldest"),
    path("used/", proof_views.used, name="used"),
    path("vendor/", proof_views.vendor, name="vendor"),
    path("vendor/new/", proof_views.attest, name="attest"),
    path("vendor/<uuid:pk>/sample/", proof_views.sample, name="sample"),
]
