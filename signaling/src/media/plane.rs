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
    Pcmu,
    Pcma,
    Vp8,
    H264(H264),
    /// Profile 0.
    Vp9,
    /// Profile 0.
    Av1,
}

/// The kind of an H.264 stream; streams of two kinds are two codecs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct H264 {
    /// The three bytes of `profile-level-id`; the first two are the profile.
    pub profile_level_id: u32,
    /// 0 or 1.
    pub packetization_mode: u8,
}

impl H264 {
    /// Constrained baseline, level 3.1, packetization mode 1: what every client has.
    pub const BASELINE: Self = Self { profile_level_id: 0x0042_e01f, packetization_mode: 1 };
}

impl CodecKind {
    /// Audio or video.
    #[must_use]
    pub const fn media(self) -> MediaKind {
        match self {
            Self::Opus | Self::Pcmu | Self::Pcma => MediaKind::Audio,
            Self::Vp8 | Self::H264(_) | Self::Vp9 | Self::Av1 => MediaKind::Video,
        }
    }

    /// The name of the codec, as in `a=rtpmap`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Opus => "opus",
            Self::Pcmu => "PCMU",
            Self::Pcma => "PCMA",
            Self::Vp8 => "VP8",
            Self::H264(_) => "H264",
            Self::Vp9 => "VP9",
            Self::Av1 => "AV1",
        }
    }

    /// The codec with this name, with or without `audio/` or `video/` before it.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let name = name.rsplit('/').next().unwrap_or_default();
        [
            Self::Opus,
            Self::Pcmu,
            Self::Pcma,
            Self::Vp8,
            Self::H264(H264::BASELINE),
            Self::Vp9,
            Self::Av1,
        ]
        .into_iter()
        .find(|codec| codec.name().eq_ignore_ascii_case(name))
    }

    /// Whether a stream of this codec may be sent as `other`: levels of H.264 may differ.
    #[must_use]
    pub const fn plays_as(self, other: Self) -> bool {
        match (self, other) {
            (Self::H264(a), Self::H264(b)) => {
                a.profile_level_id >> 8 == b.profile_level_id >> 8
                    && a.packetization_mode == b.packetization_mode
            }
            (Self::Opus, Self::Opus)
            | (Self::Pcmu, Self::Pcmu)
            | (Self::Pcma, Self::Pcma)
            | (Self::Vp8, Self::Vp8)
            | (Self::Vp9, Self::Vp9)
            | (Self::Av1, Self::Av1) => true,
            _ => false,
        }
    }

    /// Whether the two have one name.
    #[must_use]
    pub fn alike(self, other: Self) -> bool {
        self.name() == other.name()
    }
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
    /// Where clients reach us, the best first.
    pub candidates: Vec<Candidate>,
}

/// A socket of the sfu, by an address that clients reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Candidate {
    Udp(SocketAddr),
    /// Takes connections and begins none (RFC 6544, passive).
    Tcp(SocketAddr),
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
    /// What a packet of AV1 depends on.
    DependencyDescriptor,
}

impl Extension {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::AudioLevel,
        Self::AbsSendTime,
        Self::TransportCc,
        Self::Mid,
        Self::Rid,
        Self::RepairedRid,
        Self::DependencyDescriptor,
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
            Self::DependencyDescriptor => {
                "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension"
            }
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
    /// The client sends media and data on it; as its single connection it receives there too.
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
