from django.urls import path

from plateward.audit import views

app_name = "audit"
urlpatterns = [
    path("journal/", views.journal, name="journal"),
    path("accesses/", views.accesses, name="accesses"),
]
