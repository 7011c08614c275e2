//! The leader's view of a party group or joint branch.

use serde::{Deserialize, Serialize};
use time::{Date, OffsetDateTime};
use utoipa::ToSchema;

use super::joining::JoinState;
use super::organisations::{OrganisationName, OrganisationWarning, PostKind};
use crate::event::chat::RoomRole;
use crate::ids::{PersonId, RoomId};

/// `GET /api/rooms/{room}`: what the room belongs to, for its members; leaders see their duties.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RoomInfo {
    pub room: RoomId,
    pub organisation: OrganisationName,
    /// The branch of a party group, the host of a joint branch.
    pub of: String,
    pub role: RoomRole,
    /// Whether the caller may add, remove, invite and answer here.
    pub leads: bool,
    /// Requests that wait for the leader; 0 for anyone else.
    pub joins_waiting: i64,
    /// Shown to leaders.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<OrganisationWarning>,
    pub members: Vec<RosterLine>,
}

/// One line of the roster.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RosterLine {
    pub person: PersonId,
    pub name: String,
    pub role: RoomRole,
    /// How the person belongs to the branch; `home` for its own members.
    pub state: JoinState,
    /// The home branch of those whose home is elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home: Option<String>,
    pub posts: Vec<PostKind>,
    /// May vote here: home members with the right to.
    pub votes: bool,
}

/// `POST /api/rooms/{room}/members` (leader): of a party group, a member of its branch; of a joint
/// branch, anyone the leader knows, who then takes part provisionally. Answers [`RosterLine`].
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddMember {
    /// 11 digits.
    pub phone: String,
    /// 1–100 characters; must be the registered one where the number is known.
    pub name: String,
    /// The home branch, for a person the hub does not know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home_branch: Option<String>,
}

/// `GET /api/rooms/{room}/candidates` (leader of a party group): members of the branch who are in
/// none of its groups.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct CandidateList {
    pub candidates: Vec<Candidate>,
}

/// Somebody who can be put into the group by `PUT /api/rooms/{room}/members/{person}`.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Candidate {
    pub person: PersonId,
    pub name: String,
}

/// `GET /api/rooms/{room}/participation?month=2026-11` (leader): who took part. Opening the
/// application counts for nothing.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Participation {
    /// `YYYY-MM`.
    pub month: String,
    pub members: Vec<MemberParticipation>,
}

/// What one member did in the month.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct MemberParticipation {
    pub person: PersonId,
    pub name: String,
    pub mobile: bool,
    /// Messages written in the room.
    pub messages: i64,
    /// Contacts noted in the month.
    pub contacts: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_contact: Option<Contact>,
    /// Nothing was noted for the days of the policy `contact.silent_days`.
    pub silent: bool,
}

/// A contact with a member, noted by hand.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Contact {
    pub on: Date,
    pub by: String,
    pub text: String,
    #[serde(with = "time::serde::rfc3339")]
    pub noted_at: OffsetDateTime,
}

/// `POST /api/rooms/{room}/members/{person}/contacts` (leader). Answers [`Contact`]. The member sees
/// it under `GET /api/me/contacts`.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoteContact {
    /// Not in the future.
    pub on: Date,
    /// 1–200 characters.
    pub text: String,
}

/// `GET /api/me/contacts`, newest first, at most 200.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ContactList {
    pub contacts: Vec<Contact>,
}
