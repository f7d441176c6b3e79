from django.urls import path

from plateward.audit import custody_views, views

app_name = "audit"
urlpatterns = [
    path("journal/", views.journal, name="journal"),
    path("accesses/", views.accesses, name="accesses"),
    path("journal/<int:row>/proof/", views.proof, name="proof"),
    path("ledger/", views.ledger_page, name="ledger"),
    path("ledger/alarm/", views.alarm, name="alarm"),
    path("ledger/export/", custody_views.export, name="export"),
    path("ledger/pruning/", custody_views.pruning, name="pruning"),
    path("ledger/pruning/decision/", custody_views.decide, name="decide-pruning"),
    path("ledger/checkpoint/", views.checkpoint, name="checkpoint"),
    path("ledger/checkpoint.txt", views.checkpoint_text, name="checkpoint-text"),
    path("ledger/witness-request.txt", views.witness_request, name="witness-request"),
]
