//! Minutes of meetings.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

use super::{MeetingRight, MeetingState, PersonName};
use crate::ids::{MeetingId, PersonId};

/// `GET /api/meetings/{meeting}/minutes` (on the roll, officers). Before anything was written
/// `version` is 0 and `text` the draft that the log gives.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Minutes {
    pub meeting: MeetingId,
    pub state: MeetingState,
    pub version: u16,
    pub text: String,
    /// SHA-256 of the record that is signed: meeting, version and text. 64 hexadecimal digits.
    pub hash: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub written_by: Option<PersonName>,
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "time::serde::rfc3339::option"
    )]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub written_at: Option<OffsetDateTime>,
    pub signatures: Vec<MinutesSignature>,
    /// Why the superior sent them back, the last time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub returned_reason: Option<String>,
    /// What happened, oldest first.
    pub log: Vec<MeetingLogLine>,
    /// The audit chain's end after the last step of this meeting: 16 hexadecimal digits, for the
    /// printed sheet.
    pub audit_code: String,
    pub rights: Vec<MeetingRight>,
}

/// A signature under the minutes as they stand.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct MinutesSignature {
    pub role: MinutesRole,
    pub person: PersonId,
    pub name: String,
    #[serde(with = "time::serde::rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    pub at: OffsetDateTime,
    pub hash: String,
}

/// As what somebody signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MinutesRole {
    Chair,
    Recorder,
}

/// One line of a meeting's history.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct MeetingLogLine {
    #[serde(with = "time::serde::rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    pub at: OffsetDateTime,
    /// What happened, a sentence in Chinese.
    pub text: String,
}

/// `PUT /api/meetings/{meeting}/minutes` (recorder, chair): a new version; signatures under earlier
/// ones are void. Answers [`Minutes`].
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WriteMinutes {
    /// The version that was on the screen; another one by now is refused with `conflict`.
    pub version: u16,
    /// 1–16,000 characters.
    pub text: String,
}

/// `POST /api/meetings/{meeting}/minutes/signature` (chair, recorder), after a second factor within
/// five minutes or a sign-in by one-time code within ten. Answers [`Minutes`].
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignMinutes {
    /// The hash that was on the screen; another one by now is refused with `conflict`.
    pub hash: String,
}
