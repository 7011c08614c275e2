//! The contract as one document: every route with its bodies, and what the chat socket carries.

use signaling::event::{self, chat as events, people as notices};
use signaling::http::{ErrorBody, administration, desk, joining, leading, organisations};
use signaling::refusal::RefusalCode;
use signaling::rpc::chat as calls;
use utoipa::OpenApi;

use super::http;

/// Payloads of the chat socket, which has no routes of its own.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Lianxin",
        description = "The HTTP interface of the hub, and the payloads of its chat socket: events \
                       (`Envelope` with the payload of its kind) and calls (parameters and results).",
    ),
    components(schemas(
        ErrorBody,
        RefusalCode,
        event::Envelope,
        event::EventKind,
        events::Edit,
        events::Hidden,
        events::InboxDevice,
        events::InboxRoom,
        events::Joined,
        events::Left,
        events::Message,
        events::Pin,
        events::Reaction,
        events::RoomChanged,
        events::RoleChanged,
        events::RoomRole,
        events::Withdrawn,
        notices::Notice,
        notices::NoticeKind,
        calls::EditMessage,
        calls::Item,
        calls::ItemState,
        calls::LastLine,
        calls::ListMembers,
        calls::ListRooms,
        calls::MarkRead,
        calls::MemberList,
        calls::MessagePage,
        calls::MessageSent,
        calls::PageMessages,
        calls::Quote,
        calls::ReactionCount,
        calls::ReadMarked,
        calls::RoomKind,
        calls::RoomList,
        calls::RoomMember,
        calls::RoomSummary,
        calls::SendMessage,
        calls::Sync,
        calls::Synced,
        calls::WithdrawMessage,
        organisations::OrganisationKind,
        organisations::JointKind,
        organisations::JointUnit,
        organisations::OrganisationName,
        organisations::OrganisationRow,
        organisations::OrganisationList,
        organisations::OrganisationPage,
        organisations::OrganisationWarning,
        organisations::OrganisationVersion,
        organisations::FoundOrganisation,
        organisations::ChangeOrganisation,
        organisations::GiveReason,
        organisations::PostKind,
        organisations::PostRow,
        organisations::AppointOfficer,
        organisations::Standing,
        organisations::AffiliationKind,
        organisations::MemberRow,
        organisations::OrganisationMembers,
        organisations::RegisterMember,
        organisations::MoveHome,
        organisations::UnmaskedPhone,
        organisations::OwnPlace,
        leading::RoomInfo,
        leading::RosterLine,
        leading::AddMember,
        leading::CandidateList,
        leading::Candidate,
        leading::Participation,
        leading::MemberParticipation,
        leading::Contact,
        leading::NoteContact,
        leading::ContactList,
        joining::InvitationCard,
        joining::InvitationState,
        joining::UseInvitation,
        joining::JoinState,
        joining::JoinCase,
        joining::JoinList,
        joining::HostAnswer,
        joining::JoinGround,
        joining::HomeAnswer,
        joining::MakeInvitation,
        joining::Invitation,
        joining::InvitationList,
        desk::Desk,
        desk::OpenDesk,
        desk::SecondFactor,
        desk::PasswordSignIn,
        desk::SetPassword,
        desk::Document,
        desk::Consent,
        desk::GiveConsent,
        desk::Consents,
        administration::Policy,
        administration::PolicyUnit,
        administration::PolicyList,
        administration::SetPolicy,
        administration::CalendarDay,
        administration::Calendar,
        administration::Health,
    ))
)]
struct Payloads;

/// The document, with the routes that only a development hub mounts.
#[must_use]
pub fn document() -> utoipa::openapi::OpenApi {
    let mut document = Payloads::openapi();
    document.merge(http::api(true).into_openapi());
    document
}
