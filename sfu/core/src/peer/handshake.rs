//! DTLS of one peer, driven by values.

use std::sync::Arc;
use std::time::{Duration, Instant};

use dimpl::{Dtls, Output, SrtpProfile};
use signaling::limits::HANDSHAKE_RESTARTS_MAX;

use super::srtp::{Direction, Profile};
use super::{Certificate, fingerprint_of};
use crate::api::transport::{DtlsRole, Fingerprint};
use crate::time::Micros;
use crate::wire::dtls_guard::{self, Sender};

/// First wait for an answer, doubled each time: a lost flight costs little, and eight flights
/// cover half a minute.
const FIRST_WAIT: Duration = Duration::from_millis(100);
const REPEATS: usize = 8;
/// Our last flight is answered by nothing, and a peer that misses it says so only after a wait of
/// its own: it goes out again so long after the first time, until the peer is heard.
const LAST_AGAIN_MS: [u64; 3] = [40, 120, 400];
/// Bytes of the last flight: a change of cipher and a "finished".
const LAST_FLIGHT_BYTES_MAX: usize = 512;
/// Bytes of the largest record and its header.
const RECORD_BYTES_MAX: usize = 17 * 1024;

/// What all handshakes share.
#[derive(Debug)]
pub(crate) struct Settings {
    config: Arc<dimpl::Config>,
    certificate: Certificate,
    origin: Instant,
}

impl Settings {
    /// `None` when the library refuses its configuration.
    pub(crate) fn new(certificate: Certificate, origin: Instant) -> Option<Self> {
        let config = dimpl::Config::builder()
            .use_server_cookie(false)
            .require_client_certificate(true)
            .flight_start_rto(FIRST_WAIT)
            .flight_retries(REPEATS)
            .build()
            .ok()?;
        Some(Self { config: Arc::new(config), certificate, origin })
    }

    pub(super) fn instant(&self, now: Micros) -> Instant {
        self.origin.checked_add(now.as_duration()).unwrap_or(self.origin)
    }

    /// Never earlier than `at`: who is called too early asks to be called again at once.
    pub(super) fn micros(&self, at: Instant) -> Micros {
        let since = at.saturating_duration_since(self.origin);
        Micros(u64::try_from(since.as_nanos().div_ceil(1_000)).unwrap_or(u64::MAX))
    }
}

/// The keys that the handshake agreed on.
#[derive(Debug)]
pub(crate) struct Keys {
    pub(crate) inbound: Direction,
    pub(crate) outbound: Direction,
}

/// What a handshake brings about.
#[derive(Debug)]
pub(crate) enum Fact<'a> {
    /// Send this datagram.
    Send(&'a [u8]),
    /// The other side proved that it holds this certificate's key.
    Certificate(Fingerprint),
    /// Keys for media.
    Keys(Box<Keys>),
    /// The handshake is done.
    Done,
    /// A message of the other side.
    Data(&'a [u8]),
    /// The other side ends the transport.
    Closed,
}

/// The handshake cannot go on, or the transport is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Broken;

/// DTLS of one peer.
#[derive(Debug)]
pub(crate) struct Handshake {
    dtls: Dtls,
    role: DtlsRole,
    done: bool,
    restarts: usize,
    deadline: Micros,
    last: Last,
}

/// The last flight, while it is of use.
#[derive(Debug, Default)]
struct Last {
    bytes: Vec<u8>,
    /// Ends of the datagrams in `bytes`.
    ends: Vec<usize>,
    since: Micros,
    repeated: usize,
}

impl Last {
    fn note(&mut self, datagram: &[u8]) {
        if self.bytes.len().saturating_add(datagram.len()) <= LAST_FLIGHT_BYTES_MAX {
            self.bytes.extend_from_slice(datagram);
            self.ends.push(self.bytes.len());
        }
    }

    fn due(&self) -> Micros {
        match LAST_AGAIN_MS.get(self.repeated) {
            Some(after) if !self.ends.is_empty() => self.since.plus_millis(*after),
            _ => Micros::NEVER,
        }
    }

    fn datagrams(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).filter_map(|(start, end)| self.bytes.get(start..*end))
    }
}

impl Handshake {
    pub(crate) fn new(settings: &Settings, role: DtlsRole, now: Micros) -> Self {
        Self {
            dtls: start(settings, role, now),
            role,
            done: false,
            restarts: 0,
            deadline: Micros(0),
            last: Last::default(),
        }
    }

    /// When [`Handshake::tick`] is due.
    pub(crate) fn deadline(&self) -> Micros {
        self.deadline.min(self.last.due())
    }

    /// Something came that only a peer with all our flights sends.
    pub(crate) fn heard(&mut self) {
        if !self.last.ends.is_empty() {
            self.last = Last::default();
        }
    }

    /// Takes in a datagram; one that no honest peer sends is passed over.
    pub(crate) fn receive(
        &mut self,
        settings: &Settings,
        datagram: &[u8],
        now: Micros,
        tell: &mut dyn FnMut(Fact<'_>),
    ) -> Result<(), Broken> {
        let sender = match self.role {
            DtlsRole::PeerStarts => Sender::Client,
            DtlsRole::WeStart => Sender::Server,
        };
        if !dtls_guard::admits(datagram, sender) {
            return Ok(());
        }
        let instant = settings.instant(now);
        let taken =
            self.dtls.handle_timeout(instant).and_then(|()| self.dtls.handle_packet(datagram));
        self.go_on(settings, &taken, now, tell)
    }

    /// Repeats what was not answered.
    pub(crate) fn tick(
        &mut self,
        settings: &Settings,
        now: Micros,
        tell: &mut dyn FnMut(Fact<'_>),
    ) -> Result<(), Broken> {
        if self.last.due() <= now {
            self.last.repeated = self.last.repeated.saturating_add(1);
            self.last.datagrams().for_each(|datagram| tell(Fact::Send(datagram)));
        }
        let ticked = self.dtls.handle_timeout(settings.instant(now));
        let done = self.go_on(settings, &ticked, now, tell);
        self.deadline = self.deadline.max(now.plus_millis(1));
        done
    }

    /// Sends a message, or keeps it until the handshake is done.
    pub(crate) fn send(
        &mut self,
        settings: &Settings,
        data: &[u8],
        now: Micros,
        tell: &mut dyn FnMut(Fact<'_>),
    ) -> Result<(), Broken> {
        let sent = self.dtls.send_application_data(data).map(|_| ());
        self.go_on(settings, &sent, now, tell)
    }

    /// Tells the other side that the transport ends.
    pub(crate) fn close(&mut self, settings: &Settings, tell: &mut dyn FnMut(Fact<'_>)) {
        if self.dtls.close().is_ok() {
            self.drain(settings, Micros::NEVER, tell);
        }
    }

    /// An error ends a transport, but before the handshake is done it may be a forged datagram's
    /// doing: then the handshake begins anew.
    fn go_on(
        &mut self,
        settings: &Settings,
        result: &Result<(), dimpl::Error>,
        now: Micros,
        tell: &mut dyn FnMut(Fact<'_>),
    ) -> Result<(), Broken> {
        if result.is_err() {
            if self.done || self.restarts >= HANDSHAKE_RESTARTS_MAX {
                return Err(Broken);
            }
            self.restarts = self.restarts.saturating_add(1);
            self.dtls = start(settings, self.role, now);
        }
        self.drain(settings, now, tell);
        Ok(())
    }

    fn drain(&mut self, settings: &Settings, now: Micros, tell: &mut dyn FnMut(Fact<'_>)) {
        let was_done = self.done;
        let mut flight = Last { since: now, ..Last::default() };
        let mut small = [0; 2048];
        let mut large = Vec::new();
        loop {
            let room = if large.is_empty() { &mut small[..] } else { &mut large[..] };
            match self.dtls.poll_output(room) {
                Output::Packet(datagram) => {
                    if !was_done && self.role == DtlsRole::PeerStarts {
                        flight.note(datagram);
                    }
                    tell(Fact::Send(datagram));
                }
                Output::PeerCert(der) => tell(Fact::Certificate(fingerprint_of(der))),
                Output::KeyingMaterial(material, profile) => {
                    if let Some(keys) = keys_of(&material, profile, self.role) {
                        tell(Fact::Keys(Box::new(keys)));
                    }
                }
                Output::Connected => {
                    self.done = true;
                    tell(Fact::Done);
                }
                Output::ApplicationData(data) => tell(Fact::Data(data)),
                Output::CloseNotify => tell(Fact::Closed),
                Output::Timeout(at) => {
                    self.deadline = settings.micros(at);
                    if self.done && !was_done {
                        self.last = flight;
                    }
                    return;
                }
                Output::BufferTooSmall { needed } if needed <= RECORD_BYTES_MAX => {
                    large.resize(needed, 0);
                }
                _ => return,
            }
        }
    }
}

fn start(settings: &Settings, role: DtlsRole, now: Micros) -> Dtls {
    let certificate = settings.certificate.dtls.clone();
    let mut dtls = Dtls::new_12(settings.config.clone(), certificate, settings.instant(now));
    if role == DtlsRole::WeStart {
        dtls.set_active(true);
    }
    // The first one only tells the time.
    let _ = dtls.handle_timeout(settings.instant(now));
    dtls
}

/// The material is client key, server key, client salt, server salt.
fn keys_of(material: &[u8], profile: SrtpProfile, role: DtlsRole) -> Option<Keys> {
    let profile = match profile {
        SrtpProfile::AEAD_AES_256_GCM => Profile::AesGcm256,
        SrtpProfile::AEAD_AES_128_GCM => Profile::AesGcm128,
        SrtpProfile::AES128_CM_SHA1_80 => Profile::AesCm128Sha1,
        _ => return None,
    };
    let (client_key, rest) = material.split_at_checked(profile.key_bytes())?;
    let (server_key, rest) = rest.split_at_checked(profile.key_bytes())?;
    let (client_salt, rest) = rest.split_at_checked(profile.salt_bytes())?;
    let server_salt = rest.get(..profile.salt_bytes())?;
    let client = Direction::new(profile, client_key, client_salt)?;
    let server = Direction::new(profile, server_key, server_salt)?;
    Some(match role {
        DtlsRole::PeerStarts => Keys { inbound: client, outbound: server },
        DtlsRole::WeStart => Keys { inbound: server, outbound: client },
    })
}
