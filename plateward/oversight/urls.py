from django.urls import path

from plateward.oversight import review_views, views

app_name = "oversight"
urlpatterns = [
    path("who-looked/", views.inquire, name="inquire"),
    path("my-record/", views.mine, name="mine"),
    path("my-record/answer/", views.answer, name="answer"),
    path("my-record/plates/", views.own_plates, name="own-plates"),
    path("completeness/", views.completeness, name="completeness"),
    path("reviews/", review_views.reviews, name="reviews"),
    path("reviews/<uuid:review_id>/", review_views.review, name="review"),
    path("reviews/item/<uuid:item_id>/", review_views.item, name="item"),
]
