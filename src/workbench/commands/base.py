"""What a command is: frozen data with one pure method that decides on changes or refuses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, TypeVar

from pydantic import BaseModel, ConfigDict

from workbench.fields import FieldProblem
from workbench.roles import Role
from workbench.state import AppState, LabelValue, Record

ErrorCode = Literal["not_found", "conflict", "invalid", "forbidden"]


class CommandError(ValueError):
    """A command that is refused; nothing was changed.

    Attributes:
        message: what is wrong, in one sentence, with what to do.
        code: `not_found`, `conflict`, `invalid` or `forbidden` (REST: 404, 409, 422, 403).
        problems: what is wrong field by field, if it is about fields.
        rule: of a rule that speaks of the whole refusal, its code; programs are told it instead of `code`.
    """

    def __init__(
        self,
        message: str,
        field: str | None = None,
        hint: str | None = None,
        *,
        code: ErrorCode = "invalid",
        problems: tuple[FieldProblem, ...] = (),
        rule: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.hint = hint
        self.code: ErrorCode = code
        self.rule = rule
        self.problems = problems or ((FieldProblem(field, message, hint=hint),) if field else ())


@dataclass(frozen=True)
class Put:
    """Create or replace a record."""

    kind: str
    id: str
    record: Record


@dataclass(frozen=True)
class Remove:
    """Take a record out of the state (only inverses and gc use it; people's deletes are soft)."""

    kind: str
    id: str


@dataclass(frozen=True)
class SetLabels:
    """Set or clear labels of one model's samples, by dataset row."""

    model_id: str
    labels: Mapping[int, LabelValue | None]


Change = Put | Remove | SetLabels
Changes = tuple[Change, ...]


class Facts:
    """Base of what is read from files before a command's transaction and told to it."""


F = TypeVar("F", bound=Facts)


@dataclass(frozen=True)
class Env:
    """What a command may know besides the state; made at the edge, once per execution.

    Attributes:
        now: UTC time as ISO 8601 text with milliseconds and a trailing Z.
        new_id: makes a fresh id for a kind.
        actor: who acts: `person:...` (a user), `browser:...`, `user:...` (of the machine), `api`, `worker`.
        model_type: looks up a `families.ModelType` by family and name.
        facts: what was read from files before the transaction, in the type that the command knows.
    """

    now: str
    new_id: Callable[[str], str]
    actor: str
    model_type: Callable[[str, str], Any]
    facts: Facts | None = None

    def known(self, facts_type: type[F]) -> F | None:
        """The facts, if they are of that type."""
        return self.facts if isinstance(self.facts, facts_type) else None

    def require(self, facts_type: type[F]) -> F:
        """The facts of that type. Raises TypeError if the caller did not bring them."""
        found = self.known(facts_type)
        if found is None:
            raise TypeError(f"this command needs {facts_type.__name__}, and was given {type(self.facts).__name__}")
        return found


class Command(BaseModel):
    """Base of all commands. `undoable` says whether its journal row can be taken back by Undo."""

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")
    role: ClassVar[Role] = "administer"
    """What a user must be to have it carried out. Every command says so for itself; the store asks (`workbench.people.rights`)."""
    undoable: ClassVar[bool] = False
    journal_walk: ClassVar[Literal["undo", "redo"] | None] = None
    """Set by Undo and Redo: the store reads the journal row they are about and passes it in as the facts `Walk`."""

    @property
    def needs(self) -> Role:
        """The role that this one needs, where that hangs on what it is about."""
        return self.role

    @property
    def words(self) -> str:
        """What it does, for history and the undo tooltip: "Rename model to X"."""
        return type(self).__name__.removesuffix("Command")

    def said(self, state: AppState, env: Env) -> str:
        """The same as history is to keep it, which may name what the command is about."""
        return self.words

    def decide(self, state: AppState, env: Env) -> Changes:
        """The changes this command makes to `state`; raises CommandError if it is refused. Pure."""
        raise NotImplementedError


class Among(BaseModel):
    """The journal rows that an Undo or Redo walks over: those of some commands that touched one record.

    Attributes:
        past_others: pass by what somebody changed since, and take back the rest, rather than refuse.
    """

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    kind: str
    id: str
    commands: tuple[str, ...]
    past_others: bool = False


class WalkCommand(Command):
    """Base of Undo and Redo. `among`: the rows that are walked over; None: all that its actor did."""

    role: ClassVar[Role] = "label"
    among: Among | None = None


def arguments_of(command: Command) -> dict[str, Any]:
    """The command's arguments as JSON values, for the journal."""
    return command.model_dump(mode="json")
