//! Payloads of calls and bodies of requests: what is read can be written, and means the same then.

use serde::Serialize;
use serde::de::DeserializeOwned;
use signaling::http::{accounts, administration, desk, joining, leading, organisations};
use signaling::media::room_service::{Call, Encoding};
use signaling::rpc::chat;

/// Reads bytes as one type; whether they are one.
pub type Read = fn(&[u8]) -> bool;

/// Each kind of parameters of a call over the chat socket.
pub const RPC: [(&str, Read); 15] = [
    ("SendMessage", same::<chat::SendMessage>),
    ("EditMessage", same::<chat::EditMessage>),
    ("WithdrawMessage", same::<chat::WithdrawMessage>),
    ("SetReaction", same::<chat::SetReaction>),
    ("SetPin", same::<chat::SetPin>),
    ("ListPins", same::<chat::ListPins>),
    ("ListEdits", same::<chat::ListEdits>),
    ("ListReaders", same::<chat::ListReaders>),
    ("SetPresence", same::<chat::SetPresence>),
    ("AskPresence", same::<chat::AskPresence>),
    ("ListRooms", same::<chat::ListRooms>),
    ("PageMessages", same::<chat::PageMessages>),
    ("ListMembers", same::<chat::ListMembers>),
    ("MarkRead", same::<chat::MarkRead>),
    ("Sync", same::<chat::Sync>),
];

/// Each body of a request.
pub const HTTP: [(&str, Read); 20] = [
    ("StartSignIn", same::<accounts::StartSignIn>),
    ("FinishSignIn", same::<accounts::FinishSignIn>),
    ("SetPolicy", same::<administration::SetPolicy>),
    ("CalendarDay", same::<administration::CalendarDay>),
    ("OpenDesk", same::<desk::OpenDesk>),
    ("PasswordSignIn", same::<desk::PasswordSignIn>),
    ("SetPassword", same::<desk::SetPassword>),
    ("GiveConsent", same::<desk::GiveConsent>),
    ("UseInvitation", same::<joining::UseInvitation>),
    ("HostAnswer", same::<joining::HostAnswer>),
    ("HomeAnswer", same::<joining::HomeAnswer>),
    ("MakeInvitation", same::<joining::MakeInvitation>),
    ("AddMember", same::<leading::AddMember>),
    ("NoteContact", same::<leading::NoteContact>),
    ("FoundOrganisation", same::<organisations::FoundOrganisation>),
    ("ChangeOrganisation", same::<organisations::ChangeOrganisation>),
    ("GiveReason", same::<organisations::GiveReason>),
    ("AppointOfficer", same::<organisations::AppointOfficer>),
    ("RegisterMember", same::<organisations::RegisterMember>),
    ("MoveHome", same::<organisations::MoveHome>),
];

/// Data of a call over the chat socket, taken for each that there is.
pub fn rpc_payload(bytes: &[u8]) {
    for (_, read) in RPC {
        read(bytes);
    }
}

/// The body of a request, taken for each that there is.
pub fn http_body(bytes: &[u8]) {
    for (_, read) in HTTP {
        read(bytes);
    }
}

fn same<T: DeserializeOwned + Serialize>(bytes: &[u8]) -> bool {
    let Ok(value) = serde_json::from_slice::<T>(bytes) else { return false };
    let written = serde_json::to_string(&value).expect("what was read is written");
    let again: T = serde_json::from_str(&written).expect("what was written is read");
    assert_eq!(serde_json::to_string(&again).expect("written"), written);
    true
}

const CALLS: [&str; 11] = [
    "CreateRoom",
    "ListRooms",
    "DeleteRoom",
    "ListParticipants",
    "GetParticipant",
    "RemoveParticipant",
    "MutePublishedTrack",
    "UpdateParticipant",
    "UpdateSubscriptions",
    "SendData",
    "UpdateRoomMetadata",
];

/// The first byte chooses the call of the room service and the encoding of its body.
pub fn room_service(bytes: &[u8]) {
    let Some((first, body)) = bytes.split_first() else { return };
    let encoding = if first % 2 == 0 { Encoding::Json } else { Encoding::Protobuf };
    let Some(method) = CALLS.get(usize::from(first / 2)) else { return };
    let _ = Call::read(method, encoding, body);
}
