//! Ids that the protocol shows to clients, and the numbers that stand for them on the media plane.

use rand::Rng;
use rand::distr::Alphanumeric;

use super::wire::{TrackSource, TrackType};

fn base62(rng: &mut impl Rng, length: usize) -> String {
    (0..length).map(|_| char::from(rng.sample(Alphanumeric))).collect()
}

/// A room sid, `RM_` and 12 characters.
pub fn room_sid(rng: &mut impl Rng) -> String {
    format!("RM_{}", base62(rng, 12))
}

/// A participant sid, `PA_` and 12 characters.
pub fn participant_sid(rng: &mut impl Rng) -> String {
    format!("PA_{}", base62(rng, 12))
}

/// A node id, `ND_` and 12 characters.
pub fn node_id(rng: &mut impl Rng) -> String {
    format!("ND_{}", base62(rng, 12))
}

/// A track sid, `TR_`, two letters for type and source, and 10 characters.
pub fn track_sid(rng: &mut impl Rng, kind: TrackType, source: TrackSource) -> String {
    let kind = match kind {
        TrackType::Audio => 'A',
        TrackType::Video => 'V',
        TrackType::Data => 'D',
    };
    let source = match source {
        TrackSource::Camera => 'C',
        TrackSource::Microphone => 'M',
        TrackSource::ScreenShare => 'S',
        TrackSource::ScreenShareAudio => 's',
        TrackSource::Unknown => 'U',
    };
    format!("TR_{kind}{source}{}", base62(rng, 10))
}

/// An ICE user fragment of 16 characters (96 bits of chance and more than RFC 8445 asks).
pub fn ice_ufrag(rng: &mut impl Rng) -> String {
    base62(rng, 16)
}

/// An ICE password of 32 characters.
pub fn ice_password(rng: &mut impl Rng) -> String {
    base62(rng, 32)
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;

    use super::*;

    #[test]
    fn sids_carry_the_prefix_that_clients_check() {
        let mut rng = rand::rngs::StdRng::seed_from_u64(1);
        assert!(participant_sid(&mut rng).starts_with("PA_"));
        let sid = track_sid(&mut rng, TrackType::Video, TrackSource::Camera);
        assert!(sid.starts_with("TR_VC"), "{sid}");
        assert_eq!(sid.len(), 15);
    }
}
