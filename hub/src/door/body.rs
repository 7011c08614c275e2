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

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use futures_util::stream;
    use serde_json::Value;

    use super::*;

    /// Reads a body whose parts come `every` so often, without an end.
    async fn read_endless(every: Duration) -> Result<Value, Error> {
        let ticks = tokio::time::interval(every);
        let parts = stream::unfold(ticks, |mut ticks| async move {
            ticks.tick().await;
            Some((Ok::<_, std::convert::Infallible>(Bytes::from_static(b" ")), ticks))
        });
        let request = Request::builder()
            .header(http::header::CONTENT_TYPE, "application/json")
            .body(axum::body::Body::from_stream(parts))
            .expect("a request");
        Body::<Value>::from_request(request, &()).await.map(|body| body.0)
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_trickles_or_stops_is_given_up_after_its_time() {
        let wait = Duration::from_millis(HTTP_BODY_WAIT_MS_MAX);
        for every in [Duration::from_millis(200), wait * 1_000] {
            let mut read = tokio::spawn(read_endless(every));
            let early = timeout(wait.saturating_sub(Duration::from_millis(1)), &mut read).await;
            assert!(early.is_err(), "parts each {every:?}: it still may come");
            let error = timeout(Duration::from_millis(2), read).await.expect("given up");
            let Err(Error::Refused(refusal)) = error.expect("no panic") else {
                panic!("parts each {every:?}: a body without an end was read");
            };
            assert_eq!(refusal.code, RefusalCode::InvalidInput);
            assert_eq!(refusal.detail, "the body did not arrive in time");
        }
    }
}
