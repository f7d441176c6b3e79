from django.urls import path

from plateward.transparency import views

app_name = "transparency"
urlpatterns = [
    path("public/<slug:agency>/policy", views.policy, name="policy"),
    path("public/<slug:agency>/policy.pdf", views.policy_pdf, name="policy-pdf"),
    path("public/<slug:agency>/policy/<uuid:pk>", views.policy, name="policy-version"),
    path("public/<slug:agency>/policy/<uuid:pk>.pdf", views.policy_pdf, name="policy-version-pdf"),
    path("posting/", views.postings, name="postings"),
    path("posting/<uuid:pk>", views.posting, name="posting"),
    path("posting/new", views.record, name="record"),
]
