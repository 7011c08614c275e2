//! Peers of the bench: they prove their address, send media, and tell truthfully what came.

use aws_lc_rs::hmac;
use sfu_core::{
    Codec, Command, Extensions, Format, GivenKeys, IceCredentials, ParticipantId, PeerId,
    Protection, Receive, RoomId, Send, SrtpDirection, SrtpProfile, Ssrcs, Token, TrackId, Wish,
};

pub const ROOM: RoomId = RoomId(1);
const VP8: u8 = 96;
const OPUS: u8 = 111;
const TRANSPORT_CC: u8 = 3;
const ABS_SEND_TIME: u8 = 2;
const VIDEO_BYTES: usize = 1_100;
const AUDIO_BYTES: usize = 160;
/// Pictures are of so many packets.
const PICTURE_PACKETS: u32 = 7;
const REPORTER: u32 = 77;
pub const SSRC_OUT: u32 = 2_000;

/// What is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Load {
    Video,
    Audio,
}

impl Load {
    pub const fn codec(self) -> Codec {
        match self {
            Self::Video => Codec::Vp8,
            Self::Audio => Codec::Opus,
        }
    }

    pub const fn bytes(self) -> usize {
        match self {
            Self::Video => VIDEO_BYTES,
            Self::Audio => AUDIO_BYTES,
        }
    }
}

fn keys(id: u64) -> [u8; 32] {
    let mut key = [7; 32];
    key[..8].copy_from_slice(&id.to_be_bytes());
    key
}

fn given(profile: SrtpProfile, id: u64) -> GivenKeys {
    GivenKeys { profile, theirs: (keys(id * 2), [3; 14]), ours: (keys(id * 2 + 1), [4; 14]) }
}

fn direction(profile: SrtpProfile, (key, salt): ([u8; 32], [u8; 14])) -> SrtpDirection {
    SrtpDirection::new(profile, &key[..profile.key_bytes()], &salt[..profile.salt_bytes()])
        .expect("lengths of the profile")
}

pub fn credentials(id: u64) -> IceCredentials {
    IceCredentials { ufrag: format!("bench{id}"), pwd: "a password of 22 bytes".to_owned() }
}

fn extensions() -> Extensions {
    Extensions {
        transport_cc: Some(TRANSPORT_CC),
        abs_send_time: Some(ABS_SEND_TIME),
        ..Extensions::default()
    }
}

fn format(load: Load) -> Format {
    let video = load == Load::Video;
    Format {
        codec: load.codec(),
        payload_type: if video { VP8 } else { OPUS },
        rtx: video.then_some(97),
        nack: video,
        transport_cc: true,
    }
}

/// The commands that open a peer.
pub fn open(profile: SrtpProfile, id: u64) -> [Command; 2] {
    let participant = ParticipantId(id);
    let protection = Protection::Given(given(profile, id));
    [
        Command::OpenParticipant { room: ROOM, participant },
        Command::OpenPeer { participant, peer: PeerId(id), ice: credentials(id), protection },
    ]
}

/// That by which the peer publishes its one track, named as it is.
pub fn publish(load: Load, id: u64) -> Command {
    let media = Receive {
        track: TrackId(id),
        mid: Token::new("0").expect("a token"),
        formats: vec![format(load)],
        extensions: extensions(),
        rids: Vec::new(),
        ssrcs: vec![Ssrcs { media: u32::try_from(id).expect("small"), rtx: None }],
    };
    Command::Receive { peer: PeerId(id), media }
}

/// That by which a peer gets a track.
pub fn subscribe(load: Load, id: u64, track: u64) -> Command {
    let media = SSRC_OUT + u32::try_from(track).expect("small") * 2;
    let rtx = (load == Load::Video).then_some(media + 1);
    let media = Send {
        track: TrackId(track),
        mid: Token::new("0").expect("a token"),
        formats: vec![format(load)],
        extensions: extensions(),
        ssrcs: Ssrcs { media, rtx },
        wish: Wish::ALL,
    };
    Command::Send { peer: PeerId(id), media }
}

/// The peer's side of its connection.
#[derive(Debug)]
pub struct Peer {
    id: u64,
    seal: SrtpDirection,
    packet: u64,
    report: u32,
    checks: u32,
    feedback: u8,
    arrivals: Vec<(u16, u64)>,
    pub received: u64,
}

impl Peer {
    pub fn new(profile: SrtpProfile, id: u64) -> Self {
        let keys = given(profile, id);
        Self {
            id,
            seal: direction(profile, keys.theirs),
            packet: 1_000,
            report: 0,
            checks: 0,
            feedback: 0,
            arrivals: Vec::new(),
            received: 0,
        }
    }

    /// A check that chooses the way it comes.
    pub fn check(&mut self) -> Vec<u8> {
        self.checks += 1;
        let to = credentials(self.id);
        let user = format!("{}:them", to.ufrag);
        let mut body = vec![0, 6, 0, u8::try_from(user.len()).expect("short")];
        body.extend(user.as_bytes());
        body.resize(body.len().next_multiple_of(4), 0);
        body.extend([0, 0x25, 0, 0]);
        let mut check = vec![0, 1, 0, u8::try_from(body.len() + 24).expect("short")];
        check.extend([0x21, 0x12, 0xa4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8]);
        check.extend(self.checks.to_be_bytes());
        check.extend(body);
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, to.pwd.as_bytes());
        let tag = hmac::sign(&key, &check);
        check.extend([0, 8, 0, 20]);
        check.extend(tag.as_ref());
        check
    }

    /// The next packet of media; the first one begins with a key frame.
    pub fn media(&mut self, load: Load, out: &mut [u8; 1_600]) -> usize {
        let n = u32::try_from(self.packet - 1_000).expect("a short run");
        let (timestamp, payload_type, last) = match load {
            Load::Video => (n / PICTURE_PACKETS * 3_000, VP8, n % PICTURE_PACKETS == 6),
            Load::Audio => (n * 960, OPUS, false),
        };
        let sequence = self.packet.to_be_bytes();
        out[..2].copy_from_slice(&[0x90, u8::from(last) << 7 | payload_type]);
        out[2..4].copy_from_slice(&sequence[6..]);
        out[4..8].copy_from_slice(&timestamp.to_be_bytes());
        out[8..12].copy_from_slice(&u32::try_from(self.id).expect("small").to_be_bytes());
        out[12..16].copy_from_slice(&[0xbe, 0xde, 0, 1]);
        out[16..20].copy_from_slice(&[TRANSPORT_CC << 4 | 1, sequence[6], sequence[7], 0]);
        if load == Load::Video {
            let starts = n % PICTURE_PACKETS == 0;
            // A picture of every hundred is a key frame.
            let key = (n / PICTURE_PACKETS).is_multiple_of(100);
            out[20..22].copy_from_slice(&[u8::from(starts) << 4, u8::from(!(starts && key))]);
        }
        let index = self.packet;
        self.packet += 1;
        let ssrc = u32::try_from(self.id).expect("small");
        self.seal.seal_rtp(out, (20, load.bytes()), ssrc, index).expect("room")
    }

    /// Something came; media is noted with its number and the time that it carries: as on a link
    /// that delays nothing, whatever else the machine does.
    pub fn take(&mut self, datagram: &[u8]) {
        if datagram.first() != Some(&0x90)
            || datagram.get(1).is_none_or(|kind| (200..=207).contains(kind))
        {
            return;
        }
        self.received += 1;
        let extensions = &datagram[16..23];
        let number = u16::from_be_bytes([extensions[1], extensions[2]]);
        if (extensions[0], extensions[3]) == (TRANSPORT_CC << 4 | 1, ABS_SEND_TIME << 4 | 2) {
            let time = u32::from_be_bytes([0, extensions[4], extensions[5], extensions[6]]);
            self.arrivals.push((number, (u64::from(time) * 1_000_000) >> 18));
        }
    }

    /// A feedback of what came since the last, sealed; at most 200 packets.
    pub fn feedback(&mut self) -> Option<Vec<u8>> {
        let (first, at_us) = *self.arrivals.first()?;
        self.arrivals.truncate(200);
        let last = self.arrivals.last()?.0;
        let reference = at_us / 64_000;
        let mut packet = vec![0x80 | 15, 205, 0, 0];
        packet.extend(REPORTER.to_be_bytes());
        packet.extend(SSRC_OUT.to_be_bytes());
        packet.extend(first.to_be_bytes());
        let count = last.wrapping_sub(first).wrapping_add(1);
        packet.extend(count.to_be_bytes());
        packet.extend(&u32::try_from(reference & 0xff_ffff).expect("24 bits").to_be_bytes()[1..]);
        packet.push(self.feedback);
        self.feedback = self.feedback.wrapping_add(1);
        let mut deltas: Vec<u8> = Vec::new();
        let (mut next, mut before) = (first, reference * 64_000);
        for (number, at) in self.arrivals.drain(..) {
            // What a full socket swallowed is told as come.
            for _ in 0..number.wrapping_sub(next) {
                packet.extend((2 << 13 | 1_u16).to_be_bytes());
                deltas.extend([0, 0]);
            }
            // Two bytes for every delta: a run of one.
            packet.extend((2 << 13 | 1_u16).to_be_bytes());
            let quarter_ms = i16::try_from(at.saturating_sub(before) / 250).unwrap_or(i16::MAX);
            deltas.extend(quarter_ms.to_be_bytes());
            before += u64::try_from(quarter_ms).unwrap_or(0) * 250;
            next = number.wrapping_add(1);
        }
        packet.extend(deltas);
        packet.resize(packet.len().next_multiple_of(4), 0);
        let words = u16::try_from(packet.len() / 4 - 1).expect("short");
        packet[2..4].copy_from_slice(&words.to_be_bytes());
        self.sealed(packet)
    }

    /// A report on the stream that comes.
    pub fn report(&mut self) -> Option<Vec<u8>> {
        let mut packet = vec![0x81, 201, 0, 7];
        packet.extend(REPORTER.to_be_bytes());
        packet.extend(SSRC_OUT.to_be_bytes());
        packet.extend([0; 20]);
        self.sealed(packet)
    }

    fn sealed(&mut self, mut packet: Vec<u8>) -> Option<Vec<u8>> {
        let len = packet.len();
        packet.resize(len + 32, 0);
        self.report += 1;
        let len = self.seal.seal_rtcp(&mut packet, len, self.report)?;
        packet.truncate(len);
        Some(packet)
    }
}
