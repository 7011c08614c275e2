//! What an SDP says about media, as values.

use crate::ids::TrackId;

/// Sound or picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Sound.
    Audio,
    /// Picture.
    Video,
}

/// The codecs that the forwarder knows. Their payload is never changed; the descriptors of VP8 are
/// renumbered when layers are switched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Codec {
    /// Opus, RTP clock 48 kHz.
    Opus,
    /// Redundant Opus (RFC 2198), RTP clock 48 kHz.
    Red,
    /// G.711 µ-law, 8 kHz.
    Pcmu,
    /// G.711 A-law, 8 kHz.
    Pcma,
    /// VP8, 90 kHz.
    Vp8,
    /// H.264, 90 kHz.
    H264,
    /// VP9, 90 kHz.
    Vp9,
    /// AV1, 90 kHz.
    Av1,
}

impl Codec {
    /// Ticks per second of the RTP clock.
    pub const fn clock_hz(self) -> u32 {
        match self {
            Self::Opus | Self::Red => 48_000,
            Self::Pcmu | Self::Pcma => 8_000,
            Self::Vp8 | Self::H264 | Self::Vp9 | Self::Av1 => 90_000,
        }
    }

    /// Sound or picture.
    pub const fn kind(self) -> Kind {
        match self {
            Self::Opus | Self::Red | Self::Pcmu | Self::Pcma => Kind::Audio,
            Self::Vp8 | Self::H264 | Self::Vp9 | Self::Av1 => Kind::Video,
        }
    }
}

/// One payload type of an m-section.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Format {
    /// What it carries.
    pub codec: Codec,
    /// The number on the wire, 0–127 without 64–95.
    pub payload_type: u8,
    /// The number of its retransmissions (RFC 4588), if negotiated.
    pub rtx: Option<u8>,
    /// `rtcp-fb nack` was negotiated.
    pub nack: bool,
    /// `rtcp-fb transport-cc` was negotiated.
    pub transport_cc: bool,
}

/// Numbers (1–14) of the negotiated RTP header extensions; `None` where not negotiated. Inside one
/// bundle a number always means the same extension, so the sections of a peer are merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Extensions {
    /// `urn:ietf:params:rtp-hdrext:sdes:mid`
    pub mid: Option<u8>,
    /// `urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id`
    pub rid: Option<u8>,
    /// `urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id`
    pub repaired_rid: Option<u8>,
    /// `urn:ietf:params:rtp-hdrext:ssrc-audio-level`
    pub audio_level: Option<u8>,
    /// `http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01`
    pub transport_cc: Option<u8>,
    /// `http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time`
    pub abs_send_time: Option<u8>,
    /// `http://www.webrtc.org/experiments/rtp-hdrext/playout-delay`
    pub playout_delay: Option<u8>,
    /// `urn:3gpp:video-orientation`
    pub video_orientation: Option<u8>,
    /// `http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time`
    pub abs_capture_time: Option<u8>,
    /// `https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension`
    pub dependency_descriptor: Option<u8>,
}

/// A short token of an SDP (`a=mid`, `a=rid`): 1–16 bytes of ASCII.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Token {
    bytes: [u8; Self::BYTES_MAX],
    len: u8,
}

impl Token {
    /// Bytes of the longest token that is kept.
    pub const BYTES_MAX: usize = 16;

    /// `None` when `text` is empty, longer than 16 bytes or not printable ASCII.
    pub fn new(text: &str) -> Option<Self> {
        Self::from_bytes(text.as_bytes())
    }

    /// As [`Token::new`], from the bytes of a header extension.
    pub fn from_bytes(text: &[u8]) -> Option<Self> {
        let len = u8::try_from(text.len()).ok()?;
        if text.is_empty() || !text.iter().all(u8::is_ascii_graphic) {
            return None;
        }
        let mut bytes = [0; Self::BYTES_MAX];
        bytes.get_mut(..text.len())?.copy_from_slice(text);
        Some(Self { bytes, len })
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or_default()
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(self.as_bytes()).unwrap_or_default()
    }
}

/// A media stream's SSRC and that of its retransmissions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ssrcs {
    /// Media.
    pub media: u32,
    /// Retransmissions, where negotiated.
    pub rtx: Option<u32>,
}

/// An m-section in which the peer sends to us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receive {
    /// The track that it carries.
    pub track: TrackId,
    /// `a=mid`.
    pub mid: Token,
    /// Accepted payload types, the preferred first. At most `FORMATS_MAX`.
    pub formats: Vec<Format>,
    /// Accepted header extensions.
    pub extensions: Extensions,
    /// `a=rid … send` of a simulcast, from the lowest layer to the highest; empty without one.
    /// At most `LAYERS_MAX`.
    pub rids: Vec<Token>,
    /// SSRCs that the offer declared (`a=ssrc`, `a=ssrc-group:FID`), in layer order; empty when they
    /// are to be learnt from the `mid` and `rid` extensions.
    pub ssrcs: Vec<Ssrcs>,
}

/// An m-section in which we send to the peer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Send {
    /// The track that it carries; of the same room.
    pub track: TrackId,
    /// `a=mid`.
    pub mid: Token,
    /// Payload types that the peer accepts. At most `FORMATS_MAX`.
    pub formats: Vec<Format>,
    /// Header extensions that the peer accepts.
    pub extensions: Extensions,
    /// The SSRCs that our SDP declared. An SSRC that this peer has seen before goes on where it
    /// stopped.
    pub ssrcs: Ssrcs,
    /// What is wanted of it at first.
    pub wish: Wish,
}

/// What a subscriber wants of a track.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wish {
    /// Nothing at all is sent.
    pub paused: bool,
    /// The highest spatial layer, 0 the lowest; layers that are not there are clipped.
    pub layer_max: u8,
    /// The highest temporal layer, 0–3.
    pub temporal_max: u8,
    /// Which pictures starve last when the link is narrow: higher is dearer.
    pub priority: u8,
}

impl Wish {
    /// Everything that there is.
    pub const ALL: Self = Self { paused: false, layer_max: 2, temporal_max: 3, priority: 0 };
}
