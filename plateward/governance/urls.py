from django.urls import path

from plateward.governance import editing_views, register_views, views

app_name = "governance"
urlpatterns = [
    path("", views.policy, name="policy"),
    path("versions/", views.history, name="versions"),
    path("versions/<uuid:pk>/", views.version, name="version"),
    path("versions/<uuid:pk>/profile.yaml", views.download, name="download"),
    path("drafts/new", views.propose, name="propose"),
    path("drafts/<uuid:pk>/", views.draft, name="draft"),
    path("drafts/<uuid:pk>/adopt", views.adopt, name="adopt"),
    path("drafts/<uuid:pk>/refuse", views.refuse, name="refuse"),
    path("drafts/<uuid:pk>/withdraw", views.withdraw, name="withdraw"),
    path("drafts/<uuid:pk>/dry-run", views.dry_run, name="dry-run"),
    path("edit/", editing_views.overview, name="edit"),
    path("edit/propose", editing_views.propose_prepared, name="edit-propose"),
    path("edit/value", editing_views.value, name="edit-value"),
    path("edit/discard", editing_views.discard, name="edit-discard"),
    path("registers/", register_views.registers, name="registers"),
    path("registers/contracts/<uuid:pk>/", register_views.contract_document, name="contract-document"),
    path("registers/enter", register_views.enter, name="register-enter"),
    path("checklist/", views.checklist, name="checklist"),
    path("completeness/", views.completeness, name="completeness"),
]
