//! The answer to what a client wants to publish.

use super::{remote_transport, text};
use crate::media::plane::{
    CodecKind, DtlsRole, Extension, Incoming, LocalTransport, MediaKind, Payload, RemoteTransport,
};
use crate::media::sdp::{Sdp, SdpError, Section};

/// The answer and what it settles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    pub sdp: String,
    pub remote: RemoteTransport,
    /// Sections that will carry media, with the client's track id where it names one.
    pub incoming: Vec<(Incoming, Option<String>)>,
    /// Whether a data section was taken.
    pub data: bool,
}

enum Taken {
    Data,
    Media { payloads: Vec<Payload>, extensions: Vec<(u8, Extension)>, sends: bool },
    Refused,
}

/// Answers the offer of a publishing transport. `version` counts the answers of the transport.
///
/// Sections that send audio or video in a codec we forward are taken, all others are answered
/// inactive or refused; the order stays the offer's.
pub fn answer(
    offer: &Sdp,
    local: &LocalTransport,
    role: DtlsRole,
    (session, version): (u64, u64),
) -> Result<Answered, SdpError> {
    let remote = remote_transport(offer, role)?;
    let taken: Vec<(&Section, Taken)> =
        offer.sections.iter().map(|section| (section, take(section))).collect();
    let mids: Vec<&str> = taken
        .iter()
        .filter(|(_, taken)| !matches!(taken, Taken::Refused))
        .map(|(section, _)| section.mid())
        .collect();
    let mut sdp = text::head(session, version, &mids);
    let mut incoming = Vec::new();
    let mut data = false;
    for (section, taken) in taken {
        match taken {
            Taken::Data => {
                data = true;
                text::data_section(&mut sdp, section.mid(), local, text::setup_word(remote.role));
            }
            Taken::Refused => refuse(&mut sdp, section),
            Taken::Media { payloads, extensions, sends } => {
                media(&mut sdp, section, &payloads, &extensions);
                text::transport(&mut sdp, local, text::setup_word(remote.role));
                finish(&mut sdp, section, sends);
                if let (true, Some(kind)) = (sends, section.kind()) {
                    let described = Incoming {
                        mid: section.mid().to_owned(),
                        kind,
                        payloads,
                        extensions,
                        rids: section.sent_rids(),
                        ssrcs: section.sources(),
                    };
                    incoming.push((described, section.track_name().map(str::to_owned)));
                }
            }
        }
    }
    Ok(Answered { sdp, remote, incoming, data })
}

fn take(section: &Section) -> Taken {
    let offered = section.port != 0 || section.has("bundle-only");
    if !offered || section.mid().is_empty() {
        return Taken::Refused;
    }
    let Some(kind) = section.kind() else {
        let sctp = section.media == "application" && section.protocol.contains("DTLS/SCTP");
        return if sctp { Taken::Data } else { Taken::Refused };
    };
    let payloads = payloads(section, kind);
    if payloads.is_empty() {
        return Taken::Refused;
    }
    Taken::Media { payloads, extensions: extensions(section), sends: section.sends() }
}

/// Payload types we forward, in the client's order.
fn payloads(section: &Section, kind: MediaKind) -> Vec<Payload> {
    let number_of = |value: &str| value.split(' ').next().and_then(|n| n.parse::<u8>().ok());
    let mapped: Vec<(u8, String)> = section
        .values("rtpmap")
        .filter_map(|value| {
            Some((number_of(value)?, value.split_once(' ')?.1.trim().to_ascii_lowercase()))
        })
        .collect();
    let name_of = |number: u8| mapped.iter().find(|(n, _)| *n == number).map(|(_, name)| name);
    let retransmits = |number: u8| {
        section.values("fmtp").find_map(|value| {
            let (rtx, parameters) = value.split_once(' ')?;
            let rtx = rtx.parse::<u8>().ok()?;
            let apt = parameters.split(';').find_map(|p| p.trim().strip_prefix("apt="))?;
            let pairs = apt.trim().parse::<u8>().ok()? == number;
            (pairs && name_of(rtx).is_some_and(|name| name == "rtx/90000")).then_some(rtx)
        })
    };
    let mut taken: Vec<Payload> = Vec::new();
    for number in section.formats.iter().filter_map(|format| format.parse::<u8>().ok()) {
        let codec = match (kind, name_of(number).map(String::as_str)) {
            (MediaKind::Audio, Some("opus/48000/2")) => CodecKind::Opus,
            (MediaKind::Video, Some("vp8/90000")) => CodecKind::Vp8,
            _ => continue,
        };
        if number < 128 && !taken.iter().any(|payload| payload.codec == codec) {
            taken.push(Payload { codec, number, rtx: retransmits(number) });
        }
    }
    taken
}

fn extensions(section: &Section) -> Vec<(u8, Extension)> {
    section
        .values("extmap")
        .filter_map(|value| {
            let (id, rest) = value.split_once(' ')?;
            let id = id.split('/').next()?.parse::<u8>().ok().filter(|id| (1..=14).contains(id))?;
            let uri = rest.split(' ').next()?;
            Some((id, Extension::ALL.into_iter().find(|extension| extension.uri() == uri)?))
        })
        .collect()
}

fn refuse(sdp: &mut String, section: &Section) {
    let format = section.formats.first().map_or("0", String::as_str);
    text::line(sdp, format_args!("m={} 0 {} {format}", section.media, section.protocol));
    text::line(sdp, format_args!("c=IN IP4 0.0.0.0"));
    text::line(sdp, format_args!("a=mid:{}", section.mid()));
    text::line(sdp, format_args!("a=inactive"));
}

fn media(
    sdp: &mut String,
    section: &Section,
    payloads: &[Payload],
    extensions: &[(u8, Extension)],
) {
    let formats = text::formats(payloads);
    text::line(sdp, format_args!("m={} 9 {} {formats}", section.media, section.protocol));
    let feedback = extensions.iter().any(|(_, extension)| *extension == Extension::TransportCc);
    text::payloads(sdp, payloads, feedback);
    text::extensions(sdp, extensions);
}

fn finish(sdp: &mut String, section: &Section, sends: bool) {
    text::line(sdp, format_args!("a=mid:{}", section.mid()));
    text::line(sdp, format_args!("a=rtcp-mux"));
    text::line(sdp, format_args!("a=rtcp-rsize"));
    text::line(sdp, format_args!("a={}", if sends { "recvonly" } else { "inactive" }));
    let rids = section.sent_rids();
    if sends && !rids.is_empty() {
        for rid in &rids {
            text::line(sdp, format_args!("a=rid:{rid} recv"));
        }
        text::line(sdp, format_args!("a=simulcast:recv {}", rids.join(";")));
    }
}
