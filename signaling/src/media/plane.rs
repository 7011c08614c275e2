//! What the rooms ask of the media plane and what it tells them. The sfu translates these values
//! into calls of its core; nothing here names a library.

use std::net::SocketAddr;

use bytes::Bytes;

/// One transport of a participant on the media plane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PeerId(pub u64);

/// One published track on the media plane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TrackId(pub u64);

/// One room on the media plane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoomKey(pub u64);

/// One participant on the media plane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ParticipantKey(pub u64);

/// Audio or video.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MediaKind {
    Audio,
    Video,
}

/// Codecs that are forwarded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CodecKind {
    Opus,
    Vp8,
}

/// Which side of the DTLS handshake the sfu takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DtlsRole {
    Client,
    Server,
}

/// The sfu's own half of a transport.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalTransport {
    pub ufrag: String,
    pub password: String,
    /// Upper-case hex of the SHA-256 of the certificate, bytes joined by colons.
    pub fingerprint: String,
    /// Host candidates over UDP, the best first.
    pub candidates: Vec<SocketAddr>,
}

/// The client's half of a transport, from its session description.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteTransport {
    pub ufrag: String,
    pub password: String,
    /// SHA-256 of the certificate, 32 bytes.
    pub fingerprint: [u8; 32],
    /// The role the sfu takes.
    pub role: DtlsRole,
}

/// Header extensions that the media plane reads or writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Extension {
    AudioLevel,
    AbsSendTime,
    TransportCc,
    Mid,
    Rid,
    RepairedRid,
}

impl Extension {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::AudioLevel,
        Self::AbsSendTime,
        Self::TransportCc,
        Self::Mid,
        Self::Rid,
        Self::RepairedRid,
    ];

    /// The URI in `a=extmap`.
    #[must_use]
    pub const fn uri(self) -> &'static str {
        match self {
            Self::AudioLevel => "urn:ietf:params:rtp-hdrext:ssrc-audio-level",
            Self::AbsSendTime => "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
            Self::TransportCc => {
                "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
            }
            Self::Mid => "urn:ietf:params:rtp-hdrext:sdes:mid",
            Self::Rid => "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
            Self::RepairedRid => "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id",
        }
    }
}

/// A codec with the numbers it has on one transport.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Payload {
    pub codec: CodecKind,
    pub number: u8,
    /// The payload type of retransmissions.
    pub rtx: Option<u8>,
}

/// One sending media section of a client: what arrives and how to know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incoming {
    pub mid: String,
    pub kind: MediaKind,
    /// Accepted codecs, the client's favourite first; never empty.
    pub payloads: Vec<Payload>,
    /// Accepted header extensions with the client's numbers.
    pub extensions: Vec<(u8, Extension)>,
    /// Names of the simulcast layers, low to high; empty without simulcast.
    pub rids: Vec<String>,
    /// SSRC and retransmission SSRC where the description names them.
    pub ssrcs: Vec<(u32, Option<u32>)>,
}

/// One track on its way to one client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    pub mid: String,
    pub payload: Payload,
    pub ssrc: u32,
    /// SSRC of retransmissions; 0 without.
    pub rtx_ssrc: u32,
    /// Header extensions with the numbers of this transport.
    pub extensions: Vec<(u8, Extension)>,
}

/// The two channels of data packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChannelKind {
    Reliable,
    Lossy,
}

impl ChannelKind {
    /// The label of the data channel.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Reliable => "_reliable",
            Self::Lossy => "_lossy",
        }
    }

    /// The channel with this label.
    #[must_use]
    pub fn labelled(label: &str) -> Option<Self> {
        [Self::Reliable, Self::Lossy].into_iter().find(|kind| kind.label() == label)
    }
}

/// What a transport is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PeerRole {
    /// The client sends media and data on it.
    Publisher,
    /// The client receives media and data on it; the sfu opens the data channels.
    Subscriber,
}

/// What the media plane must do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    OpenRoom {
        room: RoomKey,
    },
    OpenParticipant {
        room: RoomKey,
        participant: ParticipantKey,
    },
    OpenPeer {
        participant: ParticipantKey,
        peer: PeerId,
        role: PeerRole,
        local: LocalTransport,
    },
    /// First, or after an ICE restart, the client's half of the transport.
    ConnectPeer {
        peer: PeerId,
        remote: RemoteTransport,
    },
    /// New credentials of our own half; the old ones hold until the first check on the new ones.
    RestartPeer {
        peer: PeerId,
        local: LocalTransport,
    },
    /// The participant ends with its transports and tracks.
    CloseParticipant {
        participant: ParticipantKey,
    },
    Publish {
        peer: PeerId,
        track: TrackId,
        incoming: Incoming,
    },
    Unpublish {
        track: TrackId,
    },
    Mute {
        track: TrackId,
        muted: bool,
    },
    Subscribe {
        peer: PeerId,
        track: TrackId,
        outgoing: Outgoing,
    },
    Unsubscribe {
        peer: PeerId,
        track: TrackId,
    },
    /// Which layer a subscriber wants; `None` pauses the track for it.
    Wish {
        peer: PeerId,
        track: TrackId,
        layer: Option<u8>,
    },
    Send {
        peer: PeerId,
        channel: ChannelKind,
        message: Bytes,
    },
    CloseRoom {
        room: RoomKey,
    },
}

/// What the media plane tells.
#[derive(Clone, Debug, PartialEq)]
pub enum Report {
    /// ICE and DTLS are through.
    Connected { peer: PeerId },
    /// The transport is lost for good, or fell silent.
    Lost { peer: PeerId },
    /// One message of a data channel.
    Data { peer: PeerId, channel: ChannelKind, message: Bytes },
    /// Whose voice changed, with the level 0 (silent) to 1 (loud), and whether it speaks.
    Speakers { room: RoomKey, speakers: Vec<(ParticipantKey, f32, bool)> },
    /// The highest layer that anybody wants of a track has changed; `None`: nobody wants any.
    LayersWanted { track: TrackId, layer_max: Option<u8> },
    /// A narrow link stopped a picture for one receiver, or it flows again.
    Stream { peer: PeerId, track: TrackId, paused: bool },
}
