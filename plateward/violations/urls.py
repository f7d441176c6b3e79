from django.urls import path

from plateward.violations import views

app_name = "violations"
urlpatterns = [
    path("", views.reports, name="reports"),
    path("new/", views.make, name="make"),
    path("<uuid:pk>/", views.report, name="report"),
    path("<uuid:pk>/note/", views.note, name="note"),
    path("<uuid:pk>/decide/", views.decide, name="decide"),
    path("<uuid:pk>/retrain/", views.retrain, name="retrain"),
]
