from django.urls import path

from plateward.outgoing import person_views

app_name = "told"
urlpatterns = [
    path("", person_views.mine, name="mine"),
    path("choose/", person_views.choose, name="choose"),
    path("address/", person_views.address, name="address"),
    path("address/try/", person_views.try_mail, name="try-mail"),
    path("address/confirm/", person_views.confirm, name="confirm"),
    path("browsers/", person_views.add_browser, name="add-browser"),
    path("browsers/<uuid:pk>/remove/", person_views.remove_browser, name="remove-browser"),
    path("browsers/<uuid:pk>/try/", person_views.try_browser, name="try-browser"),
]
