//! The answer to what a client wants to publish.

use super::{Sent, Single, codecs, remote_transport, text};
use crate::media::plane::{
    CodecKind, DtlsRole, Extension, Incoming, LocalTransport, Payload, RemoteTransport,
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

enum Taken<'a> {
    Data,
    Media(Media<'a>),
    Refused,
}

struct Media<'a> {
    payloads: Vec<Payload>,
    /// What the client sends here.
    received: Option<Payload>,
    /// What we send here.
    sent: Option<(&'a Sent, Payload)>,
    extensions: Vec<(u8, Extension)>,
}

/// What an answer is made of beside the offer.
pub struct Answering<'a> {
    pub local: &'a LocalTransport,
    /// The side of DTLS we take where the client leaves the choice.
    pub role: DtlsRole,
    /// Session and number of the answer.
    pub origin: (u64, u64),
    /// What we send, where this is the single connection; arranged for this offer.
    pub single: Option<&'a Single>,
    /// The codec that the track of a sending section was announced with.
    pub announced: &'a dyn Fn(&Section) -> Option<CodecKind>,
}

/// Answers the offer of a publishing or single transport.
///
/// Sections that send audio or video in a codec we forward are taken in one codec, the announced
/// one, else the client's first; it stands first in the answer. Receiving sections carry what [`Single`] put there. All others
/// are answered inactive or refused; the order stays the offer's.
pub fn answer(offer: &Sdp, with: &Answering<'_>) -> Result<Answered, SdpError> {
    let remote = remote_transport(offer, with.role)?;
    let taken: Vec<(&Section, Taken)> =
        offer.sections.iter().map(|section| (section, take(section, with))).collect();
    let mids: Vec<&str> = taken
        .iter()
        .filter(|(_, taken)| !matches!(taken, Taken::Refused))
        .map(|(section, _)| section.mid())
        .collect();
    let mut sdp = text::head(with.origin.0, with.origin.1, &mids);
    let setup = text::setup_word(remote.role);
    let mut incoming = Vec::new();
    let mut data = false;
    for (section, taken) in taken {
        match taken {
            Taken::Data => {
                data = true;
                text::data_section(&mut sdp, section.mid(), with.local, setup);
            }
            Taken::Refused => refuse(&mut sdp, section),
            Taken::Media(media) => {
                begin(&mut sdp, section, &media);
                text::transport(&mut sdp, with.local, setup);
                finish(&mut sdp, section, &media);
                if let (Some(payload), Some(kind)) = (media.received, section.kind()) {
                    let described = Incoming {
                        mid: section.mid().to_owned(),
                        kind,
                        payloads: vec![payload],
                        extensions: media.extensions,
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

fn take<'a>(section: &Section, with: &Answering<'a>) -> Taken<'a> {
    let offered = section.port != 0 || section.has("bundle-only");
    if !offered || section.mid().is_empty() {
        return Taken::Refused;
    }
    let Some(kind) = section.kind() else {
        let sctp = section.media == "application" && section.protocol.contains("DTLS/SCTP");
        return if sctp { Taken::Data } else { Taken::Refused };
    };
    let offered = codecs::payloads(section, kind);
    let first = offered.first().copied();
    let announced = (with.announced)(section)
        .and_then(|codec| offered.iter().copied().find(|payload| payload.codec.alike(codec)));
    let received = announced.or(first).filter(|_| section.sends());
    let sent = with.single.and_then(|single| single.sent_on(section.mid()));
    // What flows stands first: clients send that. The rest stays on offer, since some clients never
    // again name a codec that an answer left out, and a second codec may come later.
    let mut payloads: Vec<Payload> = Vec::with_capacity(offered.len());
    let flowing = received.into_iter().chain(sent.map(|(_, payload)| payload));
    for payload in flowing.chain(offered) {
        if !payloads.contains(&payload) {
            payloads.push(payload);
        }
    }
    if payloads.is_empty() {
        return Taken::Refused;
    }
    Taken::Media(Media { payloads, received, sent, extensions: extensions(section) })
}

pub(super) fn extensions(section: &Section) -> Vec<(u8, Extension)> {
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
    text::begin(sdp, &section.media, 0, format_args!("{} {format}", section.protocol));
    text::line(sdp, format_args!("a=mid:{}", section.mid()));
    text::line(sdp, format_args!("a=inactive"));
}

fn begin(sdp: &mut String, section: &Section, media: &Media<'_>) {
    let formats = text::formats(&media.payloads);
    text::begin(sdp, &section.media, 9, format_args!("{} {formats}", section.protocol));
    let feedback =
        media.extensions.iter().any(|(_, extension)| *extension == Extension::TransportCc);
    codecs::write(sdp, &media.payloads, feedback);
    text::extensions(sdp, &media.extensions);
}

fn finish(sdp: &mut String, section: &Section, media: &Media<'_>) {
    text::line(sdp, format_args!("a=mid:{}", section.mid()));
    text::line(sdp, format_args!("a=rtcp-mux"));
    text::line(sdp, format_args!("a=rtcp-rsize"));
    let direction = match (media.received, media.sent) {
        (Some(_), Some(_)) => "sendrecv",
        (Some(_), None) => "recvonly",
        (None, Some(_)) => "sendonly",
        (None, None) => "inactive",
    };
    text::line(sdp, format_args!("a={direction}"));
    let rids = section.sent_rids();
    if media.received.is_some() && !rids.is_empty() {
        for rid in &rids {
            text::line(sdp, format_args!("a=rid:{rid} recv"));
        }
        text::line(sdp, format_args!("a=simulcast:recv {}", rids.join(";")));
    }
    if let Some((sent, payload)) = media.sent {
        text::sources(sdp, sent, &sent.stream, payload.rtx.is_some());
    }
}
