//! Sound and pictures whose every byte is known: who receives a packet can tell which one it is.

use rand::{Rng, rngs::StdRng};

/// The VP8 descriptor of a test picture: extended, with a long number, base index and layer.
pub const DESCRIPTOR_BYTES: usize = 6;

/// A packet to be sent.
#[derive(Debug, Clone)]
pub struct Piece {
    pub payload: Vec<u8>,
    pub timestamp: u32,
    pub marker: bool,
}

/// The body of packet `number` of stream `stream`, which receivers check.
fn body(stream: u8, number: u32, len: usize) -> Vec<u8> {
    let mut bytes = vec![stream];
    bytes.extend(number.to_be_bytes());
    bytes.extend((0..len).map(|n| (n as u32 * 31 + number) as u8));
    bytes
}

/// Which packet it is; `None` when a byte is wrong.
pub fn identify(bytes: &[u8]) -> Option<(u8, u32)> {
    let stream = *bytes.first()?;
    let number = u32::from_be_bytes(bytes.get(1..5)?.try_into().ok()?);
    (body(stream, number, bytes.len() - 5) == bytes).then_some((stream, number))
}

/// A voice: 20 ms in each packet.
pub struct Voice {
    stream: u8,
    number: u32,
}

impl Voice {
    pub fn new(stream: u8) -> Self {
        Self { stream, number: 0 }
    }

    pub fn next(&mut self) -> Piece {
        let number = self.number;
        self.number += 1;
        let payload = body(self.stream, number, 60);
        Piece { payload, timestamp: number * 960, marker: number == 0 }
    }
}

/// A camera: 30 pictures a second, three temporal layers as browsers make them.
pub struct Camera {
    stream: u8,
    number: u32,
    picture: u16,
    base: u8,
    frames: u32,
    timestamp: u32,
    /// How many times more packets than the smallest layer.
    pub weight: u32,
    pub key_wanted: bool,
    pub key_frames: u32,
}

impl Camera {
    pub fn new(stream: u8, rng: &mut StdRng) -> Self {
        Self {
            stream,
            number: 0,
            picture: rng.random_range(0..0x8000),
            base: rng.random(),
            frames: 0,
            timestamp: rng.random(),
            weight: 1,
            key_wanted: true,
            key_frames: 0,
        }
    }

    /// The packets of the next picture.
    pub fn next(&mut self, rng: &mut StdRng) -> Vec<Piece> {
        let key = std::mem::take(&mut self.key_wanted);
        if key {
            self.key_frames += 1;
        }
        let phase = self.frames % 4;
        let temporal: u8 = if key { 0 } else { [0, 2, 1, 2][phase as usize] };
        let sync = temporal > 0 && phase < 3;
        self.frames = if key { 1 } else { self.frames + 1 };
        self.picture = (self.picture + 1) & 0x7fff;
        if temporal == 0 {
            self.base = self.base.wrapping_add(1);
        }
        let packets = self.weight * if key { 4 } else { rng.random_range(1..4) };
        self.timestamp = self.timestamp.wrapping_add(3_000);
        let timestamp = self.timestamp;
        (0..packets)
            .map(|n| {
                let [high, low] = (self.picture | 0x8000).to_be_bytes();
                let start = if n == 0 { 0x10 } else { 0 };
                let mut payload = vec![0x80 | start, 0xe0, high, low, self.base];
                payload.push(temporal << 6 | u8::from(sync) << 5);
                // The first byte of a frame header: bit 0 is clear in a key frame.
                payload.push(u8::from(!key || n > 0));
                payload.extend(body(self.stream, self.number, rng.random_range(100..1_000)));
                self.number += 1;
                Piece { payload, timestamp, marker: n + 1 == packets }
            })
            .collect()
    }
}

/// What a receiver sees of a picture's packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeenPicture {
    pub picture: u16,
    pub base: u8,
    pub temporal: u8,
    pub starts: bool,
    pub key: bool,
    pub stream: u8,
    pub number: u32,
}

/// Reads a test picture's packet; `None` when anything is wrong with it.
pub fn read_picture(payload: &[u8]) -> Option<SeenPicture> {
    let (stream, number) = identify(payload.get(DESCRIPTOR_BYTES + 1..)?)?;
    let starts = payload[0] & 0x10 != 0;
    Some(SeenPicture {
        picture: u16::from_be_bytes([payload[2] & 0x7f, payload[3]]),
        base: payload[4],
        temporal: payload[5] >> 6,
        starts,
        key: starts && payload[6] & 1 == 0,
        stream,
        number,
    })
}
