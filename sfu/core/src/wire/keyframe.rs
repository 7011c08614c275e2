//! Where a key frame begins, for each codec, from the first bytes of a payload.

use super::u16_at;
use super::vp8::Descriptor;
use crate::api::media::Codec;

/// What the payload's descriptor says; of other codecs than VP8 where frames and key frames begin,
/// as far as that can be seen.
pub(crate) fn describe(codec: Codec, payload: &[u8]) -> Descriptor {
    let key_frame = match codec {
        Codec::Vp8 => return Descriptor::parse(payload).unwrap_or_default(),
        Codec::H264 => h264(payload),
        Codec::Vp9 => vp9(payload),
        // The first packet of a coded video sequence.
        Codec::Av1 => payload.first().is_some_and(|first| first & 0x88 == 0x08),
        Codec::Opus | Codec::Red | Codec::Pcmu | Codec::Pcma => false,
    };
    Descriptor { key_frame, frame_start: key_frame, ..Descriptor::default() }
}

/// A parameter set or an IDR picture begins, alone, in an aggregate or in its first fragment.
fn h264(payload: &[u8]) -> bool {
    const STAP_A: u8 = 24;
    const FU_A: u8 = 28;
    let kind = |byte: &u8| byte & 0x1f;
    let begins = |kind: u8| matches!(kind, 5 | 7);
    match payload.first().map(kind) {
        Some(STAP_A) => {
            let mut at: usize = 1;
            while let Some(len) = u16_at(payload, at) {
                let start = at.saturating_add(2);
                if payload.get(start).map(kind).is_some_and(begins) {
                    return true;
                }
                at = start.saturating_add(len.into());
            }
            false
        }
        Some(FU_A) => {
            payload.get(1).is_some_and(|second| second & 0x80 != 0 && begins(kind(second)))
        }
        Some(kind) => begins(kind),
        None => false,
    }
}

/// The first packet of a frame that depends on no other, in the lowest spatial layer.
fn vp9(payload: &[u8]) -> bool {
    let Some(first) = payload.first() else { return false };
    let (has_picture, inter, has_layer) = (first & 0x80 != 0, first & 0x40 != 0, first & 0x20 != 0);
    let begins = first & 0x08 != 0;
    if inter || !begins {
        return false;
    }
    if !has_layer {
        return true;
    }
    let long = payload.get(1).is_some_and(|second| second & 0x80 != 0);
    let layer_at =
        [true, has_picture, has_picture && long].into_iter().filter(|there| *there).count();
    payload.get(layer_at).is_some_and(|layer| layer & 0x0e == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_key(codec: Codec, payload: &[u8]) -> bool {
        describe(codec, payload).key_frame
    }

    #[test]
    fn key_frames_of_h264_are_seen_in_each_packing() {
        assert!(is_key(Codec::H264, &[0x65, 1]), "an IDR picture");
        assert!(is_key(Codec::H264, &[0x67, 1]), "a parameter set");
        assert!(!is_key(Codec::H264, &[0x41, 1]));
        assert!(is_key(Codec::H264, &[0x78, 0, 2, 0x06, 1, 0, 1, 0x67]), "in an aggregate");
        assert!(!is_key(Codec::H264, &[0x78, 0, 9, 0x06]), "an aggregate cut off");
        assert!(is_key(Codec::H264, &[0x7c, 0x85]), "a first fragment");
        assert!(!is_key(Codec::H264, &[0x7c, 0x05]), "a later fragment");
        assert!(!is_key(Codec::H264, &[]));
    }

    #[test]
    fn key_frames_of_vp9_and_av1_are_seen() {
        assert!(is_key(Codec::Vp9, &[0x88, 5]));
        assert!(is_key(Codec::Vp9, &[0xa8, 0x80, 5, 0x00]));
        assert!(!is_key(Codec::Vp9, &[0xa8, 0x80, 5, 0x02]), "a higher layer");
        assert!(!is_key(Codec::Vp9, &[0xc8, 5]), "depends on another");
        assert!(is_key(Codec::Av1, &[0x18]));
        assert!(!is_key(Codec::Av1, &[0x98]), "goes on from the packet before");
    }
}
