//! SRTP and SRTCP (RFC 3711, RFC 7714) over the one cryptographic provider, in place and without
//! allocation. Whoever seals answers for never using an index twice with one key and SSRC.

use aws_lc_rs::{aead, cipher, constant_time, hmac, iv};

use crate::wire::u32_at;

const RTCP_HEADER_BYTES: usize = 8;
const RTCP_INDEX_BYTES: usize = 4;
const RTCP_ENCRYPTED: u32 = 1 << 31;
const GCM_TAG_BYTES: usize = 16;
const SHA1_TAG_BYTES: usize = 10;
/// What a sealed packet is longer than its clear form, at most.
pub(crate) const OVERHEAD_BYTES_MAX: usize = GCM_TAG_BYTES + RTCP_INDEX_BYTES;

/// The protections that the handshake may choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// `AEAD_AES_128_GCM`
    AesGcm128,
    /// `AEAD_AES_256_GCM`
    AesGcm256,
    /// `AES_CM_128_HMAC_SHA1_80`
    AesCm128Sha1,
}

impl Profile {
    /// Bytes of a master key.
    pub const fn key_bytes(self) -> usize {
        match self {
            Self::AesGcm128 | Self::AesCm128Sha1 => 16,
            Self::AesGcm256 => 32,
        }
    }

    /// Bytes of a master salt.
    pub const fn salt_bytes(self) -> usize {
        match self {
            Self::AesGcm128 | Self::AesGcm256 => 12,
            Self::AesCm128Sha1 => 14,
        }
    }
}

/// The keys of one direction.
#[derive(Debug)]
pub struct Direction {
    rtp: Cipher,
    rtcp: Cipher,
}

impl Direction {
    /// `None` when key or salt have another length than the profile's.
    pub fn new(profile: Profile, key: &[u8], salt: &[u8]) -> Option<Self> {
        if key.len() != profile.key_bytes() || salt.len() != profile.salt_bytes() {
            return None;
        }
        let master = Master::new(key, salt)?;
        Some(Self {
            rtp: Cipher::new(profile, &master, 0)?,
            rtcp: Cipher::new(profile, &master, 3)?,
        })
    }

    /// Seals the packet in `packet[..len]`; its new length. `header` bytes stay in clear; `index`
    /// is the sequence number with its turns.
    pub fn seal_rtp(
        &self,
        packet: &mut [u8],
        (header, len): (usize, usize),
        ssrc: u32,
        index: u64,
    ) -> Option<usize> {
        let (packet, room) = packet.split_at_mut_checked(len)?;
        let (header, payload) = packet.split_at_mut_checked(header)?;
        let tag = match &self.rtp {
            Cipher::Gcm { key, salt } => {
                gcm_seal(key, gcm_nonce(*salt, ssrc, index), header, payload)?
            }
            Cipher::Cm(cm) => {
                let CounterMode { key, auth, salt } = &**cm;
                cm_apply(key, cm_iv(*salt, ssrc, index), payload)?;
                Tag::sha1(auth, &[header, payload, &turns(index)])
            }
        };
        room.get_mut(..tag.len())?.copy_from_slice(tag.bytes()?);
        len.checked_add(tag.len())
    }

    /// Opens a whole packet; the length of its clear form.
    pub fn open_rtp(
        &self,
        packet: &mut [u8],
        header: usize,
        ssrc: u32,
        index: u64,
    ) -> Option<usize> {
        let len = packet.len();
        let (clear, sealed) = packet.split_at_mut_checked(header)?;
        match &self.rtp {
            Cipher::Gcm { key, salt } => {
                let nonce = gcm_nonce(*salt, ssrc, index);
                key.open_in_place(nonce, aead::Aad::from(&*clear), sealed).ok()?;
                len.checked_sub(GCM_TAG_BYTES)
            }
            Cipher::Cm(cm) => {
                let CounterMode { key, auth, salt } = &**cm;
                let end = sealed.len().checked_sub(SHA1_TAG_BYTES)?;
                let (payload, given) = sealed.split_at_mut_checked(end)?;
                Tag::sha1(auth, &[clear, payload, &turns(index)]).verify(given)?;
                cm_apply(key, cm_iv(*salt, ssrc, index), payload)?;
                len.checked_sub(SHA1_TAG_BYTES)
            }
        }
    }

    /// Seals the compound in `packet[..len]`; its new length.
    pub fn seal_rtcp(&self, packet: &mut [u8], len: usize, index: u32) -> Option<usize> {
        let ssrc = u32_at(packet, 4)?;
        let (compound, room) = packet.split_at_mut_checked(len)?;
        let (header, body) = compound.split_at_mut_checked(RTCP_HEADER_BYTES)?;
        let trailer = (RTCP_ENCRYPTED | index).to_be_bytes();
        match &self.rtcp {
            Cipher::Gcm { key, salt } => {
                let aad = rtcp_aad(header, trailer)?;
                let tag = gcm_seal(key, gcm_nonce(*salt, ssrc, index.into()), &aad, body)?;
                let (tag_room, room) = room.split_at_mut_checked(tag.len())?;
                tag_room.copy_from_slice(tag.bytes()?);
                room.get_mut(..RTCP_INDEX_BYTES)?.copy_from_slice(&trailer);
                len.checked_add(GCM_TAG_BYTES + RTCP_INDEX_BYTES)
            }
            Cipher::Cm(cm) => {
                let CounterMode { key, auth, salt } = &**cm;
                cm_apply(key, cm_iv(*salt, ssrc, index.into()), body)?;
                let tag = Tag::sha1(auth, &[header, body, &trailer]);
                let (index_room, room) = room.split_at_mut_checked(RTCP_INDEX_BYTES)?;
                index_room.copy_from_slice(&trailer);
                room.get_mut(..tag.len())?.copy_from_slice(tag.bytes()?);
                len.checked_add(SHA1_TAG_BYTES + RTCP_INDEX_BYTES)
            }
        }
    }

    /// Opens a whole compound: the length of its clear form, its sender and index. One that is
    /// authentic but not encrypted is refused: no peer sends it.
    pub fn open_rtcp(&self, packet: &mut [u8]) -> Option<(usize, u32, u32)> {
        let ssrc = u32_at(packet, 4)?;
        let (header, sealed) = packet.split_at_mut_checked(RTCP_HEADER_BYTES)?;
        let (index, body_len) = match &self.rtcp {
            Cipher::Gcm { key, salt } => {
                let end = sealed.len().checked_sub(RTCP_INDEX_BYTES)?;
                let (body, trailer) = sealed.split_at_mut_checked(end)?;
                let word = u32_at(trailer, 0)?;
                let index = word & !RTCP_ENCRYPTED;
                let aad = rtcp_aad(header, word.to_be_bytes())?;
                let nonce = gcm_nonce(*salt, ssrc, index.into());
                if word & RTCP_ENCRYPTED == 0 {
                    return None;
                }
                let clear = key.open_in_place(nonce, aead::Aad::from(aad), body).ok()?;
                (index, clear.len())
            }
            Cipher::Cm(cm) => {
                let CounterMode { key, auth, salt } = &**cm;
                let end = sealed.len().checked_sub(RTCP_INDEX_BYTES + SHA1_TAG_BYTES)?;
                let (body, trailer) = sealed.split_at_mut_checked(end)?;
                let (word, given) = trailer.split_at_mut_checked(RTCP_INDEX_BYTES)?;
                Tag::sha1(auth, &[header, body, word]).verify(given)?;
                let word = u32_at(word, 0)?;
                if word & RTCP_ENCRYPTED == 0 {
                    return None;
                }
                let index = word & !RTCP_ENCRYPTED;
                cm_apply(key, cm_iv(*salt, ssrc, index.into()), body)?;
                (index, end)
            }
        };
        Some((RTCP_HEADER_BYTES.checked_add(body_len)?, ssrc, index))
    }
}

/// The cipher of one direction of RTP or of RTCP. Salts are numbers, the first byte the highest.
#[derive(Debug)]
enum Cipher {
    Gcm { key: aead::LessSafeKey, salt: u128 },
    Cm(Box<CounterMode>),
}

#[derive(Debug)]
struct CounterMode {
    key: cipher::EncryptingKey,
    auth: hmac::Key,
    salt: u128,
}

impl Cipher {
    /// `label` is the first of the three labels of RFC 3711 §4.3.2: 0 for RTP, 3 for RTCP.
    fn new(profile: Profile, master: &Master, label: u8) -> Option<Self> {
        let mut key = [0; 32];
        let key = key.get_mut(..profile.key_bytes())?;
        master.derive(label, key)?;
        let mut salt = [0; 16];
        let salt_at = 16_usize.checked_sub(profile.salt_bytes())?;
        master.derive(label.checked_add(2)?, salt.get_mut(salt_at..)?)?;
        let salt = u128::from_be_bytes(salt);
        Some(match profile {
            Profile::AesGcm128 => Self::Gcm { key: gcm_key(&aead::AES_128_GCM, key)?, salt },
            Profile::AesGcm256 => Self::Gcm { key: gcm_key(&aead::AES_256_GCM, key)?, salt },
            Profile::AesCm128Sha1 => {
                let mut auth = [0; 20];
                master.derive(label.checked_add(1)?, &mut auth)?;
                let auth = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &auth);
                Self::Cm(Box::new(CounterMode { key: cm_key(key)?, auth, salt }))
            }
        })
    }
}

/// The master key and salt of one direction.
#[derive(Debug)]
struct Master {
    key: cipher::EncryptingKey,
    /// 112 bits; a shorter salt is filled with zeros behind.
    salt: u128,
}

impl Master {
    fn new(key: &[u8], salt: &[u8]) -> Option<Self> {
        let mut padded = [0; 16];
        padded.get_mut(2..)?.get_mut(..salt.len())?.copy_from_slice(salt);
        Some(Self { key: cm_key(key)?, salt: u128::from_be_bytes(padded) })
    }

    /// Fills `out` with the key of that label.
    fn derive(&self, label: u8, out: &mut [u8]) -> Option<()> {
        out.fill(0);
        cm_apply(&self.key, (u128::from(label) << 48 ^ self.salt) << 16, out)
    }
}

fn gcm_key(algorithm: &'static aead::Algorithm, key: &[u8]) -> Option<aead::LessSafeKey> {
    Some(aead::LessSafeKey::new(aead::UnboundKey::new(algorithm, key).ok()?))
}

fn cm_key(key: &[u8]) -> Option<cipher::EncryptingKey> {
    let algorithm = if key.len() == 32 { &cipher::AES_256 } else { &cipher::AES_128 };
    cipher::EncryptingKey::ctr(cipher::UnboundCipherKey::new(algorithm, key).ok()?).ok()
}

/// 0 ‖ SSRC ‖ index, under the salt: 96 bits.
fn gcm_nonce(salt: u128, ssrc: u32, index: u64) -> aead::Nonce {
    let bits = salt ^ u128::from(ssrc) << 48 ^ u128::from(index & 0xffff_ffff_ffff);
    let [_, _, _, _, nonce @ ..] = bits.to_be_bytes();
    aead::Nonce::assume_unique_for_key(nonce)
}

/// SSRC and index, under the salt, above 16 bits of counter.
fn cm_iv(salt: u128, ssrc: u32, index: u64) -> u128 {
    (salt ^ u128::from(ssrc) << 48 ^ u128::from(index & 0xffff_ffff_ffff)) << 16
}

fn cm_apply(key: &cipher::EncryptingKey, iv: u128, bytes: &mut [u8]) -> Option<()> {
    let iv = cipher::EncryptionContext::Iv128(iv::FixedLength::from(iv.to_be_bytes()));
    key.less_safe_encrypt(bytes, iv).ok().map(|_| ())
}

fn gcm_seal(
    key: &aead::LessSafeKey,
    nonce: aead::Nonce,
    aad: &[u8],
    body: &mut [u8],
) -> Option<Tag> {
    key.seal_in_place_separate_tag(nonce, aead::Aad::from(aad), body).ok().map(Tag::Gcm)
}

fn rtcp_aad(header: &[u8], trailer: [u8; RTCP_INDEX_BYTES]) -> Option<[u8; 12]> {
    let mut aad = [0; RTCP_HEADER_BYTES + RTCP_INDEX_BYTES];
    aad.get_mut(..RTCP_HEADER_BYTES)?.copy_from_slice(header);
    aad.get_mut(RTCP_HEADER_BYTES..)?.copy_from_slice(&trailer);
    Some(aad)
}

/// The turns of the sequence number, which AES-CM authenticates behind the packet.
fn turns(index: u64) -> [u8; 4] {
    let [_, _, a, b, c, d, _, _] = index.to_be_bytes();
    [a, b, c, d]
}

enum Tag {
    Gcm(aead::Tag),
    Sha1(hmac::Tag),
}

impl Tag {
    fn sha1(key: &hmac::Key, pieces: &[&[u8]]) -> Self {
        let mut context = hmac::Context::with_key(key);
        for piece in pieces {
            context.update(piece);
        }
        Self::Sha1(context.sign())
    }

    const fn len(&self) -> usize {
        match self {
            Self::Gcm(_) => GCM_TAG_BYTES,
            Self::Sha1(_) => SHA1_TAG_BYTES,
        }
    }

    fn bytes(&self) -> Option<&[u8]> {
        let whole = match self {
            Self::Gcm(tag) => tag.as_ref(),
            Self::Sha1(tag) => tag.as_ref(),
        };
        whole.get(..self.len())
    }

    fn verify(&self, given: &[u8]) -> Option<()> {
        constant_time::verify_slices_are_equal(self.bytes()?, given).ok()
    }
}

/// Which of the last 256 indices have come: a second one of a kind is a replay.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Window {
    /// One above the highest; 0 when nothing came.
    end: u64,
    bits: [u64; 4],
}

impl Window {
    const SIZE: u64 = 256;

    /// The highest index that came.
    pub(crate) fn highest(&self) -> Option<u64> {
        self.end.checked_sub(1)
    }

    /// Neither here before nor too old to know.
    pub(crate) fn admits(&self, index: u64) -> bool {
        index >= self.end || (self.end.wrapping_sub(index) <= Self::SIZE && !self.is_marked(index))
    }

    /// It has come.
    pub(crate) fn mark(&mut self, index: u64) {
        if index >= self.end {
            let from = self.end.max(index.saturating_sub(Self::SIZE.wrapping_sub(1)));
            for skipped in from..=index {
                let (word, bit) = place(skipped);
                if let Some(word) = self.bits.get_mut(word) {
                    *word &= !bit;
                }
            }
            self.end = index.saturating_add(1);
        }
        let (word, bit) = place(index);
        if let Some(word) = self.bits.get_mut(word) {
            *word |= bit;
        }
    }

    fn is_marked(&self, index: u64) -> bool {
        let (word, bit) = place(index);
        self.bits.get(word).is_some_and(|word| word & bit != 0)
    }
}

fn place(index: u64) -> (usize, u64) {
    let word = usize::try_from(index / 64 % 4).unwrap_or(0);
    (word, 1 << (index % 64))
}

/// The index nearest to `highest` that ends with `sequence` (RFC 3711 §3.3.1); `None` when that
/// would be before the first turn.
pub(crate) fn index_of(highest: Option<u64>, sequence: u16) -> Option<u64> {
    let Some(highest) = highest else { return Some(u64::from(sequence)) };
    let [.., a, b] = highest.to_be_bytes();
    let ahead = sequence.wrapping_sub(u16::from_be_bytes([a, b])).cast_signed();
    highest.checked_add_signed(i64::from(ahead))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROFILES: [Profile; 3] = [Profile::AesGcm128, Profile::AesGcm256, Profile::AesCm128Sha1];

    fn direction(profile: Profile) -> Direction {
        let key: Vec<u8> = (0..32).collect();
        Direction::new(profile, &key[..profile.key_bytes()], &key[..profile.salt_bytes()])
            .expect("keys")
    }

    #[test]
    fn the_keys_of_the_sample_in_rfc_3711_are_derived() {
        let key = 0xE1F9_7A0D_3E01_8BE0_D64F_A32C_06DE_4139_u128.to_be_bytes();
        let salt = 0x0EC6_75AD_498A_FEEB_B696_0B3A_ABE6_u128.to_be_bytes();
        let master = Master::new(&key, &salt[2..]).expect("keys");
        let (mut cipher, mut salt, mut auth) = ([0; 16], [0; 14], [0; 20]);
        master.derive(0, &mut cipher).expect("a key");
        master.derive(2, &mut salt).expect("a salt");
        master.derive(1, &mut auth).expect("a key");
        assert_eq!(u128::from_be_bytes(cipher), 0xC61E_7A93_744F_39EE_1073_4AFE_3FF7_A087);
        assert_eq!(salt[..6], [0x30, 0xCB, 0xBC, 0x08, 0x86, 0x3D]);
        assert_eq!(auth[..6], [0xCE, 0xBE, 0x32, 0x1F, 0x6F, 0xF7]);
    }

    #[test]
    fn a_packet_opens_again_and_no_changed_one_does() {
        for profile in PROFILES {
            let keys = direction(profile);
            let mut clear = vec![0x80, 96, 0, 7, 0, 0, 0, 0, 0, 0, 0, 9];
            clear.extend(b"a payload");
            let mut packet = clear.clone();
            packet.resize(clear.len() + OVERHEAD_BYTES_MAX, 0);
            let index = 3 << 16 | 7;
            let len =
                keys.seal_rtp(&mut packet, (12, clear.len()), 9, index).expect("room for a tag");
            packet.truncate(len);
            assert_eq!(&packet[..12], &clear[..12]);
            assert_ne!(&packet[12..clear.len()], &clear[12..]);
            for at in 0..len {
                let mut changed = packet.clone();
                changed[at] ^= 1;
                assert_eq!(keys.open_rtp(&mut changed, 12, 9, index), None, "{profile:?} {at}");
            }
            for (ssrc, index) in [(9, index + (1 << 16)), (8, index), (9, index + 1)] {
                // AES-CM authenticates SSRC and sequence in the header and the turns beside it.
                if profile == Profile::AesCm128Sha1 && index & 0xffff_0000 == 3 << 16 {
                    continue;
                }
                assert_eq!(keys.open_rtp(&mut packet.clone(), 12, ssrc, index), None);
            }
            assert_eq!(keys.open_rtp(&mut packet, 12, 9, index), Some(clear.len()));
            assert_eq!(&packet[..clear.len()], clear);
        }
    }

    #[test]
    fn a_compound_opens_again_and_no_changed_one_does() {
        for profile in PROFILES {
            let keys = direction(profile);
            let clear = [0x81, 206, 0, 2, 0, 0, 0, 5, 1, 2, 3, 4];
            let mut packet = clear.to_vec();
            packet.resize(clear.len() + OVERHEAD_BYTES_MAX, 0);
            let len = keys.seal_rtcp(&mut packet, clear.len(), 77).expect("room for a tag");
            packet.truncate(len);
            assert_ne!(&packet[8..12], &clear[8..]);
            for at in 0..len {
                let mut changed = packet.clone();
                changed[at] ^= 0x80;
                assert_eq!(keys.open_rtcp(&mut changed), None, "{profile:?} {at}");
            }
            assert_eq!(keys.open_rtcp(&mut packet), Some((clear.len(), 5, 77)));
            assert_eq!(&packet[..clear.len()], clear);
        }
    }

    #[test]
    fn a_window_admits_each_index_once_and_none_that_is_too_old() {
        let mut window = Window::default();
        for index in [5, 3, 400, 399, 145] {
            assert!(window.admits(index), "{index}");
            window.mark(index);
            assert!(!window.admits(index), "{index} again");
        }
        assert!(!window.admits(144), "too old");
        assert!(window.admits(146));
        assert_eq!(window.highest(), Some(400));
    }

    #[test]
    fn an_index_follows_the_turns_of_the_sequence_number() {
        assert_eq!(index_of(None, 65_535), Some(65_535));
        assert_eq!(index_of(Some(65_535), 2), Some(65_538));
        assert_eq!(index_of(Some(65_538), 65_530), Some(65_530));
        assert_eq!(index_of(Some(2), 65_530), None);
    }
}
