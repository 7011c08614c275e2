//! Which payload types of a description we forward, and the lines that we write of them.

use super::text::line;
use crate::media::plane::{CodecKind, H264, MediaKind, Payload};
use crate::media::sdp::Section;

/// Payload types that one section may name; the rest is left out of the answer.
const PAYLOADS_MAX: usize = 8;

/// Payload types we forward, in the client's order.
pub(super) fn payloads(section: &Section, kind: MediaKind) -> Vec<Payload> {
    let mut taken: Vec<Payload> = Vec::new();
    for number in section.formats.iter().filter_map(|format| format.parse::<u8>().ok()) {
        let Some(codec) = codec_of(section, number).filter(|codec| codec.media() == kind) else {
            continue;
        };
        let known = taken.iter().any(|payload| payload.codec == codec);
        if number < 128 && !known && taken.len() < PAYLOADS_MAX {
            let rtx = if kind == MediaKind::Video { rtx_of(section, number) } else { None };
            taken.push(Payload { codec, number, rtx });
        }
    }
    taken
}

fn number_of(value: &str) -> Option<u8> {
    value.split(' ').next().and_then(|number| number.parse::<u8>().ok())
}

fn name_of(section: &Section, number: u8) -> Option<String> {
    let mapped = section.values("rtpmap").find(|value| number_of(value) == Some(number));
    match (mapped, number) {
        (Some(value), _) => Some(value.split_once(' ')?.1.trim().to_ascii_lowercase()),
        // RFC 3551: these two numbers need no mapping.
        (None, 0) => Some("pcmu/8000".to_owned()),
        (None, 8) => Some("pcma/8000".to_owned()),
        (None, _) => None,
    }
}

/// The value of a format parameter.
fn parameter<'a>(section: &'a Section, number: u8, name: &str) -> Option<&'a str> {
    let line = section.values("fmtp").find(|value| number_of(value) == Some(number))?;
    line.split_once(' ')?.1.split(';').find_map(|one| {
        let (key, value) = one.trim().split_once('=')?;
        key.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

fn codec_of(section: &Section, number: u8) -> Option<CodecKind> {
    let zero = |name| parameter(section, number, name).is_none_or(|value| value == "0");
    match name_of(section, number)?.as_str() {
        "opus/48000/2" => Some(CodecKind::Opus),
        "pcmu/8000" | "pcmu/8000/1" => Some(CodecKind::Pcmu),
        "pcma/8000" | "pcma/8000/1" => Some(CodecKind::Pcma),
        "vp8/90000" => Some(CodecKind::Vp8),
        "vp9/90000" => zero("profile-id").then_some(CodecKind::Vp9),
        "av1/90000" => zero("profile").then_some(CodecKind::Av1),
        "h264/90000" => {
            let profile = parameter(section, number, "profile-level-id").unwrap_or("42e01f");
            let mode = parameter(section, number, "packetization-mode").unwrap_or("0");
            let kind = H264 {
                profile_level_id: u32::from_str_radix(profile, 16).ok()?,
                packetization_mode: mode.parse().ok().filter(|mode| *mode < 2)?,
            };
            (kind.profile_level_id >> 16 == 0x42).then_some(CodecKind::H264(kind))
        }
        _ => None,
    }
}

fn rtx_of(section: &Section, number: u8) -> Option<u8> {
    section.values("fmtp").filter_map(number_of).find(|rtx| {
        let pairs = parameter(section, *rtx, "apt").and_then(|apt| apt.parse::<u8>().ok());
        pairs == Some(number) && name_of(section, *rtx).is_some_and(|name| name == "rtx/90000")
    })
}

/// Payload lines of one section.
pub(super) fn write(text: &mut String, payloads: &[Payload], transport_cc: bool) {
    for payload in payloads {
        let Payload { codec, number, rtx } = *payload;
        line(text, format_args!("a=rtpmap:{number} {}{}", codec.name(), clock(codec)));
        match codec {
            CodecKind::Opus => {
                line(text, format_args!("a=fmtp:{number} minptime=10;useinbandfec=1"));
            }
            CodecKind::H264(H264 { profile_level_id, packetization_mode }) => line(
                text,
                format_args!(
                    "a=fmtp:{number} level-asymmetry-allowed=1;packetization-mode=\
                     {packetization_mode};profile-level-id={profile_level_id:06x}"
                ),
            ),
            CodecKind::Vp9 => line(text, format_args!("a=fmtp:{number} profile-id=0")),
            CodecKind::Pcmu | CodecKind::Pcma | CodecKind::Vp8 | CodecKind::Av1 => {}
        }
        if codec.media() == MediaKind::Video {
            for feedback in ["ccm fir", "nack", "nack pli", "goog-remb"] {
                line(text, format_args!("a=rtcp-fb:{number} {feedback}"));
            }
        }
        if transport_cc {
            line(text, format_args!("a=rtcp-fb:{number} transport-cc"));
        }
        if let Some(rtx) = rtx {
            line(text, format_args!("a=rtpmap:{rtx} rtx/90000"));
            line(text, format_args!("a=fmtp:{rtx} apt={number}"));
        }
    }
}

/// Clock rate and channels in `a=rtpmap`.
const fn clock(codec: CodecKind) -> &'static str {
    match codec {
        CodecKind::Opus => "/48000/2",
        CodecKind::Pcmu | CodecKind::Pcma => "/8000",
        CodecKind::Vp8 | CodecKind::H264(_) | CodecKind::Vp9 | CodecKind::Av1 => "/90000",
    }
}

/// Payload numbers of the offers of one transport: Chromium's where it has one, the same for a
/// codec as long as the transport lives.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Numbers {
    h264: Vec<CodecKind>,
}

impl Numbers {
    /// Pairs of numbers for kinds of H.264, media and retransmissions; what has none is not
    /// offered.
    const H264: [(u8, u8); 6] =
        [(102, 103), (104, 105), (106, 107), (108, 109), (125, 126), (123, 124)];

    /// The payload of a codec in our offers.
    pub(super) fn of(&mut self, codec: CodecKind) -> Option<Payload> {
        let (number, rtx) = match codec {
            CodecKind::Opus => (111, None),
            CodecKind::Pcmu => (0, None),
            CodecKind::Pcma => (8, None),
            CodecKind::Vp8 => (96, Some(97)),
            CodecKind::Vp9 => (98, Some(99)),
            CodecKind::Av1 => (45, Some(46)),
            CodecKind::H264(_) => {
                let place = self.h264.iter().position(|known| *known == codec);
                let place = place.unwrap_or_else(|| {
                    self.h264.push(codec);
                    self.h264.len() - 1
                });
                let (number, rtx) = Self::H264.get(place)?;
                (*number, Some(*rtx))
            }
        };
        Some(Payload { codec, number, rtx })
    }
}
