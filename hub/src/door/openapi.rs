//! The contract as one document: every route with its bodies, and what the chat socket carries.

use signaling::event::{
    self, calls as of_calls, chat as events, live, meetings, people as notices,
};
use signaling::http::{ErrorBody, administration, desk, joining, leading, organisations};
use signaling::refusal::RefusalCode;
use signaling::rpc::chat as calls;
use utoipa::OpenApi;
use utoipa::openapi::path::Operation;
use utoipa::openapi::{Content, Ref, ResponseBuilder};

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
        of_calls::CallStarted,
        of_calls::CallEnded,
        of_calls::Attended,
        meetings::AttendanceChanged,
        meetings::LampChanged,
        meetings::MeetingMoved,
        meetings::ChairTaken,
        meetings::ItemChanged,
        meetings::VoteOpened,
        meetings::VoteCast,
        meetings::VoteClosed,
        notices::Notice,
        notices::NoticeKind,
        live::ClientSign,
        live::LiveSign,
        live::Note,
        calls::AskPresence,
        calls::EditList,
        calls::EditMessage,
        calls::Item,
        calls::ItemState,
        calls::LastLine,
        calls::ListEdits,
        calls::ListMembers,
        calls::ListPins,
        calls::ListReaders,
        calls::ListRooms,
        calls::MarkRead,
        calls::MemberList,
        calls::MessagePage,
        calls::MessageSent,
        calls::PageMessages,
        calls::PinList,
        calls::PresenceSet,
        calls::Quote,
        calls::ReactionCount,
        calls::ReadMarked,
        calls::Reader,
        calls::ReaderList,
        calls::RoomKind,
        calls::RoomList,
        calls::RoomMember,
        calls::RoomSummary,
        calls::SendMessage,
        calls::SetPin,
        calls::SetPresence,
        calls::SetReaction,
        calls::Sync,
        calls::Synced,
        calls::TextVersion,
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
    for path in document.paths.paths.values_mut() {
        let changing = [&mut path.post, &mut path.put, &mut path.patch, &mut path.delete];
        for operation in changing.into_iter().flatten() {
            let body: &[&str] = if operation.request_body.is_some() { &["413"] } else { &[] };
            refuse(operation, &["403"]);
            refuse(operation, body);
        }
        let all = [&mut path.get, &mut path.post, &mut path.put, &mut path.patch, &mut path.delete];
        for operation in all.into_iter().flatten() {
            refuse(operation, &["503"]);
            if operation.parameters.is_some() || operation.request_body.is_some() {
                refuse(operation, &["400"]);
            }
            if operation.responses.responses.contains_key("401") {
                refuse(operation, &["404"]);
            }
        }
    }
    document
}

/// Adds what every route of the kind may answer: a request that cannot be read, a page of another
/// site, a body too large, somebody whom the access file does not admit, a store that is away.
fn refuse(operation: &mut Operation, statuses: &[&str]) {
    for &status in statuses {
        let refusal = || {
            let shape = Content::new(Some(Ref::from_schema_name("ErrorBody")));
            ResponseBuilder::new().content("application/json", shape).build().into()
        };
        operation.responses.responses.entry(status.to_owned()).or_insert_with(refusal);
    }
}
