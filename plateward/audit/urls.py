from django.urls import path

from plateward.audit import views

app_name = "audit"
urlpatterns = [
    path("journal/", views.journal, name="journal"),
    path("accesses/", views.accesses, name="accesses"),
    path("journal/<int:row>/proof/", views.proof, name="proof"),
    path("ledger/", views.ledger_page, name="ledger"),
    path("ledger/alarm/", views.alarm, name="alarm"),
    path("ledger/checkpoint/", views.checkpoint, name="checkpoint"),
    path("ledger/checkpoint.txt", views.checkpoint_text, name="checkpoint-text"),
    path("ledger/witness-request.txt", views.witness_request, name="witness-request"),
]
