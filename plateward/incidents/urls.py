from django.urls import path

from plateward.incidents import views

app_name = "incidents"
urlpatterns = [
    path("", views.incidents, name="incidents"),
    path("new/", views.make, name="make"),
    path("<uuid:pk>/", views.incident, name="incident"),
    path("<uuid:pk>/step/", views.step, name="step"),
    path("<uuid:pk>/move/", views.move, name="move"),
]
