//! Datagrams from everybody: strangers, and peers that are believed, with and without a handshake.
//!
//! The bytes are pieces, one behind the other: one byte says who sends (0 a stranger, 1 a sender of a
//! picture, 2 a receiver of it, 3 one in a handshake, 4 nobody: time passes), two bytes how much
//! follows (of time: 10 ms each), and then what is sent.

use std::net::SocketAddr;
use std::sync::LazyLock;
use std::time::Instant;

use aws_lc_rs::hmac;
use sfu_core::{
    Certificate, Codec, Command, Config, DtlsRole, Extensions, Fingerprint, Format, IceCredentials,
    Input, Micros, Output, ParticipantId, Path, PeerId, Protection, Receive, Received, Remote,
    RoomId, Send, Sfu, Slot, Ssrcs, Token, TrackId, Via, Wish,
};

const ROOM: RoomId = RoomId(1);
const TRACK: TrackId = TrackId(1);
/// More than one call ever makes the core say at once.
const OUTPUTS_MAX: usize = 20_000;

struct Place {
    sfu: Sfu,
    now: Micros,
    /// Bytes that went to the stranger.
    to_stranger: usize,
}

/// Nothing ends the core, a stranger never gets more than it sent, and time goes on.
pub fn datagrams(mut bytes: &[u8]) {
    let mut place = Place::new();
    while let [who, high, low, rest @ ..] = bytes {
        let len = usize::from(u16::from_be_bytes([*high, *low]));
        if who % 5 == 4 {
            place.pass(u64::try_from(len).unwrap_or(0));
            bytes = rest;
            continue;
        }
        let (datagram, behind) = rest.split_at(len.min(rest.len()));
        bytes = behind;
        let before = place.to_stranger;
        place.give(who % 5, datagram);
        if who % 5 == 0 {
            let answered = place.to_stranger - before;
            assert!(answered <= datagram.len(), "{answered} bytes for {}", datagram.len());
        }
    }
    place.pass(100);
}

fn path(who: u8) -> Path {
    Path { via: Via(0), remote: SocketAddr::from(([192, 0, 2, who], 9)) }
}

fn credentials(who: u8) -> IceCredentials {
    IceCredentials { ufrag: format!("peer{who}"), pwd: "a password of 22 bytes".to_owned() }
}

fn check(who: u8) -> Vec<u8> {
    let to = credentials(who);
    let user = format!("{}:them", to.ufrag);
    let mut body = vec![0, 6, 0, u8::try_from(user.len()).unwrap_or(0)];
    body.extend(user.as_bytes());
    body.resize(body.len().next_multiple_of(4), 0);
    body.extend([0, 0x25, 0, 0]);
    let mut check = vec![0, 1, 0, u8::try_from(body.len() + 24).unwrap_or(0)];
    check.extend([0x21, 0x12, 0xa4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    check.extend(body);
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, to.pwd.as_bytes());
    let tag = hmac::sign(&key, &check);
    check.extend([0, 8, 0, 20]);
    check.extend(tag.as_ref());
    check
}

fn extensions() -> Extensions {
    Extensions {
        mid: Some(4),
        rid: Some(10),
        audio_level: Some(1),
        transport_cc: Some(3),
        abs_send_time: Some(2),
        dependency_descriptor: Some(12),
        ..Extensions::default()
    }
}

fn formats() -> Vec<Format> {
    let numbers = [(Codec::Vp8, 96), (Codec::H264, 98), (Codec::Vp9, 100), (Codec::Av1, 102)];
    let format = |(codec, payload_type)| Format {
        codec,
        payload_type,
        rtx: Some(payload_type + 1),
        nack: true,
        transport_cc: true,
    };
    numbers.into_iter().map(format).collect()
}

impl Place {
    #[expect(clippy::disallowed_methods, reason = "any origin will do: all times are differences")]
    #[expect(clippy::expect_used, reason = "the system has randomness")]
    fn new() -> Self {
        static CERTIFICATE: LazyLock<Certificate> =
            LazyLock::new(|| Certificate::generate().expect("randomness"));
        let sfu = Sfu::new(Config {
            origin: Instant::now(),
            unix_origin_us: 1_700_000_000_000_000,
            seed: [1; 32],
            certificate: CERTIFICATE.clone(),
            simulation: true,
        });
        let mut place = Self { sfu, now: Micros(0), to_stranger: 0 };
        place.open();
        for who in 1..=3 {
            place.give(who, &check(who));
        }
        place
    }

    fn open(&mut self) {
        let mut commands = vec![Command::OpenRoom(ROOM)];
        for who in 1..=3_u8 {
            let participant = ParticipantId(who.into());
            let protection = if who == 3 { Protection::DtlsSrtp } else { Protection::None };
            commands.push(Command::OpenParticipant { room: ROOM, participant });
            let (peer, ice) = (PeerId(who.into()), credentials(who));
            commands.push(Command::OpenPeer { participant, peer, ice, protection });
        }
        let ice = credentials(9);
        let remote = Remote { ice, fingerprint: Fingerprint([0; 32]), role: DtlsRole::PeerStarts };
        commands.push(Command::Connect { peer: PeerId(3), remote });
        let mid = Token::new("0");
        if let Some(mid) = mid {
            commands.push(Command::Receive { peer: PeerId(1), media: incoming(mid) });
            commands.push(Command::Send { peer: PeerId(2), media: outgoing(mid) });
        }
        for command in commands {
            self.sfu.handle(Input::Command(command), self.now);
            self.drain();
        }
    }

    fn give(&mut self, who: u8, datagram: &[u8]) {
        let mut bytes = datagram.to_vec();
        let slots = [Slot { path: path(who), start: 0, len: bytes.len() }];
        let received = Received { slots: &slots, bytes: &mut bytes };
        self.sfu.handle(Input::Datagrams(received), self.now);
        self.drain();
    }

    fn pass(&mut self, ticks: u64) {
        for _ in 0..ticks.min(400) {
            self.now = self.now.plus_millis(10);
            self.sfu.handle(Input::Tick, self.now);
            self.drain();
        }
    }

    fn drain(&mut self) {
        for _ in 0..OUTPUTS_MAX {
            match self.sfu.poll(self.now) {
                Output::Transmits(batch) => {
                    let to_it = batch.iter().filter(|(to, _)| *to == path(0));
                    self.to_stranger += to_it.map(|(_, bytes)| bytes.len()).sum::<usize>();
                }
                Output::Event(_) => {}
                Output::Deadline(_) => return,
            }
        }
        unreachable!("the core has always more to say");
    }
}

fn incoming(mid: Token) -> Receive {
    Receive {
        track: TRACK,
        mid,
        formats: formats(),
        extensions: extensions(),
        rids: Vec::new(),
        ssrcs: vec![Ssrcs { media: 21, rtx: Some(22) }],
    }
}

fn outgoing(mid: Token) -> Send {
    Send {
        track: TRACK,
        mid,
        formats: formats(),
        extensions: extensions(),
        ssrcs: Ssrcs { media: 2_000, rtx: Some(2_001) },
        wish: Wish::ALL,
    }
}
