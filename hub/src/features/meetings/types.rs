//! Rows of meetings, and the words under which values of the contract lie in the store.

use signaling::http::meetings::{
    LampState, MeetingKind, MeetingPlace, MeetingState, MinutesRole, NotCounted, PersonName,
    RollPart, VoteCase, VoteChoice, VoteOutcome, VoteWay,
};
use signaling::{DeviceId, MeetingId, OrganisationId, PersonId, VoteId};
use time::OffsetDateTime;

use super::quorum::{self, Attendee, Host, Numbers, Place};
use super::rules::Signatures;
use crate::features::words::stored_words;

stored_words! { kind_word, kind_of, MeetingKind,
    MembersMeeting = "members_meeting",
    CommitteeMeeting = "committee_meeting",
    GroupMeeting = "group_meeting",
    OrganisationLife = "organisation_life",
    ThemeDay = "theme_day",
    PartyLesson = "party_lesson",
}
stored_words! { state_word, state_of, MeetingState,
    Draft = "draft",
    Notified = "notified",
    SignIn = "sign_in",
    Open = "open",
    Adjourned = "adjourned",
    Cancelled = "cancelled",
    Closed = "closed",
    MinutesDraft = "minutes_draft",
    Signed = "signed",
    Archived = "archived",
}
stored_words! { lamp_word, lamp_of, LampState,
    NotNeeded = "not_needed",
    Missing = "missing",
    Reached = "reached",
}
stored_words! { place_word, place_of, MeetingPlace,
    Away = "away",
    Online = "online",
    OnSite = "on_site",
    Venue = "venue",
}

stored_words! { way_word, way_of, VoteWay,
    ShowOfHands = "show_of_hands",
    RollCall = "roll_call",
}
stored_words! { case_word, case_of_word, VoteCase,
    Ordinary = "ordinary",
    Committee = "committee",
    Admission = "admission",
    Election = "election",
}
stored_words! { outcome_word, outcome_of, VoteOutcome,
    Passed = "passed",
    NotPassed = "not_passed",
    HalfExactly = "half_exactly",
    NoQuorum = "no_quorum",
}
stored_words! { part_word, part_of, RollPart,
    Entitled = "entitled",
    Consulted = "consulted",
    Attends = "attends",
}
stored_words! { choice_word, choice_of, VoteChoice, Yes = "yes", No = "no", Abstain = "abstain", }

stored_words! { role_word, role_of, MinutesRole, Chair = "chair", Recorder = "recorder", }

/// A meeting as it lies in the table, with the names of those who run it.
#[derive(Clone, Debug)]
pub struct MeetingRow {
    pub id: MeetingId,
    pub organisation: OrganisationId,
    pub kind: MeetingKind,
    pub state: MeetingState,
    pub title: String,
    pub starts_at: OffsetDateTime,
    pub place: Option<String>,
    pub closed: bool,
    pub chair: PersonName,
    pub acting_chair: Option<PersonName>,
    pub recorder: PersonName,
    pub late_reason: Option<String>,
    pub ended_reason: Option<String>,
    pub notified_at: Option<OffsetDateTime>,
    pub opened_at: Option<OffsetDateTime>,
    pub ended_at: Option<OffsetDateTime>,
    pub judged_at: Option<OffsetDateTime>,
    pub lamp: Option<LampState>,
    /// The figures that the room was told last.
    pub shown: String,
    pub item: Option<u16>,
    /// A vote goes on.
    pub voting: bool,
    /// Under the minutes as they stand.
    pub signatures: Signatures,
    pub returned_reason: Option<String>,
}

impl MeetingRow {
    /// Who chairs now.
    #[must_use]
    pub fn chairs(&self) -> PersonId {
        self.acting_chair.as_ref().unwrap_or(&self.chair).person
    }
}

/// Somebody on a roll.
#[derive(Clone, Debug)]
pub struct RollRow {
    pub person: PersonId,
    pub name: String,
    /// As the rules look at the person; the place is where he or she is.
    pub attendee: Attendee,
    pub office: Option<String>,
    pub attends: Option<bool>,
    pub answer_reason: Option<String>,
    pub delivered_at: Option<OffsetDateTime>,
    pub device: Option<DeviceId>,
    pub venue: Option<u16>,
    pub signed_in_at: Option<OffsetDateTime>,
    pub late: bool,
}

impl RollRow {
    /// Where the person is, in the words of the contract.
    #[must_use]
    pub const fn place(&self) -> MeetingPlace {
        match self.attendee.place {
            Place::Away => MeetingPlace::Away,
            Place::Online(_) => MeetingPlace::Online,
            Place::OnSite => MeetingPlace::OnSite,
            Place::Venue => MeetingPlace::Venue,
        }
    }

    /// What the person does at a vote.
    #[must_use]
    pub const fn part(&self, meeting: (MeetingKind, Host), numbers: &Numbers) -> RollPart {
        if quorum::is_entitled(&self.attendee, meeting, numbers) {
            RollPart::Entitled
        } else if quorum::is_consulted(&self.attendee, meeting, numbers) {
            RollPart::Consulted
        } else {
            RollPart::Attends
        }
    }

    /// Why the person does not count as expected.
    #[must_use]
    pub fn not_counted(
        &self,
        meeting: (MeetingKind, Host),
        numbers: &Numbers,
    ) -> Option<NotCounted> {
        if self.part(meeting, numbers) == RollPart::Entitled {
            return None;
        }
        let (one, (kind, host)) = (&self.attendee, meeting);
        Some(match one {
            _ if one.observer => NotCounted::Observer,
            _ if !quorum::decides(kind) => NotCounted::NothingIsDecided,
            _ if !one.full => NotCounted::Probationary,
            _ if !one.rights => NotCounted::RightsSuspended,
            _ if one.exempt && numbers.away_exempt => NotCounted::Exempted,
            _ if kind == MeetingKind::CommitteeMeeting => NotCounted::NotOfCommittee,
            _ if host == Host::Temporary => NotCounted::TemporaryBranch,
            _ => NotCounted::HomeElsewhere,
        })
    }
}

/// Somebody who belongs on the roll by the tables of members.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a question of its own about a person")]
pub struct RosterRow {
    pub person: PersonId,
    pub name: String,
    pub full: bool,
    pub rights: bool,
    pub home: bool,
    pub committee: bool,
    pub exempt: bool,
}

/// A roll as the tables of members give it, with nobody there yet.
#[must_use]
pub fn roll_of(roster: Vec<RosterRow>) -> Vec<RollRow> {
    let line = |row: RosterRow| RollRow {
        person: row.person,
        name: row.name,
        attendee: Attendee {
            full: row.full,
            rights: row.rights,
            home: row.home,
            exempt: row.exempt,
            committee: row.committee,
            observer: false,
            place: Place::Away,
        },
        office: None,
        attends: None,
        answer_reason: None,
        delivered_at: None,
        device: None,
        venue: None,
        signed_in_at: None,
        late: false,
    };
    roster.into_iter().map(line).collect()
}

/// A vote as it lies in the table; the figures are those of its end.
#[derive(Clone, Debug)]
pub struct VoteRow {
    pub id: VoteId,
    pub number: u16,
    pub cid: String,
    pub item: Option<u16>,
    pub motion: String,
    pub way: VoteWay,
    pub case: VoteCase,
    pub formal: bool,
    pub opened_at: OffsetDateTime,
    pub closed_at: Option<OffsetDateTime>,
    pub expected: u32,
    pub present: u32,
    pub needed: u32,
    pub outcome: Option<VoteOutcome>,
}

/// A choice in a vote.
#[derive(Clone, Debug)]
pub struct BallotRow {
    pub vote: VoteId,
    pub person: PersonId,
    pub name: String,
    pub part: RollPart,
    pub choice: VoteChoice,
    pub entered_by: Option<String>,
}
