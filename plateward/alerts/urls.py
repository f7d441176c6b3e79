from django.urls import path

from plateward.alerts import check_views, views

app_name = "alerts"
urlpatterns = [
    path("<uuid:pk>/steps/<slug:step>", views.work_step, name="step"),
    path("<uuid:pk>/confirmation", views.record_confirmation, name="confirm"),
    path("recorded", views.recorded, name="recorded"),
    path("acknowledge", views.acknowledge, name="acknowledge"),
    path("<uuid:pk>/holding", views.hold, name="hold"),
    path("<uuid:pk>/hand-over", views.hand_over, name="hand-over"),
    path("<uuid:pk>/units", views.note_unit, name="note-unit"),
    path("<uuid:pk>/picture", check_views.compare_picture, name="compare-picture"),
    path("<uuid:pk>/not-practicable", check_views.excuse, name="excuse"),
    path("<uuid:pk>/hit-confirmation", check_views.ask_entering_agency, name="ask-entering-agency"),
    path("<uuid:pk>/hit-confirmation/<uuid:request_pk>", check_views.record_hit_answer, name="hit-answer"),
    path("<uuid:pk>/disposition", views.dispose, name="dispose"),
]
