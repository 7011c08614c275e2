//! Payload bytes: raw bytes in protobuf, embedded JSON in JSON.

use std::borrow::Cow;

use bytes::Bytes;
use serde::ser::Error as _;
use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};
use serde_json::value::RawValue;

/// Whether a field has its zero value, which the JSON encoding leaves out.
pub(super) fn zero<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

pub(super) fn serialize<S: Serializer>(bytes: &Bytes, serializer: S) -> Result<S::Ok, S::Error> {
    let bytes = one_line(bytes);
    let raw: &RawValue = serde_json::from_slice(&bytes).map_err(S::Error::custom)?;
    raw.serialize(serializer)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Bytes, D::Error> {
    let raw = Box::<RawValue>::deserialize(deserializer)?;
    Ok(Bytes::from(String::from(Box::<str>::from(raw))))
}

/// A newline ends a message, so none may stand in a payload. In JSON a bare newline can only stand
/// between tokens, where a blank means the same.
fn one_line(bytes: &[u8]) -> Cow<'_, [u8]> {
    if bytes.contains(&b'\n') {
        let blanked = bytes.iter().map(|byte| if *byte == b'\n' { b' ' } else { *byte });
        Cow::Owned(blanked.collect())
    } else {
        Cow::Borrowed(bytes)
    }
}
