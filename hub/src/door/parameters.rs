//! Parameters of the query, refused in the words of the contract.

use axum::extract::{FromRequestParts, Query};
use http::request::Parts;
use serde::de::DeserializeOwned;
use signaling::RefusalCode;

use crate::error::Error;

/// The parameters after the `?`. Anything that does not fit is refused as `invalid_input`.
#[derive(Debug)]
pub struct Parameters<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Parameters<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let read = Query::<T>::from_request_parts(parts, state).await;
        let refuse = |error: axum::extract::rejection::QueryRejection| {
            Error::refuse(RefusalCode::InvalidInput, error.body_text())
        };
        read.map(|Query(value)| Self(value)).map_err(refuse)
    }
}

/// The object that a part of the path names. What is no id names nothing.
pub fn named<T: std::str::FromStr>(part: &str) -> Result<T, Error> {
    part.parse().map_err(|_| Error::refuse(RefusalCode::NotFound, "there is no such object"))
}
