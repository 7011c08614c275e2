//! What the core tells the edge.

use bytes::Bytes;

use crate::api::media::{Codec, Token};
use crate::ids::{ParticipantId, PeerId, RoomId, TrackId};

/// Something that the edge may act upon.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A peer's transport changed.
    Peer {
        /// The peer.
        peer: PeerId,
        /// What it is now. `Gone` is its last event: the core has forgotten it.
        state: PeerState,
    },
    /// First packet of a layer of a track. `layer` counts from the lowest, 0.
    TrackStarted {
        /// The track.
        track: TrackId,
        /// Its layer.
        layer: u8,
        /// The layer's name, with a simulcast.
        rid: Option<Token>,
        /// The layer's SSRC.
        ssrc: u32,
        /// What it carries.
        codec: Codec,
    },
    /// The highest layer that any subscriber of the track wants has changed; `None`: no one wants
    /// any. Raised at once, lowered after `LAYERS_LOWERED_DELAY_MS`.
    LayersWanted {
        /// The track.
        track: TrackId,
        /// The highest layer, 0 the lowest.
        layer_max: Option<u8>,
    },
    /// A narrow link made the core stop a picture, or start it again.
    Stream {
        /// The receiving peer.
        peer: PeerId,
        /// The track.
        track: TrackId,
        /// Whether it is stopped.
        paused: bool,
    },
    /// Who speaks in a room: only participants whose state or level changed.
    Speakers {
        /// The room.
        room: RoomId,
        /// Changes, the loudest first.
        speakers: Vec<Speaker>,
    },
    /// A data channel is open, whoever opened it.
    ChannelOpened {
        /// The peer.
        peer: PeerId,
        /// Its label.
        label: String,
    },
    /// A message came in.
    Data {
        /// The peer.
        peer: PeerId,
        /// The channel's label.
        label: String,
        /// The message.
        data: Bytes,
    },
    /// The peer takes data more slowly than it is sent: its reliable backlog passed
    /// `DATA_BACKLOG_BYTES_MAX` and further messages are refused.
    DataStalled(PeerId),
    /// Answer to [`Command::Stats`](crate::Command::Stats).
    Stats(Box<PeerStats>),
    /// A command was not carried out.
    Refused {
        /// The command's name, as in `Command`.
        command: &'static str,
        /// Why.
        reason: Refused,
    },
}

/// What a peer's transport is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PeerState {
    /// An authenticated check has come: the way is known.
    Reached,
    /// The handshake is done: media can flow.
    Connected,
    /// Nothing authenticated has come for 5 s: no pictures are sent.
    Silent,
    /// Nothing authenticated has come for 15 s: nothing is sent.
    Lost,
    /// Forgotten, for this reason.
    Gone(GoneReason),
}

/// Why a peer was forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GoneReason {
    /// Nothing authenticated came for 30 s.
    Silent,
    /// The other side ended its transport.
    ClosedByPeer,
    /// The certificate is not the one of its description.
    FingerprintMismatch,
    /// The handshake could not be completed.
    HandshakeFailed,
}

/// One participant's voice.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Speaker {
    /// Who.
    pub participant: ParticipantId,
    /// 0 silent to 1 loud, in steps of 1/8.
    pub level: f32,
    /// Speaks now.
    pub active: bool,
}

/// Why a command was not carried out. The words are stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The thing that it names is not there.
    #[error("unknown")]
    Unknown,
    /// The id is in use.
    #[error("exists")]
    Exists,
    /// It makes no sense (a number out of range, another room's track).
    #[error("invalid")]
    Invalid,
    /// A limit was reached.
    #[error("limit")]
    Limit,
}

/// Counters of one peer since it was opened.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PeerStats {
    /// The peer.
    pub peer: Option<PeerId>,
    /// Smoothed round trip, in microseconds, where known.
    pub rtt_us: Option<u64>,
    /// What the downlink is thought to bear, bits per second, where known.
    pub downlink_bits_per_second: Option<u64>,
    /// Tracks that it sends to us.
    pub received: Vec<TrackStats>,
    /// Tracks that we send to it.
    pub sent: Vec<TrackStats>,
}

/// Counters of one track in one direction, all its layers together.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct TrackStats {
    /// The track.
    pub track: Option<TrackId>,
    /// Packets, without retransmissions.
    pub packets: u64,
    /// Bytes of payload.
    pub bytes: u64,
    /// Packets missing for good, as the receiving side counts them.
    pub packets_lost: u64,
    /// Retransmissions that came (received) or went (sent).
    pub packets_repaired: u64,
    /// Packets asked for again.
    pub nacks: u64,
    /// Key frames asked for.
    pub plis: u64,
    /// Share lost in the last report, 0–1.
    pub loss: f32,
    /// Arrival jitter, in microseconds.
    pub jitter_us: u64,
}
