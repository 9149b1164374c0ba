"""What the recommenders' routes share: keys of records, versions, and queries that a route does not know."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any

from annotated_types import MaxLen
from fastapi import Depends, Header, Path, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, StrictInt, StringConstraints

from dashboard.api.dependencies import Bench
from dashboard.api.schemas import Documented
from recsys.commands.refusing import problems_of_issues
from recsys.issues import Issue
from recsys.service import RecommenderService
from workbench.commands.rules import refuse

NumberInPath = Annotated[int, Path(ge=1, le=2**53, description="A version.")]
QueryKey = Annotated[str, StringConstraints(max_length=100)] | None
Name = Annotated[str, StringConstraints(strict=True, max_length=1_000)]
Text = Annotated[str, StringConstraints(strict=True, max_length=10_000)]
Description = Annotated[Text, Field(description="A few words about it.")]
Note = Annotated[Text, Field(description="Whatever is worth remembering.")]
Tags = Annotated[
    list[Annotated[str, StringConstraints(strict=True, min_length=1, max_length=40)]], MaxLen(20), Field(description="Words to find it by.")
]
Version = Annotated[StrictInt, Field(ge=1, le=2**53, description="The version that the change is meant for; another one is a conflict.")]


def service_of(bench: Bench) -> RecommenderService:
    """What people do with recommenders."""
    return RecommenderService(bench)


Service = Annotated[RecommenderService, Depends(service_of)]


def _no_query(request: Request) -> None:
    if request.query_params:
        raise RequestValidationError([
            {"type": "extra_forbidden", "loc": ("query", name), "msg": "Extra inputs are not permitted", "input": value}
            for name, value in request.query_params.items()
        ])  # fmt: skip


NO_QUERY = Depends(_no_query)
"""Put it among the `dependencies` of a route that takes no query parameters: it refuses any."""


class Query(BaseModel):
    """Base of the query parameters of a route; unknown ones are refused."""

    model_config = ConfigDict(extra="forbid")


class NameQuery(Query):
    """A name that somebody types."""

    name: str = Field(max_length=1_000)
    exclude_id: QueryKey = Field(None, description="The configuration that may keep the name: its id or number.")


class Available(BaseModel):
    """Whether a name is free."""

    available: bool


class IssueView(BaseModel):
    """One thing wrong with a document, or worth knowing of it."""

    code: str = Field(description="The rule that speaks.")
    path: str = Field(description="The field, dotted where it is nested; empty: the whole document.")
    message: str
    severity: str = Field(description="error, warning or info; only errors keep a document from being used.")


def issue_view(issue: Issue) -> IssueView:
    """An issue as REST shows it."""
    return IssueView(code=str(issue.code), path=issue.path, message=issue.message, severity=issue.severity)


def no_errors(issues: tuple[Issue, ...], document: Any = None) -> None:
    """Raises CommandError (invalid) with every issue that is an error."""
    refuse(problems_of_issues(issues, document))


@dataclass(frozen=True)
class Seen:
    """What a client has seen of a configuration, as its `If-Match` says.

    Attributes:
        version: of what it says. revision: of everything, its name and description included; None where only a version is named.
    """

    version: int | None = None
    revision: int | None = None

    def meant(self, version: int | None = None) -> dict[str, int | None]:
        """What a change is meant for, as the service's arguments; the `version` of a body comes before that of the header."""
        return {"expected_version": self.version if version is None else version, "expected_revision": self.revision}


def _seen(
    header: Annotated[
        str | None,
        Header(
            alias="If-Match",
            pattern=r'^(\*|(W/)?"\d{1,18}(-\d{1,18})?")$',
            description="The `ETag` last seen, or a version in quotes; after another change of it the request is a conflict.",
        ),
    ] = None,
) -> Seen:
    found = _ETAG.fullmatch(header) if header is not None else None
    return Seen() if found is None else Seen(int(found[1]), None if found[2] is None else int(found[2]))


IfSeen = Annotated[Seen, Depends(_seen)]

_ETAG = re.compile(r'(?:W/)?"([0-9]{1,18})(?:-([0-9]{1,18}))?"')


def set_seen(response: Response, version: int, revision: int) -> None:
    """Give the response a configuration's version and revision as its ETag."""
    response.headers["ETag"] = f'"{version}-{revision}"'


class Document(Documented):
    """Base of bodies that say what a configuration says, flat, beside fields of their own; unknown names are told with all else that is wrong."""

    model_config = ConfigDict(extra="allow")

    @property
    def document(self) -> dict[str, Any]:
        """What is said besides the body's own fields."""
        return dict(self.model_extra or {})
