from django.urls import path

from plateward.alerts import views

app_name = "alerts"
urlpatterns = [
    path("<uuid:pk>/steps/<slug:step>", views.work_step, name="step"),
    path("<uuid:pk>/confirmation", views.record_confirmation, name="confirm"),
    path("acknowledge", views.acknowledge, name="acknowledge"),
    path("<uuid:pk>/holding", views.hold, name="hold"),
    path("<uuid:pk>/hand-over", views.hand_over, name="hand-over"),
    path("<uuid:pk>/units", views.note_unit, name="note-unit"),
    path("<uuid:pk>/disposition", views.dispose, name="dispose"),
]
