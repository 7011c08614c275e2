//! Request bodies: JSON of bounded size, refused in the words of the contract.

use std::time::Duration;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, Request};
use serde::de::DeserializeOwned;
use signaling::RefusalCode;
use signaling::limits::HTTP_BODY_WAIT_MS_MAX;
use tokio::time::timeout;

use crate::error::Error;

/// A JSON body. Anything else is refused as `invalid_input`, a long one as `too_large`.
#[derive(Debug)]
pub struct Body<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self, Error> {
        let wait = Duration::from_millis(HTTP_BODY_WAIT_MS_MAX);
        let Ok(read) = timeout(wait, Json::<T>::from_request(request, state)).await else {
            let detail = "the body did not arrive in time";
            return Err(Error::refuse(RefusalCode::InvalidInput, detail));
        };
        match read {
            Ok(Json(value)) => Ok(Self(value)),
            Err(JsonRejection::BytesRejection(error)) if error.status().as_u16() == 413 => {
                Err(Error::refuse(RefusalCode::TooLarge, "the body is too large"))
            }
            Err(error) => Err(Error::refuse(RefusalCode::InvalidInput, error.body_text())),
        }
    }
}
