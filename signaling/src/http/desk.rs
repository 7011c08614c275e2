//! The officers' desk: a second factor over the sign-in, and what rests on it.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

/// `GET /api/desk`: whether the caller has a desk and it is open. A desk is open after a second
/// factor and closes when it was not used for 30 minutes. Routes of the desk then answer
/// `second_factor_required`.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Desk {
    /// The caller holds a post or a task that needs one.
    pub needed: bool,
    /// A second factor is set up.
    pub has_second_factor: bool,
    /// When the desk closes if it is not used; absent: it is closed.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "time::serde::rfc3339::option"
    )]
    pub open_until: Option<OffsetDateTime>,
    /// Until when what is most sensitive may be done without giving the second factor again.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "time::serde::rfc3339::option"
    )]
    pub proven_until: Option<OffsetDateTime>,
    /// The caller administers the installation.
    pub administrator: bool,
}

/// `POST /api/desk`: opens the desk, or proves the second factor anew. Answers [`Desk`].
/// `DELETE /api/desk` closes it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenDesk {
    /// 6 digits.
    pub code: String,
}

/// `POST /api/desk/second-factor`, without body: a new secret for an authenticator application,
/// for an officer who has none, within ten minutes of a sign-in by one-time code. It counts once
/// `POST /api/desk/second-factor/confirmation` brought a right code ([`OpenDesk`]), which also opens
/// the desk.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SecondFactor {
    /// Base32, for typing in.
    pub secret: String,
    /// `otpauth://…`
    pub uri: String,
    /// The address as a picture.
    pub qr_svg: String,
}

/// `POST /api/sign-in/password`: the second way in. Answers `Me` and sets the session cookie. A
/// wrong password, an unknown number and an account without a password are one answer,
/// `password_wrong`.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordSignIn {
    pub phone: String,
    pub password: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_name: Option<String>,
}

/// `PUT /api/me/password`: sets a password, 10–128 characters. Needs the present one, or a sign-in by
/// one-time code within the last ten minutes. Ends the other devices.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetPassword {
    pub password: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub present: Option<String>,
}

/// A page that one agrees to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Document {
    /// `/privacy`
    Privacy,
    /// `/rules`
    Rules,
}

/// A version of a page, and when the person agreed to it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Consent {
    pub document: Document,
    /// The version in force, a date.
    pub version: String,
    /// Absent: not yet.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "time::serde::rfc3339::option"
    )]
    pub agreed_at: Option<OffsetDateTime>,
}

/// `POST /api/me/consents`: agrees to the version that was shown; another than the one in force is
/// refused with `conflict`. Answers [`Consents`].
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GiveConsent {
    pub document: Document,
    pub version: String,
}

/// `GET /api/me/consents`.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Consents {
    pub consents: Vec<Consent>,
}
