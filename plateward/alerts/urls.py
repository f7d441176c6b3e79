from django.urls import path

from plateward.alerts import views

app_name = "alerts"
urlpatterns = [
    path("<uuid:pk>/steps/<slug:step>", views.work_step, name="step"),
    path("<uuid:pk>/confirmation", views.record_confirmation, name="confirm"),
    path("<uuid:pk>/disposition", views.dispose, name="dispose"),
]
