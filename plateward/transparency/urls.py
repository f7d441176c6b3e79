from django.urls import path

from plateward.transparency import views

app_name = "transparency"
urlpatterns = [
    path("<slug:agency>/policy", views.policy, name="policy"),
    path("<slug:agency>/policy.pdf", views.policy_pdf, name="policy-pdf"),
    path("<slug:agency>/policy/<uuid:pk>", views.policy, name="policy-version"),
    path("<slug:agency>/policy/<uuid:pk>.pdf", views.policy_pdf, name="policy-version-pdf"),
]
