//! Forms of pages without scripts, in bounded size and time.

use std::time::Duration;

use axum::Form;
use axum::extract::{FromRequest, Request};
use serde::de::DeserializeOwned;
use signaling::RefusalCode;
use signaling::limits::{CID_BYTES_MAX, HTTP_BODY_WAIT_MS_MAX};
use tokio::time::timeout;

use crate::error::Error;

/// Characters of what somebody looks for.
const SOUGHT_CHARS_MAX: usize = 40;

/// The fields of a form.
#[derive(Debug)]
pub(in crate::features) struct PageForm<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for PageForm<T> {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self, Error> {
        let wait = Duration::from_millis(HTTP_BODY_WAIT_MS_MAX);
        match timeout(wait, Form::<T>::from_request(request, state)).await {
            Ok(Ok(Form(value))) => Ok(Self(value)),
            Ok(Err(error)) if error.status().as_u16() == 413 => {
                Err(Error::refuse(RefusalCode::TooLarge, "the form is too large"))
            }
            Ok(Err(error)) => Err(Error::refuse(RefusalCode::InvalidInput, error.body_text())),
            Err(_) => {
                let detail = "the form did not arrive in time";
                Err(Error::refuse(RefusalCode::InvalidInput, detail))
            }
        }
    }
}

/// The own id that a form carries, so that one that is sent twice counts once.
pub(in crate::features) fn form_id(text: &str) -> Result<String, Error> {
    let good = text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if good && (1..=CID_BYTES_MAX).contains(&text.len()) {
        return Ok(text.to_owned());
    }
    Err(Error::refuse(RefusalCode::InvalidInput, "this form is broken; load the page again"))
}

/// What somebody looks for: one line of bounded length.
pub(in crate::features) fn sought(text: &str) -> String {
    text.trim().chars().filter(|c| !c.is_control()).take(SOUGHT_CHARS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::{form_id, sought};

    #[test]
    fn an_id_that_no_page_wrote_is_refused() {
        assert_eq!(form_id("01a2Z").ok().as_deref(), Some("01a2Z"));
        for broken in ["", "字", "a\0", "a b", &"a".repeat(65)] {
            assert!(form_id(broken).is_err(), "{broken}");
        }
    }

    #[test]
    fn what_is_looked_for_is_one_line_within_its_bound() {
        assert_eq!(sought(" 路\0灯\n "), "路灯");
        assert_eq!(sought(&"字".repeat(41)), "字".repeat(40));
    }
}
