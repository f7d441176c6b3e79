from django.urls import path

from plateward.oversight import views

app_name = "oversight"
urlpatterns = [
    path("who-looked/", views.inquire, name="inquire"),
    path("my-record/", views.mine, name="mine"),
]
