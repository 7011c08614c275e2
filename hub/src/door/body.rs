//! Request bodies: JSON of bounded size, refused in the words of the contract.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, Request};
use serde::de::DeserializeOwned;
use signaling::RefusalCode;

use crate::error::Error;

/// A JSON body. Anything else is refused as `invalid_input`, a long one as `too_large`.
#[derive(Debug)]
pub struct Body<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self, Error> {
        match Json::<T>::from_request(request, state).await {
            Ok(Json(value)) => Ok(Self(value)),
            Err(JsonRejection::BytesRejection(error)) if error.status().as_u16() == 413 => {
                Err(Error::refuse(RefusalCode::TooLarge, "the body is too large"))
            }
            Err(error) => Err(Error::refuse(RefusalCode::InvalidInput, error.body_text())),
        }
    }
}
