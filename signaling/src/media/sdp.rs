//! Session descriptions as lines: a lenient reader and the few questions negotiation asks.

use super::limits::{SDP_BYTES_MAX, SDP_LINES_MAX, SDP_SECTIONS_MAX};
use super::plane::MediaKind;

/// A session description, taken apart into its media sections.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sdp {
    /// Attributes before the first media section.
    pub attributes: Vec<Attribute>,
    pub sections: Vec<Section>,
}

/// One `a=` line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    pub name: String,
    /// Text after the colon; empty for a flag.
    pub value: String,
}

/// One `m=` line with its attributes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Section {
    /// `audio`, `video` or `application`.
    pub media: String,
    pub port: u16,
    pub protocol: String,
    pub formats: Vec<String>,
    pub attributes: Vec<Attribute>,
}

/// The direction of a media section as its writer sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    SendRecv,
    SendOnly,
    RecvOnly,
    Inactive,
}

/// Why a description can not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SdpError {
    #[error("the session description is longer than {SDP_BYTES_MAX} bytes")]
    TooLong,
    #[error("the session description has more than {SDP_SECTIONS_MAX} media sections")]
    TooManySections,
    #[error("the session description has more than {SDP_LINES_MAX} lines")]
    TooManyLines,
    #[error("the media line {0:?} can not be read")]
    MediaLine(String),
    #[error("the session description lacks {0}")]
    Lacks(&'static str),
    #[error("the session description has an unusable {0}")]
    Unusable(&'static str),
}

impl Sdp {
    /// Reads `text`; unknown lines are skipped.
    pub fn parse(text: &str) -> Result<Self, SdpError> {
        if text.len() > SDP_BYTES_MAX {
            return Err(SdpError::TooLong);
        }
        let mut sdp = Self::default();
        for (number, line) in text.lines().enumerate() {
            if number >= SDP_LINES_MAX {
                return Err(SdpError::TooManyLines);
            }
            let line = line.trim_end();
            if let Some(media) = line.strip_prefix("m=") {
                if sdp.sections.len() >= SDP_SECTIONS_MAX {
                    return Err(SdpError::TooManySections);
                }
                sdp.sections.push(media_line(media)?);
            } else if let Some(attribute) = line.strip_prefix("a=") {
                let (name, value) = attribute.split_once(':').unwrap_or((attribute, ""));
                let attribute = Attribute { name: name.to_owned(), value: value.to_owned() };
                match sdp.sections.last_mut() {
                    Some(section) => section.attributes.push(attribute),
                    None => sdp.attributes.push(attribute),
                }
            }
        }
        Ok(sdp)
    }

    /// The value of `name` in the first usable section, else of the session.
    #[must_use]
    pub fn transport_value(&self, name: &str) -> Option<&str> {
        self.sections
            .iter()
            .filter(|section| section.port != 0 || section.has("bundle-only"))
            .find_map(|section| section.value(name))
            .or_else(|| value_of(&self.attributes, name))
    }
}

fn media_line(text: &str) -> Result<Section, SdpError> {
    let mut parts = text.split_ascii_whitespace();
    let mut next = || parts.next().ok_or_else(|| SdpError::MediaLine(text.to_owned()));
    let media = next()?.to_owned();
    let port = next()?;
    let port = port.split('/').next().and_then(|port| port.parse().ok());
    let protocol = next()?.to_owned();
    Ok(Section {
        media,
        port: port.ok_or_else(|| SdpError::MediaLine(text.to_owned()))?,
        protocol,
        formats: parts.map(str::to_owned).collect(),
        attributes: Vec::new(),
    })
}

fn value_of<'a>(attributes: &'a [Attribute], name: &str) -> Option<&'a str> {
    attributes.iter().find(|attribute| attribute.name == name).map(|a| a.value.as_str())
}

impl Section {
    /// The first value of `name`.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&str> {
        value_of(&self.attributes, name)
    }

    /// Whether an attribute `name` is there.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.attributes.iter().any(|attribute| attribute.name == name)
    }

    /// All values of `name` in order.
    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.attributes
            .iter()
            .filter(move |attribute| attribute.name == name)
            .map(|attribute| attribute.value.as_str())
    }

    /// The media identification tag; empty where none is given.
    #[must_use]
    pub fn mid(&self) -> &str {
        self.value("mid").unwrap_or_default()
    }

    /// Audio or video; `None` for a data section.
    #[must_use]
    pub fn kind(&self) -> Option<MediaKind> {
        match self.media.as_str() {
            "audio" => Some(MediaKind::Audio),
            "video" => Some(MediaKind::Video),
            _ => None,
        }
    }

    /// The direction; `sendrecv` where none is given.
    #[must_use]
    pub fn direction(&self) -> Direction {
        if self.has("sendonly") {
            Direction::SendOnly
        } else if self.has("recvonly") {
            Direction::RecvOnly
        } else if self.has("inactive") {
            Direction::Inactive
        } else {
            Direction::SendRecv
        }
    }

    /// Whether the writer sends media in this section.
    #[must_use]
    pub fn sends(&self) -> bool {
        self.port != 0 && matches!(self.direction(), Direction::SendOnly | Direction::SendRecv)
    }

    /// The track id: the second word of `a=msid`, else of a source's msid.
    #[must_use]
    pub fn track_name(&self) -> Option<&str> {
        let named = self.value("msid").and_then(|msid| msid.split_ascii_whitespace().nth(1));
        named.or_else(|| {
            self.values("ssrc")
                .filter_map(|source| source.split_once(" msid:"))
                .find_map(|(_, msid)| msid.split_ascii_whitespace().nth(1))
        })
    }

    /// Names of the layers that the writer sends, in its order.
    #[must_use]
    pub fn sent_rids(&self) -> Vec<String> {
        let rids = self.values("rid").filter_map(|rid| rid.split_once(" send"));
        let mut names: Vec<String> = rids.map(|(name, _)| name.to_owned()).collect();
        if let Some(order) = self.value("simulcast").and_then(|value| value.strip_prefix("send ")) {
            let place = |name: &str| {
                order
                    .split([';', ','])
                    .position(|rid| rid.trim_start_matches('~').trim() == name)
                    .unwrap_or(usize::MAX)
            };
            names.sort_by_key(|name| place(name));
        }
        names
    }

    /// SSRCs with the SSRC of their retransmissions.
    #[must_use]
    pub fn sources(&self) -> Vec<(u32, Option<u32>)> {
        let groups: Vec<(u32, u32)> = self
            .values("ssrc-group")
            .filter_map(|group| group.strip_prefix("FID "))
            .filter_map(|pair| pair.split_once(' '))
            .filter_map(|(first, second)| Some((first.parse().ok()?, second.trim().parse().ok()?)))
            .collect();
        let mut sources: Vec<(u32, Option<u32>)> = Vec::new();
        for line in self.values("ssrc") {
            let Some(ssrc) = line.split(' ').next().and_then(|ssrc| ssrc.parse().ok()) else {
                continue;
            };
            let repairs = groups.iter().any(|(_, rtx)| *rtx == ssrc);
            if !repairs && !sources.iter().any(|(known, _)| *known == ssrc) {
                let rtx = groups.iter().find(|(first, _)| *first == ssrc).map(|(_, rtx)| *rtx);
                sources.push((ssrc, rtx));
            }
        }
        sources
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn layers_come_in_the_order_of_the_simulcast_line() {
        let sdp = Sdp::parse(
            "v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:1\r\na=sendonly\r\na=rid:f send\r\n\
             a=rid:q send\r\na=rid:h send\r\na=simulcast:send q;~h;f\r\n",
        )
        .expect("reads");
        assert_eq!(sdp.sections[0].sent_rids(), ["q", "h", "f"]);
    }

    #[test]
    fn sources_pair_with_their_retransmissions() {
        let sdp = Sdp::parse(
            "m=video 9 UDP/TLS/RTP/SAVPF 96\na=ssrc-group:FID 11 12\na=ssrc:11 cname:x\n\
             a=ssrc:11 msid:s t\na=ssrc:12 cname:x\n",
        )
        .expect("reads");
        assert_eq!(sdp.sections[0].sources(), [(11, Some(12))]);
        assert_eq!(sdp.sections[0].track_name(), Some("t"));
    }

    #[test]
    fn a_description_over_the_limits_is_refused() {
        let long = "a=x\n".repeat(SDP_BYTES_MAX / 4 + 1);
        assert_eq!(Sdp::parse(&long), Err(SdpError::TooLong));
        let wide = "m=audio 9 A 0\n".repeat(SDP_SECTIONS_MAX + 1);
        assert_eq!(Sdp::parse(&wide), Err(SdpError::TooManySections));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "(m=|a=|v=|ssrc:|rid:|[a-z0-9 :/;\r\n]){0,200}") {
            if let Ok(sdp) = Sdp::parse(&text) {
                for section in &sdp.sections {
                    let _ = (section.sources(), section.sent_rids(), section.track_name());
                }
            }
        }
    }
}
