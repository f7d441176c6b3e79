from django.urls import path

from plateward.notices import views

app_name = "notices"
urlpatterns = [
    path("", views.for_you, name="for-you"),
    path("badge/", views.badge, name="badge"),
    path("noted/", views.note, name="note"),
]
