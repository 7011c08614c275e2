//! Redundant sound (RFC 2198): older blocks in front of the newest one.

use super::u16_at;

/// Bytes of the head of an older block.
const HEAD: usize = 4;

/// Where the newest block begins; `None` where the payload ends before it.
pub(crate) fn newest(payload: &[u8]) -> Option<usize> {
    let (mut at, mut older) = (0_usize, 0_usize);
    // The head of the newest block is one byte without the mark.
    while payload.get(at)? & 0x80 != 0 {
        let len = u16_at(payload, at.checked_add(2)?)? & 0x03ff;
        older = older.checked_add(len.into())?;
        at = at.checked_add(HEAD)?;
    }
    let start = at.checked_add(1)?.checked_add(older)?;
    (start < payload.len()).then_some(start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_block_is_found_behind_the_older_ones() {
        assert_eq!(newest(&[111, 7]), Some(1), "alone");
        assert_eq!(newest(&[0xef, 0, 0, 2, 111, 1, 2, 7, 8]), Some(7));
        let two = [0xef, 0, 0, 1, 0xef, 0, 0, 2, 111, 1, 2, 3, 9];
        assert_eq!(newest(&two), Some(12));
    }

    #[test]
    fn what_is_cut_has_no_newest_block() {
        let whole = [0xef, 0, 0, 2, 111, 1, 2, 7];
        for end in 0..whole.len() {
            assert_eq!(newest(&whole[..end]), None, "{end}");
        }
        assert_eq!(newest(&[0xef, 0, 3, 255, 111, 1]), None, "longer than the packet");
    }
}
