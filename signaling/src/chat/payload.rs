//! Payload bytes: raw bytes in protobuf, embedded JSON in JSON.

use bytes::Bytes;
use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};
use serde_json::value::RawValue;

/// Whether a field has its zero value, which the JSON encoding leaves out.
pub(super) fn zero<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

pub(super) fn serialize<S: Serializer>(bytes: &Bytes, serializer: S) -> Result<S::Ok, S::Error> {
    let raw: &RawValue = serde_json::from_slice(bytes).map_err(serde::ser::Error::custom)?;
    raw.serialize(serializer)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Bytes, D::Error> {
    let raw = Box::<RawValue>::deserialize(deserializer)?;
    Ok(Bytes::from(String::from(Box::<str>::from(raw))))
}
