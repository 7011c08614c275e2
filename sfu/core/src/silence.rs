//! Something on a stream of which nothing comes. Receivers of some libraries know of a track only
//! when its first packet is there, and a decoder of sound that hears nothing makes something up: so
//! a stream that begins without packets, and a sound that is muted, get a short run of silence (sound)
//! or of padding alone (pictures).

use signaling::limits::TRANSMITS_MAX;

use crate::api::media::{Codec, Format, Kind};
use crate::arena::Key;
use crate::dispatch::abs_send_time;
use crate::send::{Desk, Sending, Stamps};
use crate::sfu::Sfu;
use crate::time::Micros;
use crate::wire::rtp::Outgoing;

/// Packets of a run,
const PACKETS: u8 = 20;
/// one in so many milliseconds.
const SPACING_MS: u64 = 20;
/// A track that is not muted gets so long to send something.
const PATIENCE_MS: u64 = 300;
/// All the bytes of a packet of padding.
const PADDING: [u8; 255] = {
    let mut padding = [0; 255];
    padding[254] = 255;
    padding
};
/// 20 ms of silence: Opus (the same as what browsers send when muted), and both kinds of G.711.
const OPUS: [u8; 3] = [0xf8, 0xff, 0xfe];
const PCMU: [u8; 160] = [0xff; 160];
const PCMA: [u8; 160] = [0xd5; 160];

/// A run that is under way.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Run {
    left: u8,
    due: Micros,
}

impl Run {
    /// For a stream that begins: at once when its track is muted, else when nothing comes.
    pub(crate) fn of_beginning(muted: bool, now: Micros) -> Self {
        let wait = if muted { 0 } else { PATIENCE_MS };
        Self { left: PACKETS, due: now.plus_millis(wait) }
    }

    /// Its next packet is due then.
    pub(crate) const fn due(&self) -> Micros {
        self.due
    }

    /// The wait begins now: nothing could be sent before.
    pub(crate) fn begin(&mut self, muted: bool, now: Micros) {
        *self = Self { left: self.left, ..Self::of_beginning(muted, now) };
    }

    fn next(self, now: Micros) -> Option<Self> {
        let left = self.left.checked_sub(1).filter(|left| *left > 0)?;
        Some(Self { left, due: now.plus_millis(SPACING_MS) })
    }
}

impl Sending {
    /// The next packet of the run, sealed; its length.
    fn write_silence(
        &mut self,
        kind: Kind,
        desk: Desk<'_>,
        now: Micros,
        room: &mut [u8],
    ) -> Option<usize> {
        let format = silent_format(&self.media.formats)?;
        let (payload, padded): (&[u8], bool) = match format.codec {
            Codec::Opus => (&OPUS, false),
            Codec::Pcmu => (&PCMU, false),
            Codec::Pcma => (&PCMA, false),
            _ => (&PADDING, true),
        };
        let ticks = match kind {
            Kind::Audio => format.codec.clock_hz() / 50,
            Kind::Video => 0,
        };
        let (out, timestamp) = self.own_numbers(ticks, now)?;
        let [.., a, b] = out.to_be_bytes();
        let ssrc = self.media.ssrcs.media;
        let header = Outgoing {
            marker: false,
            payload_type: format.payload_type,
            sequence: u16::from_be_bytes([a, b]),
            timestamp,
            ssrc,
            numbers: &self.media.extensions,
            mid: Some(&self.media.mid),
            transport_cc: Some(desk.stamps.transport_cc),
            abs_send_time: Some(desk.stamps.abs_send_time),
            kept: &[],
        };
        let at = header.write(room)?;
        let end = at.checked_add(payload.len())?;
        room.get_mut(at..end)?.copy_from_slice(payload);
        if padded {
            *room.first_mut()? |= 0x20;
        }
        desk.transport.seal_rtp(room, (at, end), ssrc, out)
    }
}

/// Redundant sound has no silence of its own: what it repeats has.
fn silent_format(formats: &[Format]) -> Option<Format> {
    let plain = formats.iter().find(|format| format.codec != Codec::Red);
    plain.or(formats.first()).copied()
}

impl Sfu {
    /// Sees to it that a connection's runs go on.
    pub(crate) fn wake_silence(&mut self, key: Key) {
        let Some(connection) = self.connections.get_mut(key) else { return };
        let runs = connection.sends.iter().flatten().filter_map(|send| send.silence);
        connection.due.silence = runs.map(|run| run.due()).min().unwrap_or(Micros::NEVER);
        self.arm(key);
    }

    /// The connection is there: streams that began before wait from now on.
    pub(crate) fn begin_silence(&mut self, key: Key, now: Micros) {
        let Some(connection) = self.connections.get_mut(key) else { return };
        for send in connection.sends.iter_mut().flatten() {
            let muted = self.tracks.get(send.track).is_some_and(|track| track.muted);
            if let Some(run) = &mut send.silence {
                run.begin(muted, now);
            }
        }
        self.wake_silence(key);
    }

    /// A sound was muted: those who heard it hear silence rather than what their decoders make up.
    pub(crate) fn fall_silent(&mut self, track: Key, now: Micros) {
        let Some(track) = self.tracks.get(track).filter(|track| track.kind == Kind::Audio) else {
            return;
        };
        for output in track.outputs.clone() {
            if let Some(send) =
                self.connections.get_mut(output.to).and_then(|to| to.send_mut(output.send))
            {
                send.silence = Some(Run::of_beginning(true, now));
            }
            self.wake_silence(output.to);
        }
    }

    /// Writes what is due of the runs of a connection.
    pub(crate) fn send_silence(&mut self, key: Key, now: Micros) {
        let abs_send_time = abs_send_time(self.since_1900_us(now));
        let Some(connection) = self.connections.get_mut(key) else { return };
        connection.due.silence = Micros::NEVER;
        let takes = [Kind::Audio, Kind::Video].map(|kind| connection.takes(kind, now));
        let Some(way) = connection.transport.way().filter(|_| connection.transport.is_connected())
        else {
            return;
        };
        let mut room_left = TRANSMITS_MAX;
        for send in connection.sends.iter_mut().flatten() {
            let Some(run) = send.silence.filter(|run| run.due() <= now && room_left > 0) else {
                continue;
            };
            room_left = room_left.saturating_sub(1);
            send.silence = run.next(now);
            let Some(kind) = self.tracks.get(send.track).map(|track| track.kind) else { continue };
            let [takes_audio, takes_video] = takes;
            if !(if kind == Kind::Audio { takes_audio } else { takes_video }) {
                continue;
            }
            let number = connection.transport_cc;
            let desk = Desk {
                transport: &connection.transport,
                stamps: Stamps { transport_cc: number, abs_send_time },
            };
            let written =
                self.control.push_with(way, |room| send.write_silence(kind, desk, now, room));
            if let (Some(len), Some(_)) = (written, send.media.extensions.transport_cc) {
                connection.transport_cc = number.wrapping_add(1);
                connection.estimate.sent(number, len, now);
            }
        }
        self.wake_silence(key);
    }
}
