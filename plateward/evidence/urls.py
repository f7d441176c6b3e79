from django.urls import path

from plateward.evidence import booking_views, custody_views, disc_views, hold_views, package_views

app_name = "evidence"
urlpatterns = [
    path("holds/", hold_views.holds, name="holds"),
    path("holds/new/", hold_views.new, name="new-hold"),
    path("holds/<uuid:pk>/", hold_views.hold, name="hold"),
    path("holds/<uuid:pk>/book/", booking_views.book, name="book"),
    path("holds/<uuid:pk>/reads/", hold_views.reads, name="hold-reads"),
    path("holds/<uuid:pk>/ask/<slug:act>/", hold_views.asked, name="ask-of-hold"),
    path("holds/<uuid:pk>/decide/<slug:act>/", hold_views.decided, name="decide-on-hold"),
    path("packages/", package_views.packages, name="packages"),
    path("packages/new/", package_views.new, name="new-package"),
    path("packages/<uuid:pk>/", package_views.package, name="package"),
    path("packages/<uuid:pk>/again/", package_views.again, name="package-again"),
    path("packages/<uuid:pk>/file/", package_views.take, name="take-package"),
    path("packages/<uuid:pk>/discard/", package_views.discard, name="discard-package"),
    path("packages/<uuid:pk>/discs/", disc_views.new, name="new-discs"),
    path("disc-sets/<uuid:pk>/again/", disc_views.again, name="discs-again"),
    path("discs/<uuid:pk>/image/", disc_views.image, name="take-image"),
    path("discs/<uuid:pk>/label/", disc_views.label, name="disc-label"),
    path("discs/<uuid:pk>/<slug:kind>/", custody_views.record, name="record-disc"),
]
