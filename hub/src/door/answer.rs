//! How a failed command is answered over HTTP: one body for every refusal, one log line for every
//! fault.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use signaling::http::ErrorBody;
use signaling::{Refusal, RefusalCode};

use crate::error::{Error, Fault};

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        match self {
            Self::Refused(refusal) => refused(refusal),
            Self::Fault(fault) => faulted(&fault),
        }
    }
}

fn refused(refusal: Refusal) -> Response {
    let status = StatusCode::from_u16(refusal.code.http_status());
    let mut response = (
        status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
        Json(ErrorBody {
            code: refusal.code,
            message: refusal.detail,
            retry_after_s: refusal.retry_after_s,
            incident: None,
        }),
    )
        .into_response();
    if let Some(seconds) = refusal.retry_after_s {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// The cause goes to the log under a number; the client gets the number.
fn faulted(fault: &Fault) -> Response {
    let number = crate::keys::secret::<4>().map(u32::from_be_bytes).unwrap_or_default();
    let incident = format!("{number:08x}");
    tracing::error!(%incident, error = %fault, "a request failed");
    let body = ErrorBody {
        code: RefusalCode::Unavailable,
        message: "the service could not do this now; try again".to_owned(),
        retry_after_s: None,
        incident: Some(incident),
    };
    (StatusCode::SERVICE_UNAVAILABLE, Json(body)).into_response()
}
