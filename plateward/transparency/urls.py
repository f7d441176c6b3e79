from django.urls import path

from plateward.transparency import figures_views, views

app_name = "transparency"
urlpatterns = [
    path("public/<slug:agency>/policy", views.policy, name="policy"),
    path("public/<slug:agency>/policy.pdf", views.policy_pdf, name="policy-pdf"),
    path("public/<slug:agency>/policy/<uuid:pk>", views.policy, name="policy-version"),
    path("public/<slug:agency>/policy/<uuid:pk>.pdf", views.policy_pdf, name="policy-version-pdf"),
    path("public/<slug:agency>/figures", figures_views.shown_figures, name="figures"),
    path("public/<slug:agency>/cifras", figures_views.shown_figures, {"language": "es"}, name="figures-es"),
    path("public/<slug:agency>/figures/<slug:month>.json", figures_views.data, name="figures-data"),
    path(
        "public/<slug:agency>/figures/<slug:month>/<int:edition>.json",
        figures_views.data,
        name="figures-edition",
    ),
    path("public/recount.py", figures_views.recount_program, name="recount"),
    path("posting/figures/", figures_views.publish, name="publish"),
    path("posting/", views.postings, name="postings"),
    path("posting/<uuid:pk>", views.posting, name="posting"),
    path("posting/new", views.record, name="record"),
]
