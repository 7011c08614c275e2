//! Notices in a person's inbox about people and places.

use serde::{Deserialize, Serialize};
use time::{Date, OffsetDateTime};
use utoipa::ToSchema;

use crate::ids::{JoinId, MeetingId, OrganisationId, PersonId};

/// `notice` in a person's inbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Notice {
    pub notice: NoticeKind,
    /// What it is about.
    pub organisation: OrganisationId,
    /// Its name when the notice was written.
    pub title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub join: Option<JoinId>,
    /// Whom it is about; absent where it is the reader.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The meeting it is about; `organisation` holds it and `title` is its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meeting: Option<MeetingId>,
    /// When that meeting begins.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "time::serde::rfc3339::option"
    )]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub starts_at: Option<OffsetDateTime>,
    /// Last working day for an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer_by: Option<Date>,
}

/// What a notice says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// To the leader: somebody asks to join.
    JoinRequested,
    /// To the leader: a request still waits for an answer.
    JoinUnanswered,
    /// To the person: the leader agreed.
    JoinAccepted,
    /// To the person: the leader said no.
    JoinRefused,
    /// To the home branch: a member takes part elsewhere; please confirm.
    HomeAsked,
    /// To the superior: the home branch did not answer in time.
    HomeSilent,
    /// To the person and the leader: the home branch agreed.
    HomeConfirmed,
    /// To the person and the leader: the home branch said no, the participation is over.
    HomeRefused,
    /// To the leader and the home branch: the participation is over.
    JoinEnded,
    /// To the person, the leader and the home branch: the home is here now.
    HomeMoved,
    /// To the leader and the person: no activity for long; nothing else follows from it.
    Inactive,
    /// To the person: appointed to a post.
    PostGiven,
    /// To the person: a post ended.
    PostEnded,
    /// To the person: an officer looked at the whole telephone number.
    PhoneSeen,
    /// To the person: a second factor was set up.
    SecondFactorSet,
    /// To the person: the password was set.
    PasswordSet,
    /// To everyone on the roll: a meeting is called.
    MeetingCalled,
    /// To everyone on the roll: it is cancelled (with the reason).
    MeetingCancelled,
    /// To everyone on the roll: it was not held, or not to its end (with the reason).
    MeetingAdjourned,
    /// To the superior: the notice was shorter than the rule asks for (with the reason).
    MeetingLate,
    /// To chair and recorder: the superior sent the minutes back (with the reason).
    MinutesReturned,
}
