//! What the edge asks of the core.

use bytes::Bytes;

use crate::api::media::{Receive, Send, Wish};
use crate::api::transport::{IceCredentials, Protection, Remote};
use crate::ids::{ParticipantId, PeerId, RoomId, TrackId};

/// One order. What is wrong with one is answered by [`Event::Refused`](crate::Event::Refused), and
/// an order about a thing that has gone (a race between the edge and the network) is that too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// A room comes to be.
    OpenRoom(RoomId),
    /// A room ends, with everything in it; no events follow from it.
    CloseRoom(RoomId),
    /// A participant comes to be in a room.
    OpenParticipant {
        /// Its room.
        room: RoomId,
        /// Its id.
        participant: ParticipantId,
    },
    /// A participant ends, with its peers and tracks; no events follow from it.
    CloseParticipant(ParticipantId),
    /// A peer connection comes to be. It answers checks from now on.
    OpenPeer {
        /// Its participant.
        participant: ParticipantId,
        /// Its id.
        peer: PeerId,
        /// Our ICE credentials, which our SDP carries.
        ice: IceCredentials,
        /// How packets are protected.
        protection: Protection,
    },
    /// A peer connection ends, with its tracks. The other side is told by a DTLS close.
    ClosePeer(PeerId),
    /// The other side's description is known (again). Another fingerprint than before ends the
    /// peer; other ICE credentials come with [`Command::RestartIce`].
    Connect {
        /// The peer.
        peer: PeerId,
        /// What its description says.
        remote: Remote,
    },
    /// Our credentials change. The old ones stay good until the first check on the new ones.
    RestartIce {
        /// The peer.
        peer: PeerId,
        /// Our new credentials.
        ice: IceCredentials,
    },
    /// The peer sends in an m-section. Given again for the same track it replaces the description
    /// and keeps what was learnt where the two agree.
    Receive {
        /// The peer.
        peer: PeerId,
        /// The section.
        media: Receive,
    },
    /// The track ends, and its subscriptions with it.
    EndTrack(TrackId),
    /// The peer gets a track in an m-section. Given again for the same track it replaces formats,
    /// extensions and mid; the SSRCs stay.
    Send {
        /// The receiving peer.
        peer: PeerId,
        /// The section.
        media: Send,
    },
    /// The peer no longer gets the track.
    EndSend {
        /// The receiving peer.
        peer: PeerId,
        /// The track.
        track: TrackId,
    },
    /// The publisher's track is muted or not: nothing of a muted one is forwarded.
    Mute {
        /// The track.
        track: TrackId,
        /// Whether it is muted.
        muted: bool,
    },
    /// What a subscriber wants of a track has changed.
    Want {
        /// The receiving peer.
        peer: PeerId,
        /// The track.
        track: TrackId,
        /// What it wants.
        wish: Wish,
    },
    /// A ceiling for everything that is sent to the peer, in bits per second; `None` for none.
    CapDownlink {
        /// The receiving peer.
        peer: PeerId,
        /// Bits per second.
        bits_per_second_max: Option<u64>,
    },
    /// A data channel that our side opens, as soon as the transport is there.
    OpenChannel {
        /// The peer.
        peer: PeerId,
        /// Its label.
        label: String,
        /// How it delivers.
        delivery: Delivery,
    },
    /// One message on a data channel of that label, in the form that the channel was opened with.
    /// It waits for the channel when that is not open yet.
    SendData {
        /// The peer.
        peer: PeerId,
        /// The channel's label.
        label: String,
        /// At most `DATA_MESSAGE_BYTES_MAX`.
        data: Bytes,
    },
    /// A snapshot of the peer's counters, answered by [`Event::Stats`](crate::Event::Stats).
    Stats(PeerId),
}

/// How a data channel delivers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// In order, each message.
    Reliable,
    /// Out of order, sent once.
    Lossy,
}
