//! Sign-in by telephone number and one-time code, the caller's own account, the chat token.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

use super::desk::Document;
use super::organisations::OwnPlace;
use crate::ids::{DeviceId, PersonId};

/// `POST /api/sign-in/challenges`: ask for a code. The answer and its time are the same for known
/// and unknown numbers.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StartSignIn {
    /// 11 digits of mainland China, spaces allowed, `+86` allowed.
    pub phone: String,
    pub by: CodeBy,
    /// The code of an invitation: with one that is open, a number without an account gets a code
    /// too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invitation: Option<String>,
}

/// How the code reaches the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CodeBy {
    Sms,
    /// A voice call reads the code out.
    Call,
}

/// A started sign-in. The id survives the page being closed.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Challenge {
    pub challenge: Uuid,
    /// The number with its middle digits masked, e.g. `100****0001`.
    pub phone_masked: String,
    #[serde(with = "time::serde::rfc3339")]
    pub expires_at: OffsetDateTime,
    /// Seconds before another code may be asked for.
    pub resend_after_s: u32,
}

/// `POST /api/sign-in`: the code of a challenge. Answers [`Me`] and sets the session cookie.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FinishSignIn {
    pub challenge: Uuid,
    /// 6 digits.
    pub code: String,
    /// What the person calls this device, shown in the device list; at most 40 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_name: Option<String>,
    /// The person's name, 1–100 characters, for a number without an account: without it such a
    /// sign-in is refused with `name_required`, and the code stays good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// `GET /api/me`: who is signed in.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Me {
    pub person: PersonId,
    pub name: String,
    pub device: DeviceId,
    /// The caller's own number, middle digits masked.
    pub phone_masked: String,
    /// Branches and party groups of the caller, the home first.
    #[serde(default)]
    pub places: Vec<OwnPlace>,
    /// The home branch, also one outside this installation; absent for those who are no members.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home: Option<String>,
    /// Pages to agree to before going on.
    #[serde(default)]
    pub consents_due: Vec<Document>,
    /// Holds a post or a task that has a desk.
    #[serde(default)]
    pub has_desk: bool,
    /// Administers the installation.
    #[serde(default)]
    pub administrator: bool,
}

/// `GET /api/session`: whether somebody is signed in. A visitor is no error here, so that a page can
/// ask at its start.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SessionState {
    /// Absent: nobody is signed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub me: Option<Me>,
}

/// `POST /api/chat-token`: a token for the chat socket, bound to the signed-in device.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ChatToken {
    /// Whose it is: another page of the device may have signed somebody else in.
    pub person: PersonId,
    pub token: String,
    #[serde(with = "time::serde::rfc3339")]
    pub expires_at: OffsetDateTime,
}

/// `GET /api/devices`: the caller's signed-in devices, last used first.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct DeviceList {
    pub devices: Vec<Device>,
}

/// One signed-in device.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Device {
    pub device: DeviceId,
    /// At most 40 characters.
    pub name: String,
    /// The device that asks.
    pub current: bool,
    #[serde(with = "time::serde::rfc3339")]
    pub signed_in_at: OffsetDateTime,
    /// Last use, to about an hour.
    #[serde(with = "time::serde::rfc3339")]
    pub last_seen_at: OffsetDateTime,
}

/// `GET /dev/codes` of a hub that only its own machine can reach.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ConsoleCode {
    /// 11 digits.
    pub phone: String,
    /// 6 digits.
    pub code: String,
}
