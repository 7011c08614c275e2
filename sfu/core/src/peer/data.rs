//! Data channels of one peer: SCTP over its DTLS, channels opened by either side (RFC 8831, 8832).
//! Messages are whole or nothing; a channel is known by its label.

use std::collections::VecDeque;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use rtc_sctp::{
    Association, AssociationHandle, ClientConfig, DatagramEvent, Endpoint, EndpointConfig, Event,
    Payload, PayloadProtocolIdentifier as Meaning, ReliabilityType, ServerConfig, StreamEvent,
    StreamId, TransportConfig,
};
use rtc_shared::TransportProtocol;
use signaling::limits::{CHANNELS_PER_PEER_MAX, DATA_BACKLOG_BYTES_MAX, DATA_MESSAGE_BYTES_MAX};

use crate::api::command::Delivery;
use crate::api::event::Refused;
use crate::api::transport::DtlsRole;

/// A lossy channel takes no more while so much waits on it: what is late is worth nothing.
const LOSSY_BACKLOG_BYTES_MAX: usize = 64 * 1024;
/// SCTP knows addresses; there is only one other side here.
const NOWHERE: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 5_000);
const OPEN: u8 = 3;
const ACK: u8 = 2;
/// Bits of a channel's type.
const UNORDERED: u8 = 0x80;
const RELIABLE: u8 = 0;
const LIMITED_REPEATS: u8 = 1;

/// What the edge should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum News {
    Opened(String),
    Message { label: String, data: Bytes },
    Stalled,
}

#[derive(Debug)]
struct Channel {
    id: StreamId,
    label: String,
    delivery: Delivery,
    open: bool,
}

/// See the module.
pub(crate) struct Channels {
    endpoint: Endpoint,
    association: Option<(AssociationHandle, Association)>,
    connected: bool,
    list: Vec<Channel>,
    /// Channels to be opened, and messages for channels that are not open yet.
    to_open: Vec<(String, Delivery)>,
    waiting: VecDeque<(String, Bytes)>,
    waiting_bytes: usize,
    stalled: bool,
    next_id: StreamId,
    news: VecDeque<News>,
}

impl std::fmt::Debug for Channels {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Channels").field("channels", &self.list).finish_non_exhaustive()
    }
}

impl Channels {
    pub(crate) fn new() -> Self {
        let server = Arc::new(ServerConfig::new(transport()));
        let endpoint = Arc::new(EndpointConfig::new());
        Self {
            endpoint: Endpoint::new(NOWHERE, TransportProtocol::UDP, endpoint, Some(server)),
            association: None,
            connected: false,
            list: Vec::new(),
            to_open: Vec::new(),
            waiting: VecDeque::new(),
            waiting_bytes: 0,
            stalled: false,
            next_id: 1,
            news: VecDeque::new(),
        }
    }

    /// The transport is there. Who began the handshake has the even numbers and begins here too;
    /// a peer that began it sends the first packet.
    pub(crate) fn start(&mut self, role: DtlsRole, now: Instant) {
        if role == DtlsRole::PeerStarts || self.association.is_some() {
            return;
        }
        self.next_id = 0;
        self.association = self.endpoint.connect(now, ClientConfig::new(transport()), NOWHERE).ok();
    }

    /// A channel of ours; it is opened as soon as that can be.
    pub(crate) fn open(&mut self, label: &str, delivery: Delivery, now: Instant) -> Outcome {
        let known = self.list.iter().any(|channel| channel.label == label)
            || self.to_open.iter().any(|(other, _)| other == label);
        if known {
            return Err(Refused::Exists);
        }
        if self.list.len().saturating_add(self.to_open.len()) >= CHANNELS_PER_PEER_MAX {
            return Err(Refused::Limit);
        }
        self.to_open.push((label.to_owned(), delivery));
        self.go_on(now);
        Ok(())
    }

    /// A message; it waits for its channel.
    pub(crate) fn send(&mut self, label: &str, data: Bytes, now: Instant) -> Outcome {
        if data.len() > DATA_MESSAGE_BYTES_MAX {
            return Err(Refused::Invalid);
        }
        let found = self.list.iter().find(|c| c.label == label && c.open);
        let Some((id, delivery)) = found.map(|channel| (channel.id, channel.delivery)) else {
            return self.keep(label, data);
        };
        let Some((_, association)) = &mut self.association else { return Err(Refused::Unknown) };
        let mut stream = association.stream(id).map_err(|_| Refused::Unknown)?;
        let buffered = stream.buffered_amount().unwrap_or(0).saturating_add(data.len());
        match delivery {
            Delivery::Lossy if buffered > LOSSY_BACKLOG_BYTES_MAX => return Ok(()),
            Delivery::Reliable if buffered > DATA_BACKLOG_BYTES_MAX => return self.stall(),
            Delivery::Lossy | Delivery::Reliable => self.stalled = false,
        }
        let meaning = if data.is_empty() { Meaning::BinaryEmpty } else { Meaning::Binary };
        // SCTP cannot carry nothing.
        let body = if data.is_empty() { Bytes::from_static(&[0]) } else { data };
        stream.write_chunk_with_ppi(now, &body, meaning).map(|_| ()).map_err(|_| Refused::Unknown)
    }

    fn keep(&mut self, label: &str, data: Bytes) -> Outcome {
        let bytes = self.waiting_bytes.saturating_add(data.len()).saturating_add(label.len());
        if bytes > DATA_BACKLOG_BYTES_MAX {
            return self.stall();
        }
        self.waiting_bytes = bytes;
        self.waiting.push_back((label.to_owned(), data));
        Ok(())
    }

    fn stall(&mut self) -> Outcome {
        if !self.stalled {
            self.stalled = true;
            self.news.push_back(News::Stalled);
        }
        Err(Refused::Limit)
    }

    /// A packet of the other side.
    pub(crate) fn receive(&mut self, packet: &[u8], now: Instant) {
        let packet = Bytes::copy_from_slice(packet);
        match self.endpoint.handle(now, NOWHERE, None, packet) {
            Some((handle, DatagramEvent::NewAssociation(association)))
                if self.association.is_none() =>
            {
                self.association = Some((handle, association));
            }
            Some((handle, DatagramEvent::AssociationEvent(event))) => {
                if let Some((ours, association)) = &mut self.association
                    && *ours == handle
                {
                    association.handle_event(event);
                }
            }
            _ => {}
        }
        self.go_on(now);
    }

    /// Repeats what was not acknowledged.
    pub(crate) fn tick(&mut self, now: Instant) {
        if let Some((_, association)) = &mut self.association {
            association.handle_timeout(now);
        }
        self.go_on(now);
    }

    /// When [`Channels::tick`] is due.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.association.as_ref()?.1.poll_timeout()
    }

    /// Hands out what is to be sent.
    pub(crate) fn transmit(&mut self, now: Instant, mut send: impl FnMut(&[u8])) {
        let Some((_, association)) = &mut self.association else { return };
        while let Some(packets) = association.poll_transmit(now) {
            if let Payload::RawEncode(packets) = packets.message {
                for packet in &packets {
                    send(packet);
                }
            }
        }
    }

    pub(crate) fn news(&mut self) -> Option<News> {
        self.news.pop_front()
    }

    fn go_on(&mut self, now: Instant) {
        while let Some(event) = self.association.as_mut().and_then(|(_, a)| a.poll()) {
            match event {
                Event::Connected => self.connected = true,
                Event::Stream(StreamEvent::Readable { id }) => self.read(id, now),
                Event::AssociationLost { .. } | Event::HandshakeFailed { .. } => self.forget_lost(),
                _ => {}
            }
        }
        let Some((handle, association)) = &mut self.association else { return };
        while let Some(event) = association.poll_endpoint_event() {
            self.endpoint.handle_event(*handle, event);
        }
        // One that was accepted needs no further notice: its messages say what it is.
        while association.accept_stream().is_some() {}
        if self.connected {
            for (label, delivery) in std::mem::take(&mut self.to_open) {
                self.begin(label, delivery, now);
            }
        }
    }

    /// The library reports the end of one channel and of all in the same words.
    fn forget_lost(&mut self) {
        let Some((_, association)) = &mut self.association else { return };
        let all = association.is_closed();
        self.list.retain(|channel| !all && association.stream(channel.id).is_ok());
    }

    fn begin(&mut self, label: String, delivery: Delivery, now: Instant) {
        let Some((_, association)) = &mut self.association else { return };
        let id = self.next_id;
        self.next_id = id.saturating_add(2);
        let Ok(mut stream) = association.open_stream(id, Meaning::Binary) else { return };
        let kind = match delivery {
            Delivery::Reliable => RELIABLE,
            Delivery::Lossy => LIMITED_REPEATS | UNORDERED,
        };
        let Some(open) = open_message(kind, &label) else { return };
        // The opening itself is delivered for sure.
        let sent = stream.write_chunk_with_ppi(now, &open, Meaning::Dcep).is_ok();
        if sent && set(&mut stream, kind, 0) {
            self.list.push(Channel { id, label, delivery, open: false });
        }
    }

    fn read(&mut self, id: StreamId, now: Instant) {
        loop {
            let Some((_, association)) = &mut self.association else { return };
            let Ok(mut stream) = association.stream(id) else { return };
            let Ok(Some(chunks)) = stream.read_sctp() else { return };
            let Ok(message) = chunks.to_payload(DATA_MESSAGE_BYTES_MAX) else { continue };
            let message = message.freeze();
            match chunks.ppi {
                Meaning::Dcep => self.control(id, &message, now),
                Meaning::BinaryEmpty | Meaning::StringEmpty => self.message(id, Bytes::new()),
                Meaning::Binary | Meaning::String => self.message(id, message),
                _ => {}
            }
        }
    }

    fn message(&mut self, id: StreamId, data: Bytes) {
        let Some(channel) = self.list.iter().find(|channel| channel.id == id) else { return };
        let label = channel.label.clone();
        self.news.push_back(News::Message { label, data });
    }

    fn control(&mut self, id: StreamId, message: &Bytes, now: Instant) {
        match message.first() {
            Some(&ACK) => {
                let ours = self.list.iter_mut().find(|c| c.id == id && !c.open);
                if let Some(label) = ours.map(|channel| {
                    channel.open = true;
                    channel.label.clone()
                }) {
                    self.opened(label, now);
                }
            }
            Some(&OPEN) => {
                if let Some(label) = self.accept(id, message, now) {
                    self.opened(label, now);
                }
            }
            _ => {}
        }
    }

    /// A channel of the other side; one with a label that is in use takes the old one's place.
    fn accept(&mut self, id: StreamId, message: &[u8], now: Instant) -> Option<String> {
        let (kind, parameter, label) = read_open(message)?;
        let (_, association) = self.association.as_mut()?;
        let mut stream = association.stream(id).ok()?;
        if self.list.len() >= CHANNELS_PER_PEER_MAX || !set(&mut stream, kind, parameter) {
            return None;
        }
        let ack = Bytes::from_static(&[ACK]);
        stream.write_chunk_with_ppi(now, &ack, Meaning::Dcep).ok()?;
        let delivery =
            if kind & !UNORDERED == RELIABLE { Delivery::Reliable } else { Delivery::Lossy };
        self.list.retain(|channel| channel.id != id && channel.label != label);
        self.list.push(Channel { id, label: label.clone(), delivery, open: true });
        Some(label)
    }

    /// Sends what waited for the channel.
    fn opened(&mut self, label: String, now: Instant) {
        for (other, data) in std::mem::take(&mut self.waiting) {
            if other == label {
                let less = data.len().saturating_add(label.len());
                self.waiting_bytes = self.waiting_bytes.saturating_sub(less);
                let _ = self.send(&label, data, now);
            } else {
                self.waiting.push_back((other, data));
            }
        }
        self.news.push_back(News::Opened(label));
    }
}

type Outcome = Result<(), Refused>;

fn transport() -> TransportConfig {
    TransportConfig::default().with_max_message_size(
        u32::try_from(DATA_MESSAGE_BYTES_MAX.saturating_mul(4)).unwrap_or(u32::MAX),
    )
}

/// How the stream delivers, by the type of its channel.
fn set(stream: &mut rtc_sctp::Stream<'_>, kind: u8, parameter: u32) -> bool {
    let reliability = match kind & !UNORDERED {
        RELIABLE => ReliabilityType::Reliable,
        LIMITED_REPEATS => ReliabilityType::Rexmit,
        2 => ReliabilityType::Timed,
        _ => return false,
    };
    stream.set_reliability_params(kind & UNORDERED != 0, reliability, parameter).is_ok()
}

fn open_message(kind: u8, label: &str) -> Option<Bytes> {
    let mut message = vec![OPEN, kind, 1, 0, 0, 0, 0, 0];
    message.extend(u16::try_from(label.len()).ok()?.to_be_bytes());
    message.extend([0, 0]);
    message.extend(label.as_bytes());
    Some(message.into())
}

/// Type, parameter and label.
fn read_open(message: &[u8]) -> Option<(u8, u32, String)> {
    let kind = *message.get(1)?;
    let parameter = crate::wire::u32_at(message, 4)?;
    let len = usize::from(crate::wire::u16_at(message, 8)?);
    let label = message.get(12..)?.get(..len)?;
    Some((kind, parameter, std::str::from_utf8(label).ok()?.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_open_message_is_read_back_and_none_that_is_cut() {
        let message = open_message(LIMITED_REPEATS | UNORDERED, "_lossy").expect("short");
        assert_eq!(read_open(&message), Some((0x81, 0, "_lossy".to_owned())));
        for len in 0..message.len() {
            assert_eq!(read_open(&message[..len]), None, "{len}");
        }
    }
}
