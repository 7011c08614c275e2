//! Identifiers. Each is a UUID with a type of its own, so that a room never stands where a person
//! is asked for.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
        )]
        #[serde(transparent)]
        #[schema(value_type = String, format = Uuid)]
        pub struct $name(pub Uuid);

        impl $name {
            /// The bare UUID, for the store.
            #[must_use]
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::try_parse(text).map(Self)
            }
        }
    };
}

id!(
    /// A natural person with an account: a member, an officer, a constituent.
    PersonId
);
id!(
    /// A room: one durable log. The inbox of a person is the room whose id equals the person's.
    RoomId
);
id!(
    /// One call of a room.
    CallId
);
id!(
    /// One signed-in device of a person (one session cookie).
    DeviceId
);

id!(
    /// An organisation: any node of the tree, a party group included.
    OrganisationId
);
id!(
    /// A post that a person holds, or held, in an organisation.
    PostId
);
id!(
    /// An invitation behind one link and one QR code.
    InvitationId
);
id!(
    /// One person's way into a party group or joint branch, from the request to its end.
    JoinId
);

id!(
    /// A meeting.
    MeetingId
);
id!(
    /// A vote of a meeting.
    VoteId
);

impl MeetingId {
    /// The meeting's own room: chat, call and events of those who are in it.
    #[must_use]
    pub const fn room(self) -> RoomId {
        RoomId(self.0)
    }
}

impl PersonId {
    /// The author of events that no person caused.
    pub const SYSTEM: Self = Self(Uuid::nil());

    /// The person's inbox: the durable room behind the channel `user:<id>`.
    #[must_use]
    pub const fn inbox(self) -> RoomId {
        RoomId(self.0)
    }
}
