//! The writing of descriptions: lines that the two transports share.

use std::fmt::Write as _;

use super::Sent;
use crate::media::plane::{Candidate, DtlsRole, Extension, LocalTransport, MediaKind, Payload};

/// The head of a description: version, origin, bundle group, ICE-lite.
pub(super) fn head(session: u64, version: u64, mids: &[&str]) -> String {
    let mut text = format!("v=0\r\no=- {session} {version} IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n");
    if !mids.is_empty() {
        line(&mut text, format_args!("a=group:BUNDLE {}", mids.join(" ")));
    }
    text.push_str("a=ice-lite\r\na=extmap-allow-mixed\r\na=msid-semantic: WMS *\r\n");
    text
}

/// One line with its end.
pub(super) fn line(text: &mut String, content: std::fmt::Arguments<'_>) {
    let _ = text.write_fmt(content);
    text.push_str("\r\n");
}

/// The first lines of a section; attributes come after both (RFC 8866 §5).
pub(super) fn begin(text: &mut String, media: &str, port: u16, rest: std::fmt::Arguments<'_>) {
    line(text, format_args!("m={media} {port} {rest}"));
    line(text, format_args!("c=IN IP4 0.0.0.0"));
}

/// ICE, DTLS and candidate lines of one section.
pub(super) fn transport(text: &mut String, local: &LocalTransport, setup: &str) {
    line(text, format_args!("a=ice-ufrag:{}", local.ufrag));
    line(text, format_args!("a=ice-pwd:{}", local.password));
    line(text, format_args!("a=fingerprint:sha-256 {}", local.fingerprint));
    line(text, format_args!("a=setup:{setup}"));
    for (place, socket) in local.candidates.iter().enumerate() {
        line(text, format_args!("a={}", candidate(place, *socket)));
    }
    text.push_str("a=end-of-candidates\r\n");
}

/// A host candidate, the best first; one over TCP comes after all over UDP.
pub fn candidate(place: usize, socket: Candidate) -> String {
    let rank = u32::try_from(place).unwrap_or(u32::MAX).min(8_191);
    // RFC 8445 §5.1.2.1: the type's preference, then the interface's, component 1. RFC 6544 §4.2: a
    // host over TCP stands below any other, and its interface's preference begins with 4, passive.
    let (transport, address, preference, local, kind) = match socket {
        Candidate::Udp(address) => ("udp", address, 126, 65_535 - rank, ""),
        Candidate::Tcp(address) => {
            ("tcp", address, 90, (4 << 13) + 8_191 - rank, " tcptype passive")
        }
    };
    let priority = (preference << 24) | (local << 8) | 255;
    let (ip, port, number) = (address.ip(), address.port(), place + 1);
    format!("candidate:{number} 1 {transport} {priority} {ip} {port} typ host{kind}")
}

/// The data section of both transports.
pub(super) fn data_section(text: &mut String, mid: &str, local: &LocalTransport, setup: &str) {
    begin(text, "application", 9, format_args!("UDP/DTLS/SCTP webrtc-datachannel"));
    transport(text, local, setup);
    line(text, format_args!("a=mid:{mid}"));
    text.push_str("a=sctp-port:5000\r\na=max-message-size:65535\r\n");
}

/// The payload types of an `m=` line.
pub(super) fn formats(payloads: &[Payload]) -> String {
    let mut numbers = Vec::new();
    for payload in payloads {
        numbers.push(payload.number.to_string());
        numbers.extend(payload.rtx.map(|rtx| rtx.to_string()));
    }
    numbers.join(" ")
}

/// Header extension lines.
pub(super) fn extensions(text: &mut String, extensions: &[(u8, Extension)]) {
    for (id, extension) in extensions {
        line(text, format_args!("a=extmap:{id} {}", extension.uri()));
    }
}

/// Which track a section carries: stream, track and sources. `stream` is the second half of the
/// stream id.
pub(super) fn sources(text: &mut String, sent: &Sent, stream: &str, rtx: bool) {
    let stream = format!("{}|{stream}", sent.participant_sid);
    line(text, format_args!("a=msid:{stream} {}", sent.track_sid));
    if rtx {
        line(text, format_args!("a=ssrc-group:FID {} {}", sent.ssrc, sent.rtx_ssrc));
    }
    for ssrc in [Some(sent.ssrc), rtx.then_some(sent.rtx_ssrc)].into_iter().flatten() {
        line(text, format_args!("a=ssrc:{ssrc} cname:{stream}"));
        line(text, format_args!("a=ssrc:{ssrc} msid:{stream} {}", sent.track_sid));
    }
}

/// The word of an `m=` line.
pub(super) const fn media_word(kind: MediaKind) -> &'static str {
    match kind {
        MediaKind::Audio => "audio",
        MediaKind::Video => "video",
    }
}

/// The word of `a=setup` for a decided role.
pub(super) const fn setup_word(role: DtlsRole) -> &'static str {
    match role {
        DtlsRole::Client => "active",
        DtlsRole::Server => "passive",
    }
}
