//! Invitations, and the way from a link into a party group or joint branch.

use serde::{Deserialize, Serialize};
use time::{Date, OffsetDateTime};
use utoipa::ToSchema;

use super::organisations::{JointKind, OrganisationName};
use crate::ids::{InvitationId, JoinId, OrganisationId, PersonId, RoomId};

/// `GET /api/join/{code}`: what stands behind a link, for anyone who has it. A code that nobody
/// made is refused with `invitation_invalid`.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct InvitationCard {
    pub state: InvitationState,
    pub organisation: OrganisationName,
    /// The branch of a party group, the host of a joint branch.
    pub of: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub joint: Option<JointKind>,
    /// Who made the invitation.
    pub invited_by: String,
    #[serde(with = "time::serde::rfc3339")]
    pub valid_until: OffsetDateTime,
    /// Whom to ask where the invitation is no longer good: the leader or the secretary.
    pub ask: String,
}

/// Whether an invitation can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum InvitationState {
    Open,
    Expired,
    UsedUp,
    Revoked,
}

/// `POST /api/join/{code}`, signed in: uses the invitation. Who is on the roster is in at once,
/// anyone else asks the leader. A repeat answers the same. Answers [`JoinCase`].
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UseInvitation {
    /// What the person says is the home branch; needed where the hub knows none. At most 60
    /// characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home_branch: Option<String>,
    /// A word to the leader, at most 200 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Where a person stands on the way in.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum JoinState {
    /// The leader was asked.
    Submitted,
    /// Reads and speaks, is on the sign-in list, has no vote; the home branch was asked.
    Provisional,
    /// Takes part; the home branch agreed.
    Participating,
    /// A member whose home is here.
    Home,
    /// The leader, or the home branch, said no.
    Refused,
    /// The person took the request back before it was answered.
    Withdrawn,
    /// Left, moved or was removed.
    Ended,
}

/// `GET /api/join/{code}/case`, `GET /api/me/joins`: one's own case, and what leaders and home
/// branches see of it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct JoinCase {
    /// Absent where the person was on the roster and no case was needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub join: Option<JoinId>,
    pub state: JoinState,
    pub organisation: OrganisationName,
    /// The room, once the person may open it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room: Option<RoomId>,
    pub person: PersonId,
    pub name: String,
    /// The home branch by its name; of a stranger, what he or she wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home_branch: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Who is asked now: the leader, or the secretary of the home branch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<String>,
    #[serde(with = "time::serde::rfc3339")]
    pub submitted_at: OffsetDateTime,
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "time::serde::rfc3339::option"
    )]
    pub answered_at: Option<OffsetDateTime>,
    /// Last working day for the answer that is waited for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer_by: Option<Date>,
    /// No sign of activity for the days of the policy `join.inactive_days`.
    pub inactive: bool,
    /// Why it was refused or ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// `GET /api/me/joins`, `GET /api/rooms/{room}/joins` (leader), `GET /api/desk/joins` (officers of
/// home branches and of hosts).
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct JoinList {
    pub joins: Vec<JoinCase>,
}

/// `POST /api/me/joins/{join}/withdrawal` and `POST /api/me/joins/{join}/end` take no body.
///
/// `POST /api/rooms/{room}/joins/{join}/answer`: the leader answers for the host.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HostAnswer {
    pub accept: bool,
    /// The leader knows that this is the person; without it nobody is accepted.
    #[serde(default)]
    pub identity_checked: bool,
    /// Why the person may take part here; without it nobody is accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ground: Option<JoinGround>,
    /// The home branch of a person of whom the hub knows none, where it stands in this
    /// installation; else what the person wrote is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home: Option<OrganisationId>,
    /// Needed to refuse, 1–200 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Why a person may take part in a branch that is not the home.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum JoinGround {
    /// A mobile member: away from home for six months or more.
    Mobile,
    /// Works in a unit that the joint branch covers.
    Unit,
}

/// `POST /api/desk/joins/{join}/answer`: an officer of the home branch answers. Where the home is
/// outside this installation an officer of the host records its answer.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HomeAnswer {
    pub confirm: bool,
    /// Needed to refuse, and to record the answer of a home outside, 1–200 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// `POST /api/rooms/{room}/invitations` (leader). Answers [`Invitation`].
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MakeInvitation {
    /// Days until it ends, 1–90; absent: the policy `invitation.days`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<u16>,
    /// How many people may use it, 1–500; absent: the policy `invitation.uses`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uses_max: Option<u16>,
}

/// An invitation as its leader sees it. `DELETE /api/rooms/{room}/invitations/{invitation}` revokes
/// it; `GET /api/rooms/{room}/invitations/{invitation}/qr.svg` draws its link.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Invitation {
    pub invitation: InvitationId,
    pub code: String,
    /// The link, also what the QR code says. A link alone never admits anybody.
    pub url: String,
    pub state: InvitationState,
    pub made_by: String,
    #[serde(with = "time::serde::rfc3339")]
    pub made_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    pub valid_until: OffsetDateTime,
    pub uses: u16,
    pub uses_max: u16,
}

/// `GET /api/rooms/{room}/invitations` (leader), newest first.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct InvitationList {
    pub invitations: Vec<Invitation>,
}
