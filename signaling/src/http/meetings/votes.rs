//! Open votes of meetings.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

use super::{PersonName, RollPart, VoteCase, VoteOutcome};
use crate::ids::{PersonId, VoteId};

/// How a vote is taken; both are open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum VoteWay {
    ShowOfHands,
    /// By name, in the order of the roll.
    RollCall,
}

/// A choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum VoteChoice {
    Yes,
    No,
    Abstain,
}

/// Votes of one group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VoteTally {
    pub yes: u32,
    pub no: u32,
    pub abstain: u32,
}

/// `POST /api/meetings/{meeting}/votes` (chair). Answers [`Meeting`]; a repeat of `cid` opens no
/// second vote.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CallVote {
    /// The client's own id, 1–64 letters, digits, `-`, `_`.
    pub cid: String,
    /// 1–500 characters.
    pub motion: String,
    pub way: VoteWay,
    /// The item it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<u16>,
    /// Asks for opinions alone and decides nothing.
    #[serde(default)]
    pub opinion: bool,
}

/// A vote. `POST /api/meetings/{meeting}/votes/{vote}/close` (chair), without body, closes it and
/// answers [`Meeting`].
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct MeetingVote {
    pub vote: VoteId,
    /// From 1.
    pub number: u16,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<u16>,
    pub motion: String,
    pub way: VoteWay,
    pub case: VoteCase,
    /// Decides; else it asks for opinions.
    pub formal: bool,
    #[serde(with = "time::serde::rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    pub opened_at: OffsetDateTime,
    /// Absent while it goes on.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "time::serde::rfc3339::option"
    )]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub closed_at: Option<OffsetDateTime>,
    /// 应到; of a closed vote, when it was closed.
    pub expected: u32,
    /// 实到: present, or has cast.
    pub present: u32,
    pub needed: u32,
    /// 正式表决: of those entitled.
    pub votes: VoteTally,
    /// 征求意见: of those whose home is elsewhere; in a vote that asks for opinions alone, of
    /// everyone. Never added to `votes`.
    pub opinions: VoteTally,
    /// Of a closed formal vote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<VoteOutcome>,
    /// Who has cast, in the order of casting.
    pub cast: Vec<CastLine>,
    /// Who may cast and has not, by name.
    pub missing: Vec<PersonName>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mine: Option<VoteChoice>,
}

/// A vote that was cast.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct CastLine {
    pub person: PersonId,
    pub name: String,
    pub part: RollPart,
    pub choice: VoteChoice,
    /// Who entered it for somebody in the room or at a venue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entered_by: Option<String>,
}

/// `PUT /api/meetings/{meeting}/votes/{vote}/ballot` (may cast): one choice per person and vote,
/// final. A repeat of the same choice answers the same; another choice is refused with `conflict`.
/// Answers [`Meeting`].
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CastVote {
    pub choice: VoteChoice,
    /// For somebody in the room (chair, recorder) or at a venue (its head); absent: the caller's
    /// own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonId>,
}
