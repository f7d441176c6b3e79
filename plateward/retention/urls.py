from django.urls import path

from plateward.retention import proof_views, views
from plateward.walls import scope

app_name = "retention"
_LOOKED_PAST = "A schedule, a purge and its proofs are about what is deleted logically too."
_whole = scope.beyond(_LOOKED_PAST)

urlpatterns = [
    path("", _whole(views.overview), name="overview"),
    path("sign/", _whole(views.sign), name="sign"),
    path("signatures/<uuid:pk>/withdraw/", _whole(views.unsign), name="unsign"),
    path("authorities/new/", _whole(views.authority), name="authority"),
    path("authorities/<uuid:pk>/withdraw/", _whole(views.withdraw_authority), name="withdraw-authority"),
    path("sources/", _whole(views.source), name="source"),
    path("purges/new/", _whole(views.propose), name="propose"),
    path("purges/<uuid:pk>/", _whole(views.purge), name="purge"),
    path("purges/<uuid:pk>/certificate.zip", _whole(views.certificate), name="certificate"),
    path("purges/<uuid:pk>/<slug:act>/", _whole(views.decide), name="decide"),
    path("oldest/", _whole(proof_views.oldest), name="oldest"),
    path("used/", _whole(proof_views.used), name="used"),
    path("vendor/", _whole(proof_views.vendor), name="vendor"),
    path("vendor/new/", _whole(proof_views.attest), name="attest"),
    path("vendor/<uuid:pk>/sample/", _whole(proof_views.sample), name="sample"),
]
