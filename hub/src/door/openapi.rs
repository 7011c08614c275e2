//! The contract as one document: every route with its bodies, and what the chat socket carries.

use signaling::event::{self, chat as events};
use signaling::http::ErrorBody;
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
        events::RoomRole,
        events::Withdrawn,
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
