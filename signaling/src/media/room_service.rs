//! The administrator's calls over HTTP (Twirp): reading, rights, answers. Carrying them out is
//! [`super::session::Rooms::serve`].

use prost::Message;
use serde::{Serialize, de::DeserializeOwned};

use super::token::{Claims, VideoGrant};
use super::wire::{
    CreateRoomRequest, DeleteRoomRequest, ListParticipantsRequest, ListParticipantsResponse,
    ListRoomsRequest, ListRoomsResponse, MuteRoomTrackRequest, MuteRoomTrackResponse,
    ParticipantInfo, Room, RoomParticipantIdentity, SendDataRequest, UpdateParticipantRequest,
    UpdateRoomMetadataRequest, UpdateSubscriptionsRequest,
};

/// How bodies are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Json,
    Protobuf,
}

impl Encoding {
    /// The encoding of a content type; parameters are ignored.
    #[must_use]
    pub fn of(content_type: &str) -> Option<Self> {
        match content_type.split(';').next().unwrap_or_default().trim() {
            "application/json" => Some(Self::Json),
            "application/protobuf" => Some(Self::Protobuf),
            _ => None,
        }
    }

    /// The content type.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Protobuf => "application/protobuf",
        }
    }
}

/// A call with its arguments.
#[derive(Clone, Debug, PartialEq)]
pub enum Call {
    CreateRoom(Box<CreateRoomRequest>),
    ListRooms(ListRoomsRequest),
    DeleteRoom(DeleteRoomRequest),
    ListParticipants(ListParticipantsRequest),
    GetParticipant(RoomParticipantIdentity),
    RemoveParticipant(RoomParticipantIdentity),
    MutePublishedTrack(MuteRoomTrackRequest),
    UpdateParticipant(Box<UpdateParticipantRequest>),
    UpdateSubscriptions(UpdateSubscriptionsRequest),
    SendData(SendDataRequest),
    UpdateRoomMetadata(UpdateRoomMetadataRequest),
}

/// What a call brought.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    Empty,
    Room(Room),
    Rooms(ListRoomsResponse),
    Participants(ListParticipantsResponse),
    Participant(Box<ParticipantInfo>),
    Track(Box<MuteRoomTrackResponse>),
}

/// Why a call is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    #[error("no handler for this path, method or content type")]
    BadRoute,
    #[error("the request can not be read")]
    Malformed,
    #[error("permissions denied")]
    Unauthenticated,
    #[error("requested room does not exist")]
    NoRoom,
    #[error("participant does not exist")]
    NoParticipant,
    #[error("track is not found")]
    NoTrack,
    #[error("{0}")]
    Argument(&'static str),
    #[error("{0}")]
    Precondition(&'static str),
    #[error("the node has no place for one more room")]
    NoCapacity,
}

impl Failure {
    /// The word of the error in Twirp.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::BadRoute => "bad_route",
            Self::Malformed => "malformed",
            Self::Unauthenticated => "unauthenticated",
            Self::NoRoom | Self::NoParticipant | Self::NoTrack => "not_found",
            Self::Argument(_) => "invalid_argument",
            Self::Precondition(_) => "failed_precondition",
            Self::NoCapacity => "resource_exhausted",
        }
    }

    /// The HTTP status that carries this error.
    #[must_use]
    pub const fn http_status(self) -> u16 {
        match self {
            Self::BadRoute | Self::NoRoom | Self::NoParticipant | Self::NoTrack => 404,
            Self::Malformed | Self::Argument(_) | Self::Precondition(_) => 400,
            Self::Unauthenticated => 401,
            Self::NoCapacity => 429,
        }
    }

    /// The JSON body.
    #[must_use]
    pub fn body(self) -> String {
        serde_json::json!({ "code": self.code(), "msg": self.to_string() }).to_string()
    }
}

fn read<T: Message + Default + DeserializeOwned>(
    encoding: Encoding,
    body: &[u8],
) -> Result<T, Failure> {
    match encoding {
        Encoding::Json => serde_json::from_slice(body).map_err(|_| Failure::Malformed),
        Encoding::Protobuf => T::decode(body).map_err(|_| Failure::Malformed),
    }
}

impl Call {
    /// Reads the call `method` with its body.
    pub fn read(method: &str, encoding: Encoding, body: &[u8]) -> Result<Self, Failure> {
        Ok(match method {
            "CreateRoom" => Self::CreateRoom(Box::new(read(encoding, body)?)),
            "ListRooms" => Self::ListRooms(read(encoding, body)?),
            "DeleteRoom" => Self::DeleteRoom(read(encoding, body)?),
            "ListParticipants" => Self::ListParticipants(read(encoding, body)?),
            "GetParticipant" => Self::GetParticipant(read(encoding, body)?),
            "RemoveParticipant" => Self::RemoveParticipant(read(encoding, body)?),
            "MutePublishedTrack" => Self::MutePublishedTrack(read(encoding, body)?),
            "UpdateParticipant" => Self::UpdateParticipant(Box::new(read(encoding, body)?)),
            "UpdateSubscriptions" => Self::UpdateSubscriptions(read(encoding, body)?),
            "SendData" => Self::SendData(read(encoding, body)?),
            "UpdateRoomMetadata" => Self::UpdateRoomMetadata(read(encoding, body)?),
            _ => return Err(Failure::BadRoute),
        })
    }

    /// Whether the holder of `claims` may make this call.
    pub fn authorise(&self, claims: &Claims) -> Result<(), Failure> {
        let none = VideoGrant::default();
        let grant = claims.video.as_ref().unwrap_or(&none);
        let allowed = match self {
            Self::CreateRoom(_) | Self::DeleteRoom(_) => grant.room_create,
            Self::ListRooms(_) => grant.room_list,
            _ => grant.room_admin && Some(grant.room.as_str()) == self.room(),
        };
        if allowed { Ok(()) } else { Err(Failure::Unauthenticated) }
    }

    fn room(&self) -> Option<&str> {
        match self {
            Self::CreateRoom(_) | Self::ListRooms(_) | Self::DeleteRoom(_) => None,
            Self::ListParticipants(request) => Some(&request.room),
            Self::GetParticipant(request) | Self::RemoveParticipant(request) => Some(&request.room),
            Self::MutePublishedTrack(request) => Some(&request.room),
            Self::UpdateParticipant(request) => Some(&request.room),
            Self::UpdateSubscriptions(request) => Some(&request.room),
            Self::SendData(request) => Some(&request.room),
            Self::UpdateRoomMetadata(request) => Some(&request.room),
        }
    }
}

impl Reply {
    /// The body in the encoding of the request.
    #[must_use]
    pub fn write(&self, encoding: Encoding) -> Vec<u8> {
        fn one<T: Message + Serialize>(value: &T, encoding: Encoding) -> Vec<u8> {
            match encoding {
                Encoding::Json => serde_json::to_vec(value).unwrap_or_default(),
                Encoding::Protobuf => value.encode_to_vec(),
            }
        }
        match self {
            Self::Empty if encoding == Encoding::Json => b"{}".to_vec(),
            Self::Empty => Vec::new(),
            Self::Room(room) => one(room, encoding),
            Self::Rooms(rooms) => one(rooms, encoding),
            Self::Participants(list) => one(list, encoding),
            Self::Participant(info) => one(info.as_ref(), encoding),
            Self::Track(track) => one(track.as_ref(), encoding),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_of_json_fields_are_read() {
        for body in [&br#"{"name":"a","emptyTimeout":7}"#[..], br#"{"name":"a","empty_timeout":7}"#]
        {
            let call = Call::read("CreateRoom", Encoding::Json, body).expect("reads");
            let Call::CreateRoom(request) = call else { panic!("CreateRoom") };
            assert_eq!((request.name.as_str(), request.empty_timeout), ("a", 7));
        }
    }

    #[test]
    fn an_administrator_of_one_room_has_no_say_in_another() {
        let call =
            |room: &str| Call::ListParticipants(ListParticipantsRequest { room: room.to_owned() });
        let grant = VideoGrant { room_admin: true, room: "a".to_owned(), ..VideoGrant::default() };
        let claims = Claims { video: Some(grant), ..Claims::default() };
        assert_eq!(call("a").authorise(&claims), Ok(()));
        assert_eq!(call("b").authorise(&claims), Err(Failure::Unauthenticated));
        assert_eq!(call("a").authorise(&Claims::default()), Err(Failure::Unauthenticated));
    }

    #[test]
    fn an_unknown_method_is_a_bad_route() {
        let error = Call::read("Nothing", Encoding::Json, b"{}").expect_err("unknown");
        assert_eq!((error.code(), error.http_status()), ("bad_route", 404));
    }
}
