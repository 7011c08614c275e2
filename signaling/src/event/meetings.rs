//! A meeting in the log of its room. Each event carries what changed and, where people come and go,
//! the lamp; `GET /api/meetings/{meeting}` has the whole.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::http::meetings::{
    MeetingLamp, MeetingPlace, MeetingState, RollPart, VoteChoice, VoteOutcome, VoteWay,
};
use crate::ids::{PersonId, VoteId};

/// `meeting_attendance`: somebody signed in or out, or was entered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AttendanceChanged {
    pub person: PersonId,
    pub name: String,
    pub part: RollPart,
    pub place: MeetingPlace,
    /// Of an observer who came: the office.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub office: Option<String>,
    /// Who entered it, where it was not the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entered_by: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    pub lamp: MeetingLamp,
}

/// `meeting_lamp`: the figures changed by silence or return, or the state of the lamp did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LampChanged {
    pub lamp: MeetingLamp,
}

/// `meeting_step`: the meeting stands elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MeetingMoved {
    pub state: MeetingState,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    pub lamp: MeetingLamp,
}

/// `meeting_chair`: somebody chairs in the absence of the chair.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ChairTaken {
    pub person: PersonId,
    pub name: String,
}

/// `meeting_item`: another item is under discussion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ItemChanged {
    /// From 1; absent: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
}

/// `vote_opened`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VoteOpened {
    pub vote: VoteId,
    pub number: u16,
    pub motion: String,
    pub way: VoteWay,
    pub formal: bool,
    pub lamp: MeetingLamp,
}

/// `vote_cast`: a hand was raised, a name answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VoteCast {
    pub vote: VoteId,
    pub person: PersonId,
    pub name: String,
    pub part: RollPart,
    pub choice: VoteChoice,
    /// Who entered it, where it was not the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entered_by: Option<String>,
}

/// `vote_closed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VoteClosed {
    pub vote: VoteId,
    pub number: u16,
    /// Of a formal vote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<VoteOutcome>,
}
