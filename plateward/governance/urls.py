from django.urls import path

from plateward.governance import views

app_name = "governance"
urlpatterns = [path("", views.policy, name="policy")]
