//! Opaque publications of the conformance mode in the log: the bytes as they came, and who sent
//! them. The product never stores this form.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use signaling::chat::push::{ClientInfo, Publication};

/// The stored payload: `d` holds JSON as it is, `x` anything else in base 64.
#[derive(Serialize, Deserialize)]
struct Stored<'a> {
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    d: Option<&'a RawValue>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    x: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    i: Option<ClientInfo>,
}

/// The payload to store for `data`.
#[must_use]
pub fn body(data: &[u8], info: Option<ClientInfo>) -> String {
    // A line break may not stand in a stored payload, and these bytes are kept as they are.
    let one_line = !data.iter().any(|byte| matches!(byte, b'\n' | b'\r'));
    let json = serde_json::from_slice::<&RawValue>(data).ok().filter(|raw| {
        // The reader drops blanks around the value.
        one_line && raw.get().len() == data.len()
    });
    let text = json.is_none().then(|| Cow::Owned(STANDARD_NO_PAD.encode(data)));
    let stored = Stored { d: json, x: text, i: info };
    serde_json::to_string(&stored).unwrap_or_default()
}

/// The publication behind a stored payload, without its offset.
#[must_use]
pub fn publication(body: &str) -> Publication {
    let Ok(stored) = serde_json::from_str::<Stored<'_>>(body) else {
        return Publication::default();
    };
    let data = match (stored.d, stored.x) {
        (Some(json), _) => Bytes::copy_from_slice(json.get().as_bytes()),
        (None, Some(text)) => {
            Bytes::from(STANDARD_NO_PAD.decode(text.as_bytes()).unwrap_or_default())
        }
        (None, None) => Bytes::new(),
    };
    Publication { data, info: stored.i, ..Publication::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_bytes_come_back_as_they_went_in_and_are_stored_on_one_line() {
        let samples: [&[u8]; 7] =
            [b"{\"a\": 1}", b" {} ", b"{\n}", b"boom", b"\0\xff", b"", "\"连心\"".as_bytes()];
        for data in samples {
            let info = ClientInfo { user: "42".into(), ..ClientInfo::default() };
            let body = body(data, Some(info.clone()));
            assert!(!body.contains(['\n', '\r', '\0']), "{body:?}");
            let publication = publication(&body);
            assert_eq!(publication.data, data);
            assert_eq!(publication.info, Some(info));
        }
    }
}
