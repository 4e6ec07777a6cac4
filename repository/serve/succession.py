"""How the children of a service are replaced while it serves: at SIGHUP, by others with the settings as they are then.

Whoever answers is succeeded first. Only when the new ones answer, the old ones are told to leave; where they cannot
begin, everything stays as it was.
"""

import signal
import time
from collections.abc import Iterator, Sequence

from repository.model.errors import SettingsError
from repository.serve.member import Ended, Member
from repository.serve.plan import Plan
from repository.serve.words import how_it_ended, say

# From SIGHUP to the end of whoever leaves: see web.py, whose workers need longest.
LEAVE_SECONDS = 40.0
# For an heir to begin: a large log takes a while to open, on a machine that has much to do.
_BEGIN_SECONDS = 120.0
# From SIGTERM to SIGKILL, for those who have nobody waiting.
_END_SECONDS = 10.0


class Succession:
    """`members`: one for each role. `asked`: that everything be replaced; may be set by a handler of signals."""

    def __init__(self, plan: Plan, heirlooms: Sequence[int]) -> None:
        self.asked = False
        self._plan = plan
        self._heirlooms = tuple(heirlooms)
        self.members = [Member(role, plan.settings) for role in plan.roles()]
        self._leaving: list[Member] = []

    def everyone(self) -> list[Member]:
        """The members, their heirs, and those that leave."""
        heirs = [member.heir for member in self.members if member.heir]
        return [*self.members, *heirs, *self._leaving]

    def awaited(self) -> list[int]:
        """What becomes readable when an heir begins."""
        return [heir.complaints for heir in self._heirs() if heir.process is not None]

    def deadlines(self) -> list[float]:
        """When somebody will have had the time that they were given."""
        return [each.until for each in self.everyone() if each.process is not None and each.until is not None]

    def step(self) -> None:
        """Whatever is to be done now."""
        for member in self.members:
            if member.heir and member.heir.process is not None and member.heir.has_begun():
                self._succeed(member, member.heir)
        self._kill_who_is_late()
        if self.asked and not any(self._heirs()):
            self.asked = False
            self._renew()

    def expected(self, child: Member, ended: Ended) -> bool:
        """Whether this end was to come, or ends an attempt: nothing that the family has to mend."""
        if child in self._leaving:
            self._leaving.remove(child)
            return True
        for member in self.members:
            if member.heir is child:
                member.heir = None
                why = ended.reason if ended.code > 0 else how_it_ended(ended.code)
                say(f"the new {child.role.name} cannot begin, and the old one goes on: {why}")
                return True
        if child.until is not None:
            child.until, child.due = None, 0.0
            return True
        return False

    # -- what a renewal is ---------------------------------------------------------------------------------------

    def _renew(self) -> None:
        try:
            self._plan.read_again()
        except SettingsError as error:
            say(f"the settings were read again and are wrong, so the old ones stay: {error}")
            return
        roles = {role.name: role for role in self._plan.roles()}
        for member in self.members:
            if member.role.vital:
                self._designate(member, Member(roles[member.role.name], self._plan.settings))

    def _designate(self, member: Member, heir: Member) -> None:
        heir.born = time.monotonic()
        try:
            heir.bear(self._heirlooms)
        except OSError as error:
            say(f"cannot start a new {member.role.name}, and the old one goes on: {error.strerror}")
            return
        heir.until = heir.born + _BEGIN_SECONDS
        member.heir = heir

    def _succeed(self, member: Member, heir: Member) -> None:
        heir.until = None
        self.members[self.members.index(member)] = heir
        if member.process is not None:
            member.tell(signal.SIGHUP, LEAVE_SECONDS)
            member.heir = None
            self._leaving.append(member)
        if not heir.role.vital:
            return
        self._plan.take()
        say(
            "the settings were read again; new web workers answer, and the old ones finish what they have begun"
        )
        # Not only where they changed now: one that could not begin with them before may by now.
        if any(each.settings != self._plan.settings for each in self.members):
            self._renew_others()

    def _renew_others(self) -> None:
        """The settings differ: so those who answer nobody, or can be succeeded in their turn, get them as well."""
        roles = {role.name: role for role in self._plan.roles()}
        for member in list(self.members):
            role = roles.pop(member.role.name, None)
            if role is None:
                self.members.remove(member)
                if member.process is not None:
                    member.tell(signal.SIGTERM, _END_SECONDS)
                    self._leaving.append(member)
            elif role.vital:
                continue
            # One that has not begun has nobody waiting; and beside its heir it might be the last to take the place
            # where both are found, and leave with it.
            elif role.overlaps and member.process is not None and member.has_begun():
                self._designate(member, Member(role, self._plan.settings))
            else:
                member.role, member.settings = role, self._plan.settings
                member.tell(signal.SIGTERM, _END_SECONDS)
        self.members += [Member(role, self._plan.settings) for role in roles.values()]

    # -- those who take too long ---------------------------------------------------------------------------------

    def _heirs(self) -> Iterator[Member]:
        return (member.heir for member in self.members if member.heir)

    def _kill_who_is_late(self) -> None:
        now = time.monotonic()
        for each in self.everyone():
            if each.process is not None and each.until is not None and each.until <= now:
                say(f"the {each.role.name} (process {each.process.pid}) took too long, and had to be killed")
                each.tell(signal.SIGKILL)
                each.until = now + _END_SECONDS
