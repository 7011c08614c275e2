//! An independent peer over real ICE, DTLS and SRTP.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use rand::{SeedableRng, rngs::StdRng};
use sfu_core::{Certificate, DtlsRole, Extensions, Fingerprint, IceCredentials, Micros, Remote};
use str0m::channel::{ChannelConfig, ChannelId, Reliability};
use str0m::media::{MediaKind, Mid, Pt, Rid};
use str0m::net::{Protocol, Receive};
use str0m::rtp::{RtpWrite, SeqNo, Ssrc};
use str0m::{Candidate, Event, IceCreds, Input, Output, Rtc, RtcConfig};

use super::media::{Camera, Piece, Voice};
use super::world::{Peer, SFU};

pub const OPUS: u8 = 111;
pub const VP8: u8 = 96;
pub const VP8_REPAIR: u8 = 97;

/// Header extensions as this implementation numbers them.
pub fn extensions() -> Extensions {
    Extensions {
        mid: Some(4),
        rid: Some(10),
        repaired_rid: Some(11),
        audio_level: Some(1),
        transport_cc: Some(3),
        abs_send_time: Some(2),
        video_orientation: Some(13),
        ..Extensions::default()
    }
}

/// A packet that came.
#[derive(Debug, Clone)]
pub struct Came {
    pub at: Micros,
    pub sequence: u64,
    pub timestamp: u32,
    pub marker: bool,
    pub payload: Vec<u8>,
}

/// What a test sees of a peer.
#[derive(Default)]
pub struct Log {
    pub connected: Option<Micros>,
    pub came: BTreeMap<u32, Vec<Came>>,
    pub key_requests: Vec<(Micros, Option<String>)>,
    pub sent: u64,
    /// Messages of data channels, by label.
    pub data: Vec<(String, Vec<u8>)>,
    labels: Vec<(ChannelId, String)>,
    /// What the test wants to be sent on channels, as soon as they are open.
    pub to_send: Vec<(String, Vec<u8>)>,
}

struct Stream {
    ssrc: u32,
    rid: Option<Rid>,
    source: Source,
    sequence: u64,
    next: Micros,
    mid: Mid,
}

enum Source {
    Voice(Voice),
    Camera(Camera),
}

/// See the module.
pub struct Webrtc {
    rtc: Rtc,
    address: SocketAddr,
    origin: Instant,
    streams: Vec<Stream>,
    out: VecDeque<Vec<u8>>,
    wakes: Micros,
    rng: StdRng,
    /// Who begins the handshake; the peer unless a test says otherwise.
    pub role: DtlsRole,
    pub log: Rc<RefCell<Log>>,
}

impl Webrtc {
    pub fn new(address: SocketAddr, origin: Instant, seed: u64) -> Self {
        let mut rtc = RtcConfig::new().set_rtp_mode(true).build(origin);
        let ours = Candidate::host(address, "udp").expect("a candidate");
        let theirs = Candidate::host(SFU, "udp").expect("a candidate");
        rtc.add_local_candidate(ours);
        rtc.add_remote_candidate(theirs);
        rtc.direct_api().set_ice_controlling(true);
        rtc.direct_api().enable_twcc_feedback();
        Self {
            rtc,
            address,
            origin,
            streams: Vec::new(),
            out: VecDeque::new(),
            wakes: Micros(0),
            rng: StdRng::seed_from_u64(seed),
            role: DtlsRole::PeerStarts,
            log: Rc::default(),
        }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What its description says.
    pub fn remote(&mut self) -> Remote {
        let direct = self.rtc.direct_api();
        let ice = direct.local_ice_credentials();
        let bytes = direct.local_dtls_fingerprint().bytes.as_slice();
        Remote {
            ice: IceCredentials { ufrag: ice.ufrag, pwd: ice.pass },
            fingerprint: Fingerprint(bytes.try_into().expect("32 bytes")),
            role: self.role,
        }
    }

    /// Takes in the description of the SFU's side.
    pub fn connect(&mut self, ice: &IceCredentials, certificate: &Certificate) {
        let mut direct = self.rtc.direct_api();
        direct.set_remote_ice_credentials(IceCreds {
            ufrag: ice.ufrag.clone(),
            pass: ice.pwd.clone(),
        });
        direct.set_remote_fingerprint(str0m::config::Fingerprint {
            hash_func: "sha-256".into(),
            bytes: certificate.fingerprint().0.to_vec(),
        });
        direct.start_sctp(self.role == DtlsRole::PeerStarts);
        direct.start_dtls(self.role == DtlsRole::PeerStarts).expect("a handshake");
    }

    pub fn send_voice(&mut self, mid: &str, ssrc: u32, stream: u8) {
        let source = Source::Voice(Voice::new(stream));
        self.declare_send(mid, (ssrc, None), None, source);
    }

    /// As [`Self::send_camera`], a layer of `weight` times the smallest one's rate.
    pub fn send_layer(&mut self, ssrcs: (u32, u32), rid: &str, stream: u8, weight: u32) {
        let mut camera = Camera::new(stream, &mut self.rng);
        camera.weight = weight;
        let (ssrc, repair) = ssrcs;
        self.declare_send("1", (ssrc, Some(repair)), Some(rid), Source::Camera(camera));
    }

    pub fn send_camera(&mut self, mid: &str, ssrcs: (u32, u32), rid: Option<&str>, stream: u8) {
        let camera = Camera::new(stream, &mut self.rng);
        let (ssrc, repair) = ssrcs;
        let source = Source::Camera(camera);
        self.declare_send(mid, (ssrc, Some(repair)), rid, source);
    }

    fn declare_send(
        &mut self,
        mid: &str,
        (ssrc, repair): (u32, Option<u32>),
        rid: Option<&str>,
        source: Source,
    ) {
        let kind = match source {
            Source::Voice(_) => MediaKind::Audio,
            Source::Camera(_) => MediaKind::Video,
        };
        let (mid, rid) = (Mid::from(mid), rid.map(Rid::from));
        let mut direct = self.rtc.direct_api();
        direct.declare_media(mid, kind);
        direct.declare_stream_tx(ssrc.into(), repair.map(Ssrc::from), mid, rid);
        let next = Micros::NEVER;
        self.streams.push(Stream { ssrc, rid, source, sequence: 100, next, mid });
    }

    pub fn expect(&mut self, mid: &str, kind: MediaKind, (ssrc, repair): (u32, Option<u32>)) {
        let mid = Mid::from(mid);
        let mut direct = self.rtc.direct_api();
        direct.declare_media(mid, kind);
        direct.expect_stream_rx(ssrc.into(), repair.map(Ssrc::from), mid, None);
    }

    fn instant(&self, now: Micros) -> Instant {
        self.origin + now.as_duration()
    }

    fn send_due(&mut self, now: Micros) {
        let wallclock = self.instant(now);
        let connected = self.log.borrow().connected.is_some();
        for at in 0..self.streams.len() {
            while connected && self.streams[at].next <= now {
                let stream = &mut self.streams[at];
                let (pieces, wait_us) = match &mut stream.source {
                    Source::Voice(voice) => (vec![voice.next()], 20_000),
                    Source::Camera(camera) => (camera.next(&mut self.rng), 33_333),
                };
                stream.next = stream.next.plus(wait_us);
                for piece in pieces {
                    self.write(at, piece, wallclock);
                }
            }
        }
    }

    fn write(&mut self, at: usize, piece: Piece, wallclock: Instant) {
        let stream = &mut self.streams[at];
        let (pt, video) = match stream.source {
            Source::Voice(_) => (OPUS, false),
            Source::Camera(_) => (VP8, true),
        };
        let sequence = stream.sequence;
        stream.sequence += 1;
        self.log.borrow_mut().sent += 1;
        let mut write = RtpWrite::new(
            Pt::from(pt),
            SeqNo::from(sequence),
            piece.timestamp,
            wallclock,
            piece.payload,
        )
        .marker(piece.marker)
        .nackable(video);
        if !video {
            let values = str0m::rtp::ExtensionValues {
                audio_level: Some(-20),
                voice_activity: Some(true),
                ..Default::default()
            };
            write = write.ext_vals(values);
        }
        let mut direct = self.rtc.direct_api();
        let tx = direct.stream_tx(&stream.ssrc.into()).expect("declared");
        tx.write_rtp(write);
        self.drain();
    }

    fn drain(&mut self) {
        loop {
            match self.rtc.poll_output().expect("alive") {
                Output::Timeout(at) => {
                    let wait = at.saturating_duration_since(self.origin);
                    self.wakes = Micros(u64::try_from(wait.as_micros()).unwrap_or(u64::MAX))
                        .plus(u64::from(wait > Duration::from_micros(wait.as_micros() as u64)));
                    return;
                }
                Output::Transmit(transmit) => self.out.push_back(transmit.contents.to_vec()),
                Output::Event(event) => self.note(event),
            }
        }
    }

    fn note(&mut self, event: Event) {
        let mut log = self.log.borrow_mut();
        match event {
            Event::Connected => log.connected = Some(self.wakes),
            Event::RtpPacket(packet) => {
                let at = packet.timestamp.saturating_duration_since(self.origin);
                let came = Came {
                    at: Micros(u64::try_from(at.as_micros()).expect("small")),
                    sequence: *packet.seq_no,
                    timestamp: packet.header.timestamp,
                    marker: packet.header.marker,
                    payload: packet.payload.to_vec(),
                };
                log.came.entry(*packet.header.ssrc).or_default().push(came);
            }
            Event::KeyframeRequest(request) => {
                log.key_requests.push((self.wakes, request.rid.map(|rid| rid.to_string())));
                for stream in &mut self.streams {
                    if let Source::Camera(camera) = &mut stream.source
                        && stream.mid == request.mid
                        && stream.rid == request.rid
                    {
                        camera.key_wanted = true;
                    }
                }
            }
            Event::ChannelOpen(id, label) => {
                log.labels.push((id, label));
            }
            Event::ChannelData(message) => {
                let label = log.labels.iter().find(|(id, _)| *id == message.id);
                let label = label.map(|(_, label)| label.clone()).unwrap_or_default();
                log.data.push((label, message.data));
            }
            _ => {}
        }
    }

    /// Opens a channel, and lets the SFU open others.
    pub fn open_channel(&mut self, label: &str, ordered: bool) {
        let reliability = if ordered {
            Reliability::Reliable
        } else {
            Reliability::MaxRetransmits { retransmits: 0 }
        };
        let label = label.to_owned();
        let config = ChannelConfig { label, ordered, reliability, ..ChannelConfig::default() };
        self.rtc.direct_api().create_data_channel(config);
    }

    fn send_messages(&mut self) {
        let log = self.log.clone();
        let mut log = log.borrow_mut();
        let (labels, mut left) = (log.labels.clone(), Vec::new());
        for (label, data) in std::mem::take(&mut log.to_send) {
            let id = labels.iter().find(|(_, known)| **known == label).map(|(id, _)| *id);
            let sent = id
                .and_then(|id| self.rtc.channel(id))
                .is_some_and(|mut channel| channel.write(true, &data).expect("a channel"));
            if !sent {
                left.push((label, data));
            }
        }
        log.to_send = left;
    }
}

impl Peer for Webrtc {
    fn receive(&mut self, from: SocketAddr, datagram: &[u8], now: Micros) {
        let Ok(receive) = Receive::new(Protocol::Udp, from, self.address, datagram) else { return };
        let _ = self.rtc.handle_input(Input::Receive(self.instant(now), receive));
        self.wakes = now;
        self.drain();
        self.start_streams(now);
    }

    fn tick(&mut self, now: Micros) {
        let _ = self.rtc.handle_input(Input::Timeout(self.instant(now)));
        self.drain();
        self.start_streams(now);
        self.send_due(now);
        self.send_messages();
        self.drain();
    }

    fn deadline(&mut self) -> Micros {
        let sends = self.streams.iter().map(|stream| stream.next).min();
        self.wakes.min(sends.unwrap_or(Micros::NEVER))
    }

    fn transmit(&mut self, _now: Micros) -> Option<Vec<u8>> {
        self.out.pop_front()
    }
}

impl Webrtc {
    /// Sources begin when the transport is there.
    fn start_streams(&mut self, now: Micros) {
        if self.log.borrow().connected.is_none() {
            return;
        }
        for stream in &mut self.streams {
            stream.next = if stream.next == Micros::NEVER { now } else { stream.next };
        }
    }
}
