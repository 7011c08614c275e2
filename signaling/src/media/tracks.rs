//! Rules of single tracks: what an announced track looks like to others, who may publish it, and
//! which media section carries it.

use super::plane::{CodecKind, Incoming, MediaKind};
use super::wire::{
    AddTrackRequest, ParticipantPermission, SimulcastCodecInfo, SubscribedCodec, SubscribedQuality,
    SubscribedQualityUpdate, TrackInfo, TrackSource, TrackType, VideoLayer, VideoQuality,
};

/// A track that the client announced and that has no media section yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Announced {
    /// The client's own name of the track, as in `a=msid`.
    pub cid: String,
    pub info: TrackInfo,
    /// A second codec of the track that is published with this sid.
    pub spare: bool,
}

/// Whether `permission` lets a participant publish from `source`.
#[must_use]
pub fn may_publish(permission: &ParticipantPermission, source: i32) -> bool {
    permission.can_publish
        && (permission.can_publish_sources.is_empty()
            || permission.can_publish_sources.contains(&source))
}

/// The public record of an announced track.
#[must_use]
#[expect(deprecated, reason = "clients of old versions read these fields")]
pub fn announced(request: &AddTrackRequest, sid: String) -> Announced {
    let mut layers = request.layers.clone();
    layers.sort_by_key(|layer| layer.quality);
    let stream = if request.stream.is_empty() {
        stream_of(request.source()).to_owned()
    } else {
        request.stream.clone()
    };
    let info = TrackInfo {
        sid,
        r#type: request.r#type,
        name: request.name.clone(),
        muted: request.muted,
        width: request.width,
        height: request.height,
        simulcast: layers.len() > 1,
        disable_dtx: request.disable_dtx,
        source: request.source,
        layers: layers.clone(),
        stereo: request.stereo,
        disable_red: request.disable_red,
        encryption: request.encryption,
        stream,
        audio_features: request.audio_features.clone(),
        backup_codec_policy: request.backup_codec_policy,
        packet_trailer_features: request.packet_trailer_features.clone(),
        codecs: request
            .simulcast_codecs
            .iter()
            .take(2)
            .filter(|codec| !codec.codec.is_empty() || request.simulcast_codecs.len() == 1)
            .map(|codec| SimulcastCodecInfo {
                mime_type: mime_named(request.r#type(), &codec.codec),
                cid: codec.cid.clone(),
                layers: if codec.layers.is_empty() { layers.clone() } else { codec.layers.clone() },
                video_layer_mode: codec.video_layer_mode,
                ..SimulcastCodecInfo::default()
            })
            .collect(),
        ..TrackInfo::default()
    };
    Announced { cid: request.cid.clone(), info, spare: false }
}

/// Tracks of one stream are played in step; camera and microphone are one stream.
const fn stream_of(source: TrackSource) -> &'static str {
    match source {
        TrackSource::Camera | TrackSource::Microphone => "camera",
        TrackSource::ScreenShare | TrackSource::ScreenShareAudio => "screen_share",
        TrackSource::Unknown => "",
    }
}

fn mime_named(kind: TrackType, codec: &str) -> String {
    let kind = if kind == TrackType::Audio { "audio" } else { "video" };
    let name = codec.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    if name.is_empty() { String::new() } else { format!("{kind}/{name}") }
}

/// The MIME type that clients compare.
#[must_use]
pub fn mime(codec: CodecKind) -> String {
    match codec.media() {
        MediaKind::Audio => format!("audio/{}", codec.name()),
        MediaKind::Video => format!("video/{}", codec.name()),
    }
}

/// The second codec that a track was announced with, where it is another than the section's.
#[must_use]
pub fn second_codec(info: &TrackInfo, incoming: &Incoming) -> Option<CodecKind> {
    let first = incoming.payloads.first()?.codec;
    let codecs = info.codecs.iter().filter_map(|codec| CodecKind::named(&codec.mime_type));
    codecs.into_iter().find(|codec| !codec.alike(first) && codec.media() == first.media())
}

/// The place in `waiting` of the track that a section carries: by the client's name of it, else
/// the oldest of the same kind.
#[must_use]
pub fn claimed(waiting: &[Announced], kind: MediaKind, name: Option<&str>) -> Option<usize> {
    let fits = |announced: &Announced| kind_of(announced.info.r#type()) == Some(kind);
    name.and_then(|name| {
        waiting.iter().position(|announced| {
            fits(announced)
                && (announced.cid == name
                    || announced.info.codecs.iter().any(|codec| codec.cid == name))
        })
    })
    .or_else(|| waiting.iter().position(fits))
}

/// Audio or video; data tracks are neither.
#[must_use]
pub const fn kind_of(kind: TrackType) -> Option<MediaKind> {
    match kind {
        TrackType::Audio => Some(MediaKind::Audio),
        TrackType::Video => Some(MediaKind::Video),
        TrackType::Data => None,
    }
}

/// Completes the record by what the media section says.
#[expect(deprecated, reason = "clients of old versions read the layers of the track")]
pub fn described(info: &mut TrackInfo, incoming: &Incoming) {
    info.mid.clone_from(&incoming.mid);
    if let Some(payload) = incoming.payloads.first() {
        info.mime_type = mime(payload.codec);
    }
    if info.codecs.is_empty() {
        info.codecs.push(SimulcastCodecInfo {
            layers: info.layers.clone(),
            ..SimulcastCodecInfo::default()
        });
    }
    for codec in info.codecs.iter_mut().take(1) {
        info.mime_type.clone_into(&mut codec.mime_type);
        info.mid.clone_into(&mut codec.mid);
        layered(&mut codec.layers, incoming);
    }
    layered(&mut info.layers, incoming);
    info.simulcast = incoming.rids.len() > 1;
}

fn layered(layers: &mut [VideoLayer], incoming: &Incoming) {
    for (place, layer) in layers.iter_mut().enumerate() {
        layer.spatial_layer = i32::try_from(place).unwrap_or_default();
        if let Some(rid) = incoming.rids.get(place) {
            rid.clone_into(&mut layer.rid);
        }
        if let (0, Some((ssrc, rtx))) = (place, incoming.ssrcs.first()) {
            layer.ssrc = *ssrc;
            layer.repair_ssrc = rtx.unwrap_or_default();
        }
    }
}

/// The layer (0 low, 1, 2) that a subscriber's wish comes to: the smallest layer that covers a
/// wanted size, else the wanted quality; never above what is sent.
#[must_use]
#[expect(deprecated, reason = "the layers of the track are what was announced")]
pub fn layer_wanted(info: &TrackInfo, quality: i32, width: u32, height: u32) -> u8 {
    let top = u8::try_from(info.layers.len().saturating_sub(1).min(2)).unwrap_or(0);
    if width > 0 && height > 0 {
        let covering =
            info.layers.iter().position(|layer| layer.width >= width || layer.height >= height);
        return covering.and_then(|place| u8::try_from(place).ok()).map_or(top, |l| l.min(top));
    }
    match VideoQuality::try_from(quality).unwrap_or(VideoQuality::High) {
        VideoQuality::Low => 0,
        VideoQuality::Medium => 1.min(top),
        VideoQuality::High | VideoQuality::Off => top,
    }
}

/// Which layers of a picture are wanted, as its publisher is told; `None` for audio.
#[must_use]
#[expect(deprecated, reason = "clients of old versions read the flat list")]
pub fn qualities_wanted(
    info: &TrackInfo,
    layer_max: Option<u8>,
) -> Option<SubscribedQualityUpdate> {
    if info.r#type() != TrackType::Video {
        return None;
    }
    let codec = codec_wanted(&info.mime_type, layer_max);
    Some(SubscribedQualityUpdate {
        track_sid: info.sid.clone(),
        subscribed_qualities: codec.qualities.clone(),
        subscribed_codecs: vec![codec],
    })
}

/// Which layers of one codec are wanted, as its publisher is told.
#[must_use]
pub fn codec_wanted(mime: &str, layer_max: Option<u8>) -> SubscribedCodec {
    let qualities = [VideoQuality::Low, VideoQuality::Medium, VideoQuality::High]
        .into_iter()
        .zip(0_u8..)
        .map(|(quality, layer)| SubscribedQuality {
            quality: quality.into(),
            enabled: layer_max.is_some_and(|wanted| layer <= wanted),
        })
        .collect();
    let codec = mime.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    SubscribedCodec { codec, qualities }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn video(cid: &str) -> Announced {
        let layers = [(0, 320, 180), (1, 640, 360), (2, 1280, 720)].map(|(quality, w, h)| {
            VideoLayer { quality, width: w, height: h, ..VideoLayer::default() }
        });
        let request = AddTrackRequest {
            cid: cid.to_owned(),
            r#type: TrackType::Video.into(),
            source: TrackSource::Camera.into(),
            layers: layers.into_iter().rev().collect(),
            ..AddTrackRequest::default()
        };
        announced(&request, format!("TR_{cid}"))
    }

    #[test]
    fn a_section_claims_the_track_it_names_else_the_oldest_of_its_kind() {
        let waiting = [video("a"), video("b")];
        assert_eq!(claimed(&waiting, MediaKind::Video, Some("b")), Some(1));
        assert_eq!(claimed(&waiting, MediaKind::Video, Some("renamed")), Some(0));
        assert_eq!(claimed(&waiting, MediaKind::Audio, Some("b")), None);
    }

    #[test]
    fn a_wanted_size_takes_the_smallest_layer_that_covers_it() {
        let info = video("a").info;
        assert_eq!(layer_wanted(&info, 2, 300, 170), 0);
        assert_eq!(layer_wanted(&info, 0, 640, 360), 1);
        assert_eq!(layer_wanted(&info, 0, 4000, 3000), 2);
        assert_eq!(layer_wanted(&info, 1, 0, 0), 1);
    }

    #[test]
    fn listed_sources_limit_what_may_be_published() {
        let permission = ParticipantPermission {
            can_publish: true,
            can_publish_sources: vec![TrackSource::Microphone.into()],
            ..ParticipantPermission::default()
        };
        assert!(may_publish(&permission, TrackSource::Microphone.into()));
        assert!(!may_publish(&permission, TrackSource::Camera.into()));
    }
}
