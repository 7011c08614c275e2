//! The payload descriptor of VP8 (RFC 7741), as much of it as a forwarder needs.

/// What a packet's descriptor says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Descriptor {
    /// First packet of a key frame.
    pub(crate) key_frame: bool,
    /// First packet of a frame.
    pub(crate) frame_start: bool,
    /// The picture's number.
    pub(crate) picture: Option<PictureId>,
    /// The number of the base temporal layer's picture, and where it stands.
    pub(crate) base: Option<(u8, u8)>,
    /// The temporal layer, 0 the base.
    pub(crate) temporal: u8,
    /// Depends on the base layer only: going up to this layer is possible here.
    pub(crate) sync: bool,
}

/// A picture's number, and where it stands in the payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PictureId {
    /// 15 bits when `long`, else 7.
    pub(crate) number: u16,
    /// Two bytes.
    pub(crate) long: bool,
    /// Offset in the payload.
    pub(crate) at: u8,
}

impl Descriptor {
    /// `None` when the descriptor is not whole.
    pub(crate) fn parse(payload: &[u8]) -> Option<Self> {
        let first = *payload.first()?;
        let mut seen = Self { frame_start: first & 0x17 == 0x10, ..Self::default() };
        let mut at: u8 = 1;
        if first & 0x80 != 0 {
            let flags = *payload.get(1)?;
            at = 2;
            if flags & 0x80 != 0 {
                let picture = picture_at(payload, at)?;
                at = at.wrapping_add(if picture.long { 2 } else { 1 });
                seen.picture = Some(picture);
            }
            if flags & 0x40 != 0 {
                seen.base = Some((*payload.get(usize::from(at))?, at));
                at = at.wrapping_add(1);
            }
            if flags & 0x30 != 0 {
                let byte = *payload.get(usize::from(at))?;
                at = at.wrapping_add(1);
                if flags & 0x20 != 0 {
                    seen.temporal = byte >> 6;
                    seen.sync = byte & 0x20 != 0;
                }
            }
        }
        // The frame header's first bit is 0 in a key frame.
        let frame = *payload.get(usize::from(at))?;
        seen.key_frame = seen.frame_start && frame & 1 == 0;
        Some(seen)
    }

    /// Puts other numbers into a copy of the payload.
    pub(crate) fn renumber(
        &self,
        payload: &mut [u8],
        picture_less: u16,
        base_less: u8,
    ) -> Option<()> {
        if let Some(picture) = self.picture {
            let at = usize::from(picture.at);
            let number = picture.number.wrapping_sub(picture_less);
            if picture.long {
                let two = (number & 0x7fff | 0x8000).to_be_bytes();
                payload.get_mut(at..at.checked_add(2)?)?.copy_from_slice(&two);
            } else {
                let [_, low] = number.to_be_bytes();
                *payload.get_mut(at)? = low & 0x7f;
            }
        }
        if let Some((base, at)) = self.base {
            *payload.get_mut(usize::from(at))? = base.wrapping_sub(base_less);
        }
        Some(())
    }
}

fn picture_at(payload: &[u8], at: u8) -> Option<PictureId> {
    let high = *payload.get(usize::from(at))?;
    if high & 0x80 == 0 {
        return Some(PictureId { number: u16::from(high), long: false, at });
    }
    let low = *payload.get(usize::from(at.wrapping_add(1)))?;
    let number = u16::from_be_bytes([high & 0x7f, low]);
    Some(PictureId { number, long: true, at })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_descriptor_of_a_key_frame_is_read() {
        let seen = Descriptor::parse(&[0x10, 0x50, 1, 2]).expect("whole");
        assert!(seen.key_frame && seen.frame_start && seen.picture.is_none());
        let seen = Descriptor::parse(&[0x10, 0x51]).expect("whole");
        assert!(!seen.key_frame && seen.frame_start);
        let seen = Descriptor::parse(&[0x00, 0x50]).expect("whole");
        assert!(!seen.key_frame && !seen.frame_start, "a later packet of the frame");
    }

    #[test]
    fn an_extended_descriptor_is_read_and_renumbered() {
        let mut payload = [0x90, 0xf0, 0x80 | 0x12, 0x34, 7, 0b0110_0001, 0x01, 9];
        let seen = Descriptor::parse(&payload).expect("whole");
        assert_eq!(seen.picture, Some(PictureId { number: 0x1234, long: true, at: 2 }));
        assert_eq!((seen.base, seen.temporal, seen.sync), (Some((7, 4)), 1, true));
        seen.renumber(&mut payload, 0x1235, 9).expect("room");
        assert_eq!(payload, [0x90, 0xf0, 0xff, 0xff, 254, 0b0110_0001, 0x01, 9]);
    }

    #[test]
    fn a_descriptor_cut_anywhere_is_none() {
        let payload = [0x90, 0xf0, 0x92, 0x34, 7, 0x61, 0x01];
        for len in 0..payload.len() {
            assert_eq!(Descriptor::parse(&payload[..len]), None, "{len} bytes");
        }
    }
}
