//! The administrator's calls: `POST /twirp/livekit.RoomService/<Method>`.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use signaling::media::room_service::{Call, Encoding, Failure};

use super::Door;

/// Carries one call out.
pub(super) async fn call(
    State(door): State<Door>,
    Path((service, method)): Path<(String, String)>,
    verb: Method,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let encoding = content_type.and_then(Encoding::of);
    let Some(encoding) =
        encoding.filter(|_| verb == Method::POST && service == "livekit.RoomService")
    else {
        return refusal(Failure::BadRoute);
    };
    let answered = async {
        let claims = door.claims(&headers, None).map_err(|_| Failure::Unauthenticated)?;
        let call = Call::read(&method, encoding, &body)?;
        call.authorise(&claims)?;
        door.node.serve(call).await
    };
    match answered.await {
        Ok(reply) => ([(header::CONTENT_TYPE, encoding.content_type())], reply.write(encoding))
            .into_response(),
        Err(failure) => refusal(failure),
    }
}

fn refusal(failure: Failure) -> Response {
    let status =
        StatusCode::from_u16(failure.http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [(header::CONTENT_TYPE, "application/json")], failure.body()).into_response()
}
