"""Every table of this subject, where Django looks for them."""

from plateward.releases.answer_models import AnswerPicture, AnswerPictureKey
from plateward.releases.fulfilling_models import Fulfillment
from plateward.releases.partner_models import Partner, PartnerReview, PartnerStep
from plateward.releases.portal_models import PartnerAccount
from plateward.releases.records_models import RecordsPaper, RecordsRequest
from plateward.releases.request_models import ReleaseDecision, ReleaseRequest
from plateward.releases.share_models import (
    DriftAnswer,
    InformationAgreement,
    ShareEvent,
    StandingShare,
    VendorShareList,
)

__all__ = [
    "AnswerPicture",
    "AnswerPictureKey",
    "DriftAnswer",
    "Fulfillment",
    "InformationAgreement",
    "Partner",
    "PartnerAccount",
    "PartnerReview",
    "PartnerStep",
    "RecordsPaper",
    "RecordsRequest",
    "ReleaseDecision",
    "ReleaseRequest",
    "ShareEvent",
    "StandingShare",
    "VendorShareList",
]
