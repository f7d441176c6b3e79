"""What programs can ask: every method at every address, with what it takes, answers and may refuse."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from plateward.api import analysis_formats, canvass_formats, formats, problems
from plateward.problems import Kind
from plateward.reads.imaging import EXTENSIONS


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """What one method does at one address; `capability` is what token and person need for it.

    It gives one of its `answers`, or `sends` bytes of one of these media types.
    """

    method: str
    path: str
    id: str
    summary: str
    capability: str
    answers: Sequence[type[msgspec.Struct]] = ()
    sends: Sequence[str] = ()
    body: type[msgspec.Struct] | None = None
    example: dict[str, Any] | None = None
    after: str = ""
    kinds: Sequence[Kind] = ()

    @property
    def takes(self) -> str:
        """Name of the format it takes; empty where it takes none."""
        return self.body.__name__ if self.body else ""

    @property
    def gives(self) -> list[str]:
        """Names of the formats it may answer with; none where it sends bytes."""
        return [answer.__name__ for answer in self.answers]

    @property
    def problems(self) -> Sequence[Kind]:
        """Everything it may refuse, by status."""
        everywhere = (
            problems.TOKEN_MISSING,
            problems.TOKEN_INVALID,
            problems.REFUSED,
            problems.QUERY,
            problems.TOO_MANY,
            problems.FAULT,
            problems.UNRECORDED,
            problems.NO_POLICY,
        )
        return (*self.kinds, *everywhere)


SEARCH = {
    "plate": "7AB?123",
    "purpose": "stolen-or-wanted-vehicle",
    "reason": "Vehicle seen leaving the robbery at 1st and Main",
    "reference": "26-01234",
}
OPENING = {key: value for key, value in SEARCH.items() if key != "plate"}
_PLACE = {"kind": "CIRCLE", "latitude": 34.8986, "longitude": -117.0228, "radius_m": 400}
TRAVEL = {"plate": "7ABC123", "purpose": "crime-analysis", "reason": "Burglary series, two vehicles"}
INCIDENTS = {
    "incidents": [
        {
            "name": name,
            "from_at": f"2026-11-{day}T22:00:00-08:00",
            "until_at": f"2026-11-{day}T23:30:00-08:00",
            "area": _PLACE,
        }
        for name, day in (("26-01234", "18"), ("26-01240", "19"))
    ],
    "purpose": "crime-analysis",
    "reason": "Two burglaries by night, one way of working",
}
CANVASS = {
    "crime": "SHOOTING",
    "place": "1st and Main",
    "area": _PLACE,
    "from_at": "2026-11-20T20:00:00-08:00",
    "until_at": "2026-11-20T23:00:00-08:00",
    "purpose": "suspect-interdiction",
    "reason": "Shots fired at 1st and Main, every car nearby",
    "reference": "26-01234",
}
LOOK = {name: CANVASS[name] for name in ("purpose", "reason", "reference")}
COMPARISON = {
    "canvass_ids": ["0192f1a0-0000-7000-8000-000000000001", "0192f1a0-0000-7000-8000-000000000002"],
    "purpose": "crime-analysis",
    "reason": "Two shootings, one way of working",
}
ASSIGNMENT = {
    "username": "quinn",
    "from_at": "2026-11-20T23:00:00-08:00",
    "until_at": "2026-11-21T03:00:00-08:00",
}
OPERATIONS = (
    Operation(
        method="post",
        path="/api/v1/searches",
        id="search",
        summary="Search the agency's reads by plate, or every plate of a place; the newest 200 come first",
        capability="search.run",
        answers=(formats.SearchPage,),
        body=formats.SearchRequest,
        example=SEARCH,
        kinds=(problems.BODY, problems.TOO_BROAD),
    ),
    Operation(
        method="get",
        path="/api/v1/searches",
        id="listSearches",
        summary="List one's own searches for the token's purpose, 50 a page",
        capability="search.run",
        answers=(formats.OwnSearches,),
        after="Id of the last search of the page before; `next` gives the whole address",
        kinds=(problems.NOT_FOUND,),
    ),
    Operation(
        method="get",
        path="/api/v1/searches/{search_id}",
        id="showResults",
        summary="Show an own search again, or a further page of it; each is a new access on record",
        capability="search.run",
        answers=(formats.SearchPage,),
        after="Where the page begins; `next` gives the whole address",
        kinds=(problems.NOT_FOUND, problems.TOO_BROAD),
    ),
    Operation(
        method="get",
        path="/api/v1/searches/{search_id}/plates",
        id="showPlates",
        summary="List the distinct plates of an own canvass, most reads first, 200 a page",
        capability="search.run",
        answers=(formats.PlatesPage,),
        after="Number of the page before; `next` gives the whole address",
        kinds=(problems.NOT_FOUND, problems.TOO_BROAD),
    ),
    Operation(
        method="post",
        path="/api/v1/searches/{search_id}/file",
        id="takeOut",
        summary="Take the newest results of an own search out as CSV, as many as the policy lets",
        capability="search.export",
        sends=("text/csv",),
        kinds=(problems.NOT_FOUND, problems.TOO_BROAD),
    ),
    Operation(
        method="post",
        path="/api/v1/analyses/travel",
        id="findCompanions",
        summary="Find the vehicles that travel with another, where the policy permits crime analysis",
        capability="search.run",
        answers=(analysis_formats.TravelAnalysis,),
        body=analysis_formats.TravelRequest,
        example=TRAVEL,
        kinds=(problems.BODY, problems.TOO_BROAD),
    ),
    Operation(
        method="post",
        path="/api/v1/analyses/incidents",
        id="compareIncidents",
        summary="Find the plates that were at several incidents, where the policy permits crime analysis",
        capability="search.run",
        answers=(analysis_formats.IncidentsAnalysis,),
        body=analysis_formats.IncidentsRequest,
        example=INCIDENTS,
        kinds=(problems.BODY, problems.TOO_BROAD),
    ),
    Operation(
        method="get",
        path="/api/v1/analyses",
        id="listAnalyses",
        summary="List one's own analyses for the token's purpose, 50 a page",
        capability="search.run",
        answers=(analysis_formats.OwnAnalyses,),
        after="Id of the last analysis of the page before; `next` gives the whole address",
        kinds=(problems.NOT_FOUND,),
    ),
    Operation(
        method="get",
        path="/api/v1/analyses/{analysis_id}",
        id="runAgain",
        summary="Run an own analysis again; each time is a new access on record",
        capability="search.run",
        answers=(analysis_formats.TravelAnalysis, analysis_formats.IncidentsAnalysis),
        kinds=(problems.NOT_FOUND, problems.TOO_BROAD),
    ),
    Operation(
        method="post",
        path="/api/v1/canvasses",
        id="openCanvass",
        summary="Put a canvass of a crime scene on record; nothing is searched yet",
        capability="search.run",
        answers=(canvass_formats.OpenedCanvass,),
        body=canvass_formats.CanvassRequest,
        example=CANVASS,
        kinds=(problems.BODY, problems.TOO_BROAD),
    ),
    Operation(
        method="get",
        path="/api/v1/canvasses",
        id="listCanvasses",
        summary="List the agency's canvasses for the token's purpose, newest first, 50 a page",
        capability="search.run",
        answers=(canvass_formats.Canvasses,),
        after="Id of the last canvass of the page before; `next` gives the whole address",
        kinds=(problems.NOT_FOUND,),
    ),
    Operation(
        method="post",
        path="/api/v1/canvasses/comparisons",
        id="compareCanvasses",
        summary="Find the plates that were at several canvasses, where the policy permits crime analysis",
        capability="search.run",
        answers=(analysis_formats.IncidentsAnalysis,),
        body=canvass_formats.ComparisonRequest,
        example=COMPARISON,
        kinds=(problems.BODY, problems.NOT_FOUND, problems.TOO_BROAD),
    ),
    Operation(
        method="get",
        path="/api/v1/canvasses/{canvass_id}",
        id="showCanvass",
        summary="Show a canvass and who was sent to it; no plate",
        capability="search.run",
        answers=(canvass_formats.CanvassDetails,),
        kinds=(problems.NOT_FOUND,),
    ),
    Operation(
        method="get",
        path="/api/v1/canvasses/{canvass_id}/coverage",
        id="showCoverage",
        summary="Show which devices cover a canvass, whether they read, and which cars are near",
        capability="search.run",
        answers=(canvass_formats.CoverageFacts,),
        kinds=(problems.NOT_FOUND, problems.TOO_BROAD),
    ),
    Operation(
        method="post",
        path="/api/v1/canvasses/{canvass_id}/reads",
        id="searchCanvass",
        summary="Search all reads of a canvass, or what an assigned car read; the newest 200 come first",
        capability="search.run",
        answers=(formats.SearchPage,),
        body=canvass_formats.LookRequest,
        example=LOOK,
        kinds=(problems.BODY, problems.NOT_FOUND, problems.TOO_BROAD),
    ),
    Operation(
        method="post",
        path="/api/v1/canvasses/{canvass_id}/plates",
        id="listPlatesOfCanvass",
        summary="Search all reads of a canvass and list their distinct plates, most reads first, 200 a page",
        capability="search.run",
        answers=(formats.PlatesPage,),
        body=canvass_formats.LookRequest,
        example=LOOK,
        kinds=(problems.BODY, problems.NOT_FOUND, problems.TOO_BROAD),
    ),
    Operation(
        method="post",
        path="/api/v1/canvasses/{canvass_id}/closing",
        id="closeCanvass",
        summary="Close a canvass with how it ended",
        capability="search.run",
        answers=(canvass_formats.CanvassFacts,),
        body=canvass_formats.CloseRequest,
        example={"note": "The suspect's car was found."},
        kinds=(problems.BODY, problems.NOT_FOUND, problems.CONFLICT),
    ),
    Operation(
        method="post",
        path="/api/v1/canvasses/{canvass_id}/assignments",
        id="sendCar",
        summary="Send a person, with or without a certain car, to canvass; who may, the policy says",
        capability="search.run",
        answers=(canvass_formats.AssignmentFacts,),
        body=canvass_formats.AssignmentRequest,
        example=ASSIGNMENT,
        kinds=(problems.BODY, problems.NOT_FOUND, problems.CONFLICT),
    ),
    Operation(
        method="get",
        path="/api/v1/assignments",
        id="listAssignments",
        summary="List what one is oneself sent to canvass for the token's purpose and has not ended",
        capability="search.run",
        answers=(canvass_formats.OwnAssignments,),
    ),
    Operation(
        method="post",
        path="/api/v1/assignments/{assignment_id}/acknowledgement",
        id="acknowledgeAssignment",
        summary="Say that one goes to canvass; only who is sent does",
        capability="search.run",
        answers=(canvass_formats.AssignmentFacts,),
        kinds=(problems.NOT_FOUND, problems.CONFLICT),
    ),
    Operation(
        method="post",
        path="/api/v1/assignments/{assignment_id}/end",
        id="endAssignment",
        summary="Say that the area was canvassed, or withdraw the assignment",
        capability="search.run",
        answers=(canvass_formats.AssignmentFacts,),
        body=canvass_formats.EndRequest,
        example={"is_done": True, "note": "Alley behind Main not reached."},
        kinds=(problems.BODY, problems.NOT_FOUND, problems.CONFLICT),
    ),
    Operation(
        method="post",
        path="/api/v1/reads/{read_id}/openings",
        id="openRead",
        summary="Open one read; its pictures have addresses for 15 minutes",
        capability="reads.view",
        answers=(formats.OpenedRead,),
        body=formats.OpeningRequest,
        example=OPENING,
        kinds=(problems.BODY, problems.NOT_FOUND),
    ),
    Operation(
        method="get",
        path="/api/v1/pictures/{address}",
        id="fetchPicture",
        summary="Fetch a picture of a read that was opened, under the access record of that opening",
        capability="reads.view",
        sends=tuple(EXTENSIONS),
        kinds=(
            problems.NOT_FOUND,
            problems.OPENING_OVER,
            problems.PICTURE_LOST,
            problems.PICTURE_UNAVAILABLE,
        ),
    ),
    Operation(
        method="get",
        path="/api/v1/devices",
        id="listDevices",
        summary="List the device register with its devices' health",
        capability="devices.view",
        answers=(formats.Devices,),
    ),
)
