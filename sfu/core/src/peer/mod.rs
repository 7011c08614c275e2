//! One peer's transport: which way its packets go, and their protection. This folder alone names
//! the libraries of WebRTC. Nothing that did not prove itself gets past it: no address without a
//! check whose integrity holds, no media or report without its tag, no key without the certificate
//! that the peer's description named.

mod data;
mod handshake;
mod ice;
pub(crate) mod srtp;

use aws_lc_rs::digest;
use bytes::Bytes;
use signaling::limits::REPORTERS_PER_PEER_MAX;

use crate::api::command::Delivery;
use crate::api::event::{GoneReason, Refused};
use crate::api::transport::{DtlsRole, Fingerprint, GivenKeys, IceCredentials, Protection, Remote};
use crate::ids::Path;
use crate::outbox::Queue;
use crate::time::Micros;
use crate::wire::stun::Request;
use crate::wire::u32_at;

use data::Channels;
pub(crate) use data::News;
pub(crate) use handshake::Settings;
use handshake::{Broken, Fact, Handshake, Keys};
pub(crate) use ice::Checked;
use ice::Ice;
use srtp::{Direction, Window};

/// The certificate of our side of DTLS, made at start and shared by all peers.
#[derive(Debug, Clone)]
pub struct Certificate {
    dtls: dimpl::DtlsCertificate,
}

/// A certificate could not be made: the system has no randomness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("certificate could not be made")]
pub struct CertificateFault;

impl Certificate {
    /// A new self-signed one (ECDSA P-256, a year).
    pub fn generate() -> Result<Self, CertificateFault> {
        dimpl::certificate::generate_self_signed_certificate()
            .map(|dtls| Self { dtls })
            .map_err(|_| CertificateFault)
    }

    /// What our SDP says of it.
    pub fn fingerprint(&self) -> Fingerprint {
        fingerprint_of(&self.dtls.certificate)
    }
}

fn fingerprint_of(certificate_der: &[u8]) -> Fingerprint {
    let mut bytes = [0; 32];
    let hash = digest::digest(&digest::SHA256, certificate_der);
    for (to, from) in bytes.iter_mut().zip(hash.as_ref()) {
        *to = *from;
    }
    Fingerprint(bytes)
}

fn keys_of(given: &GivenKeys) -> Option<Keys> {
    let direction = |(key, salt): &([u8; 32], [u8; 14])| {
        let profile = given.profile;
        Direction::new(profile, key.get(..profile.key_bytes())?, salt.get(..profile.salt_bytes())?)
    };
    Some(Keys { inbound: direction(&given.theirs)?, outbound: direction(&given.ours)? })
}

/// The transport of one peer connection.
#[derive(Debug)]
pub(crate) struct Transport {
    ice: Ice,
    protection: Protection,
    expected: Option<(Fingerprint, DtlsRole)>,
    proven: Option<Fingerprint>,
    handshake: Option<Box<Handshake>>,
    keys: Option<Box<Keys>>,
    done: bool,
    closed: bool,
    reports_sent: u32,
    reports_seen: Vec<(u32, Window)>,
    /// With the first channel that either side opens.
    channels: Option<Box<Channels>>,
    /// Packets of channels that came with the datagram that is being read.
    inbox: Vec<Vec<u8>>,
    channels_due: Micros,
}

impl Transport {
    pub(crate) fn new(ice: &IceCredentials, protection: Protection) -> Self {
        let keys = match protection {
            Protection::Given(given) => keys_of(&given).map(Box::new),
            Protection::DtlsSrtp | Protection::None => None,
        };
        Self {
            ice: Ice::new(ice),
            protection,
            expected: None,
            proven: None,
            handshake: None,
            keys,
            done: false,
            closed: false,
            reports_sent: 0,
            reports_seen: Vec::new(),
            channels: None,
            inbox: Vec::new(),
            channels_due: Micros::NEVER,
        }
    }

    /// Where to send, when a way is known.
    pub(crate) fn way(&self) -> Option<Path> {
        self.ice.selected()
    }

    /// Verified ways, all of which lead here.
    pub(crate) fn paths(&self) -> &[Path] {
        self.ice.paths()
    }

    /// Names that checks may carry.
    pub(crate) fn ufrags(&self) -> impl Iterator<Item = &str> {
        self.ice.ufrags()
    }

    /// New credentials; a name that is no longer good.
    pub(crate) fn restart_ice(&mut self, ice: &IceCredentials) -> Option<String> {
        self.ice.restart(ice)
    }

    /// Media may flow.
    pub(crate) fn is_connected(&self) -> bool {
        match self.protection {
            Protection::None | Protection::Given(_) => self.way().is_some(),
            Protection::DtlsSrtp => {
                let named = self.expected.map(|(fingerprint, _)| fingerprint);
                self.done && self.keys.is_some() && named.is_some() && named == self.proven
            }
        }
    }

    /// When [`Transport::tick`] is due.
    pub(crate) fn deadline(&self) -> Micros {
        let handshake = self.handshake.as_ref().map_or(Micros::NEVER, |h| h.deadline());
        handshake.min(self.channels_due)
    }

    /// The other side's description.
    pub(crate) fn connect(
        &mut self,
        settings: &Settings,
        remote: &Remote,
        now: Micros,
        out: &mut Queue,
    ) -> Result<(), GoneReason> {
        if self.expected.is_some_and(|(fingerprint, _)| fingerprint != remote.fingerprint) {
            return Err(GoneReason::FingerprintMismatch);
        }
        self.ice.set_remote(&remote.ice.ufrag);
        self.expected = Some((remote.fingerprint, remote.role));
        self.start_if_ours(settings, now, out)?;
        self.verify()
    }

    /// A check that carries one of our names.
    pub(crate) fn check(
        &mut self,
        request: &Request<'_>,
        path: Path,
        out: &mut Queue,
    ) -> Option<Checked> {
        let mut checked = None;
        out.push_with(path, |room| {
            checked = self.ice.check(request, path, room);
            checked.as_ref().map(|checked| checked.answer)
        });
        checked
    }

    /// Begins the handshake when that is our part and the way is known.
    pub(crate) fn start_if_ours(
        &mut self,
        settings: &Settings,
        now: Micros,
        out: &mut Queue,
    ) -> Result<(), GoneReason> {
        let ours = self.expected.is_some_and(|(_, role)| role == DtlsRole::WeStart);
        if !ours || self.handshake.is_some() || self.way().is_none() || !self.has_handshake() {
            return Ok(());
        }
        self.handshake = Some(Box::new(Handshake::new(settings, DtlsRole::WeStart, now)));
        self.tick(settings, now, out)
    }

    /// A datagram of the handshake from a verified address.
    pub(crate) fn receive_handshake(
        &mut self,
        settings: &Settings,
        datagram: &[u8],
        now: Micros,
        out: &mut Queue,
    ) -> Result<(), GoneReason> {
        if !self.has_handshake() {
            return Ok(());
        }
        let role = self.expected.map_or(DtlsRole::PeerStarts, |(_, role)| role);
        self.drive(out, |handshake, tell| {
            let handshake =
                handshake.get_or_insert_with(|| Box::new(Handshake::new(settings, role, now)));
            handshake.receive(settings, datagram, now, tell)
        })?;
        self.read_inbox(settings, now);
        self.send_data(settings, now, out)
    }

    /// Repeats what was not answered.
    pub(crate) fn tick(
        &mut self,
        settings: &Settings,
        now: Micros,
        out: &mut Queue,
    ) -> Result<(), GoneReason> {
        self.drive(out, |handshake, tell| match handshake {
            Some(handshake) if handshake.deadline() <= now => handshake.tick(settings, now, tell),
            _ => Ok(()),
        })?;
        if self.channels_due <= now
            && let Some(channels) = &mut self.channels
        {
            channels.tick(settings.instant(now));
        }
        self.send_data(settings, now, out)
    }

    /// A channel of ours.
    pub(crate) fn open_channel(
        &mut self,
        settings: &Settings,
        (label, delivery): (&str, Delivery),
        now: Micros,
    ) -> Result<(), Refused> {
        let instant = settings.instant(now);
        self.channels(settings, now).ok_or(Refused::Invalid)?.open(label, delivery, instant)
    }

    /// A message on the channel of that label.
    pub(crate) fn send_message(
        &mut self,
        settings: &Settings,
        (label, data): (&str, Bytes),
        now: Micros,
    ) -> Result<(), Refused> {
        let instant = settings.instant(now);
        self.channels(settings, now).ok_or(Refused::Invalid)?.send(label, data, instant)
    }

    /// What the channels have to tell.
    pub(crate) fn news(&mut self) -> Option<News> {
        self.channels.as_mut()?.news()
    }

    fn channels(&mut self, settings: &Settings, now: Micros) -> Option<&mut Channels> {
        if !self.has_handshake() {
            return None;
        }
        let connected = self.is_connected();
        let role = self.expected.map(|(_, role)| role);
        let channels = self.channels.get_or_insert_with(|| Box::new(Channels::new()));
        if let Some(role) = role.filter(|_| connected) {
            channels.start(role, settings.instant(now));
        }
        Some(channels)
    }

    fn read_inbox(&mut self, settings: &Settings, now: Micros) {
        // Nothing is read of a peer whose certificate is not the named one.
        let inbox = std::mem::take(&mut self.inbox);
        if inbox.is_empty() || !self.is_connected() {
            return;
        }
        if let Some(channels) = self.channels(settings, now) {
            for packet in &inbox {
                channels.receive(packet, settings.instant(now));
            }
        }
    }

    /// Sends what the channels have to send.
    pub(crate) fn send_data(
        &mut self,
        settings: &Settings,
        now: Micros,
        out: &mut Queue,
    ) -> Result<(), GoneReason> {
        if self.channels.is_none() || !self.is_connected() {
            return Ok(());
        }
        // One that was asked for before the transport was there begins now.
        self.channels(settings, now);
        let Some(mut channels) = self.channels.take() else { return Ok(()) };
        let mut sent = Ok(());
        channels.transmit(settings.instant(now), |packet| {
            if sent.is_ok() {
                sent = self.drive(out, |handshake, tell| match handshake {
                    Some(handshake) => handshake.send(settings, packet, now, tell),
                    None => Ok(()),
                });
            }
        });
        let due = channels.deadline().map(|at| settings.micros(at));
        self.channels_due = due.unwrap_or(Micros::NEVER).max(now.plus_millis(1));
        self.channels = Some(channels);
        sent
    }

    /// Tells the other side that this is the end.
    pub(crate) fn close(&mut self, settings: &Settings, out: &mut Queue) {
        let _ = self.drive(out, |handshake, tell| {
            if let Some(handshake) = handshake {
                handshake.close(settings, tell);
            }
            Ok(())
        });
    }

    fn drive(
        &mut self,
        out: &mut Queue,
        act: impl FnOnce(&mut Option<Box<Handshake>>, &mut dyn FnMut(Fact<'_>)) -> Result<(), Broken>,
    ) -> Result<(), GoneReason> {
        let way = self.ice.selected();
        let (proven, keys) = (&mut self.proven, &mut self.keys);
        let (done, closed, inbox) = (&mut self.done, &mut self.closed, &mut self.inbox);
        let result = act(&mut self.handshake, &mut |fact| match fact {
            Fact::Send(datagram) => {
                let _ = way.and_then(|way| out.push(way, datagram));
            }
            Fact::Certificate(fingerprint) => *proven = Some(fingerprint),
            Fact::Keys(agreed) => *keys = Some(agreed),
            Fact::Done => *done = true,
            Fact::Closed => *closed = true,
            Fact::Data(packet) => inbox.push(packet.to_vec()),
        });
        result.map_err(|Broken| GoneReason::HandshakeFailed)?;
        if self.closed {
            return Err(GoneReason::ClosedByPeer);
        }
        self.verify()
    }

    fn verify(&self) -> Result<(), GoneReason> {
        match (self.expected, self.proven) {
            (Some((named, _)), Some(proven)) if named != proven => {
                Err(GoneReason::FingerprintMismatch)
            }
            _ => Ok(()),
        }
    }

    fn has_handshake(&self) -> bool {
        self.protection == Protection::DtlsSrtp
    }

    fn is_bare(&self) -> bool {
        self.protection == Protection::None
    }

    /// Opens a packet in place; the length of its clear form. `None`: not authentic.
    pub(crate) fn open_rtp(
        &self,
        packet: &mut [u8],
        header: usize,
        ssrc: u32,
        index: u64,
    ) -> Option<usize> {
        if self.is_bare() {
            return Some(packet.len());
        }
        self.keys.as_ref()?.inbound.open_rtp(packet, header, ssrc, index)
    }

    /// An authenticated packet of media or report came: the peer has all that the handshake sent.
    pub(crate) fn heard_media(&mut self) {
        if let Some(handshake) = &mut self.handshake {
            handshake.heard();
        }
    }

    /// Seals a packet in place; its new length.
    pub(crate) fn seal_rtp(
        &self,
        packet: &mut [u8],
        extent: (usize, usize),
        ssrc: u32,
        index: u64,
    ) -> Option<usize> {
        if self.is_bare() {
            return Some(extent.1);
        }
        self.keys.as_ref()?.outbound.seal_rtp(packet, extent, ssrc, index)
    }

    /// Opens a compound in place; the length of its clear form. `None`: not authentic, or a replay.
    pub(crate) fn open_rtcp(&mut self, packet: &mut [u8]) -> Option<usize> {
        if self.is_bare() {
            return u32_at(packet, 4).map(|_| packet.len());
        }
        let (len, ssrc, index) = self.keys.as_ref()?.inbound.open_rtcp(packet)?;
        let seen = &mut self.reports_seen;
        let window = match seen.iter_mut().position(|(reporter, _)| *reporter == ssrc) {
            Some(at) => seen.get_mut(at),
            None if seen.len() < REPORTERS_PER_PEER_MAX => {
                seen.push((ssrc, Window::default()));
                seen.last_mut()
            }
            None => None,
        };
        let (_, window) = window.filter(|(_, window)| window.admits(index.into()))?;
        window.mark(index.into());
        Some(len)
    }

    /// Sends a compound that `write` puts into a buffer.
    pub(crate) fn send_rtcp(
        &mut self,
        out: &mut Queue,
        write: impl FnOnce(&mut [u8]) -> Option<usize>,
    ) -> Option<()> {
        let way = self.way().filter(|_| self.is_connected())?;
        let (bare, keys, sent) = (self.is_bare(), &self.keys, &mut self.reports_sent);
        out.push_with(way, |room| {
            let len = write(room)?;
            if bare {
                return Some(len);
            }
            // 31 bits; a peer that lasts so long makes new keys.
            *sent = sent.checked_add(1).filter(|next| *next < 1 << 31)?;
            keys.as_ref()?.outbound.seal_rtcp(room, len, *sent)
        })
        .map(|_| ())
    }
}
