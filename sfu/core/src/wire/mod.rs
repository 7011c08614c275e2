//! Formats on the wire, read from and written to byte slices: STUN, RTP, VP8, RTCP, and the test
//! that a datagram must pass before the DTLS library sees it. Nothing here keeps state, allocates
//! or trusts a length.

pub(crate) mod dtls_guard;
pub(crate) mod keyframe;
pub(crate) mod red;
pub(crate) mod rtcp;
pub(crate) mod rtp;
pub(crate) mod stun;
pub(crate) mod transport_cc;
pub(crate) mod vp8;

/// Two bytes, big endian.
pub(crate) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    let two: [u8; 2] = bytes.get(at..at.checked_add(2)?)?.try_into().ok()?;
    Some(u16::from_be_bytes(two))
}

/// Three bytes, big endian.
pub(crate) fn u24_at(bytes: &[u8], at: usize) -> Option<u32> {
    let high = *bytes.get(at)?;
    let low = u16_at(bytes, at.checked_add(1)?)?;
    Some(u32::from(high) << 16 | u32::from(low))
}

/// Four bytes, big endian.
pub(crate) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let four: [u8; 4] = bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
    Some(u32::from_be_bytes(four))
}

/// Eight bytes, big endian.
pub(crate) fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    let eight: [u8; 8] = bytes.get(at..at.checked_add(8)?)?.try_into().ok()?;
    Some(u64::from_be_bytes(eight))
}

/// Writes one piece behind the other into a slice; past its end everything is refused.
#[derive(Debug)]
pub(crate) struct Writer<'a> {
    bytes: &'a mut [u8],
    len: usize,
}

impl<'a> Writer<'a> {
    pub(crate) fn new(bytes: &'a mut [u8]) -> Self {
        Self { bytes, len: 0 }
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn written(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }

    /// Overwrites what stands at `at`.
    pub(crate) fn patch(&mut self, at: usize, piece: &[u8]) -> Option<()> {
        let end = at.checked_add(piece.len()).filter(|end| *end <= self.len)?;
        self.bytes.get_mut(at..end)?.copy_from_slice(piece);
        Some(())
    }

    pub(crate) fn put(&mut self, piece: &[u8]) -> Option<()> {
        let end = self.len.checked_add(piece.len())?;
        self.bytes.get_mut(self.len..end)?.copy_from_slice(piece);
        self.len = end;
        Some(())
    }

    pub(crate) fn u8(&mut self, value: u8) -> Option<()> {
        self.put(&[value])
    }

    pub(crate) fn u16(&mut self, value: u16) -> Option<()> {
        self.put(&value.to_be_bytes())
    }

    pub(crate) fn u32(&mut self, value: u32) -> Option<()> {
        self.put(&value.to_be_bytes())
    }

    pub(crate) fn u64(&mut self, value: u64) -> Option<()> {
        self.put(&value.to_be_bytes())
    }

    /// Zeros up to the next multiple of four.
    pub(crate) fn align(&mut self) -> Option<()> {
        while !self.len.is_multiple_of(4) {
            self.u8(0)?;
        }
        Some(())
    }
}
