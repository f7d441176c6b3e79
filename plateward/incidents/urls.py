from django.urls import path

from plateward.incidents import notice_views, views

app_name = "incidents"
urlpatterns = [
    path("", views.incidents, name="incidents"),
    path("new/", views.make, name="make"),
    path("<uuid:pk>/", views.incident, name="incident"),
    path("<uuid:pk>/step/", views.step, name="step"),
    path("<uuid:pk>/move/", views.move, name="move"),
    path("<uuid:pk>/affected/", notice_views.affected, name="affected"),
    path("<uuid:pk>/affected/<uuid:list_id>/", notice_views.affected_file, name="affected-file"),
    path("<uuid:pk>/letter/", notice_views.letter, name="letter"),
    path("<uuid:pk>/letter/<uuid:letter_id>/", notice_views.letter_file, name="letter-file"),
    path("<uuid:pk>/sent/", notice_views.sent, name="sent"),
    path("<uuid:pk>/delay/", notice_views.delay, name="delay"),
]
