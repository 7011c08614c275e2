//! The desk of meetings: drafts, notices, endings.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

use super::super::organisations::OrganisationName;
use super::{AgendaItem, MeetingKind, MeetingSummary, PersonName};
use crate::ids::{OrganisationId, PersonId};

/// `GET /api/desk/meetings` (officers): meetings of the organisations whose desk the caller keeps,
/// drafts too, and where a meeting can be called.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct DeskMeetings {
    /// Newest start first, at most 200.
    pub meetings: Vec<MeetingSummary>,
    pub places: Vec<MeetingOrganiser>,
}

/// An organisation that the caller may call to a meeting.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct MeetingOrganiser {
    pub organisation: OrganisationName,
    pub kinds: Vec<MeetingKind>,
    /// Who would chair.
    pub chair: Option<PersonName>,
    /// Everyone who can chair, record, or head a venue, by name.
    pub people: Vec<PersonName>,
    /// Days before the meeting at which the notice has to be out.
    pub notice_days: u32,
}

/// `POST /api/desk/meetings` (officers of the organisation): a draft, answers 201 [`Meeting`].
/// `PUT /api/desk/meetings/{meeting}` replaces a draft; the organisation stays.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PrepareMeeting {
    pub organisation: OrganisationId,
    pub kind: MeetingKind,
    /// 1–60 characters.
    pub title: String,
    #[serde(with = "time::serde::rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    pub starts_at: OffsetDateTime,
    /// 1–60 characters; absent: by video alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    #[serde(default)]
    pub closed: bool,
    pub chair: PersonId,
    /// Not the chair.
    pub recorder: PersonId,
    /// 1–30 items.
    pub agenda: Vec<AgendaItem>,
    /// At most 20.
    #[serde(default)]
    pub venues: Vec<PrepareVenue>,
    /// Formally exempted for this meeting, with the ground.
    #[serde(default)]
    pub exempted: Vec<Exemption>,
}

/// A venue to be.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PrepareVenue {
    /// 1–40 characters.
    pub name: String,
    pub head: PersonId,
}

/// Somebody who is exempted for one meeting.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Exemption {
    pub person: PersonId,
    /// 1–200 characters.
    pub reason: String,
}

/// `POST /api/desk/meetings/{meeting}/notice` (officers): fixes the roll and tells everyone on it.
/// Answers [`Meeting`].
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SendNotice {
    /// Needed where the notice is shorter than the rule asks for, 1–200 characters; the superior is
    /// told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub late_reason: Option<String>,
}

/// `POST /api/desk/meetings/{meeting}/cancellation` (officers),
/// `POST /api/desk/meetings/{meeting}/minutes/return` (superior). Both answer [`Meeting`].
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MeetingReason {
    /// 1–200 characters.
    pub reason: String,
}
