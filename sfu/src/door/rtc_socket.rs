//! The signal socket: one per session, protobuf in binary frames or proto3-JSON in text frames.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt as _, StreamExt as _};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use prost::Message as _;
use signaling::media::admission::{JoinRequestError, Joining};
use signaling::media::limits::SIGNAL_BYTES_MAX;
use signaling::media::session::JoinError;
use signaling::media::token::{Claims, TokenError};
use signaling::media::wire::{SignalRequest, SignalResponse};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};

use super::{Door, pairs};
use crate::node::{Node, Session, Word};

/// Interval of WebSocket pings, so that middle boxes keep the socket.
const PING_INTERVAL: Duration = Duration::from_secs(10);
/// A write that takes longer ends the socket.
const WRITE_DELAY_MAX: Duration = Duration::from_secs(2);

type Socket = WebSocketStream<TokioIo<Upgraded>>;

/// Why a session is not opened.
enum Refused {
    Token(TokenError),
    Join(JoinError),
    JoinRequest(JoinRequestError),
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let (status, text) = match self {
            Self::Token(error) => (error.http_status(), error.to_string()),
            Self::Join(error) => (error.http_status(), error.to_string()),
            Self::JoinRequest(error) => (400, error.to_string()),
        };
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, text).into_response()
    }
}

fn admitted(door: &Door, request: &Request) -> Result<(Claims, Joining), Refused> {
    let query = request.uri().query();
    let claims = door.claims(request.headers(), query).map_err(Refused::Token)?;
    claims.joins().map_err(Refused::Token)?;
    let pairs = pairs(query.unwrap_or_default());
    let single = pairs.iter().find(|(name, _)| name == "join_request");
    let joining = match single {
        Some((_, text)) => Joining::from_join_request(text).map_err(Refused::JoinRequest)?,
        None if request.uri().path().starts_with("/rtc/v1") => {
            return Err(Refused::JoinRequest(JoinRequestError::Missing));
        }
        None => Joining::from_query(pairs.iter().map(|(name, value)| (&**name, &**value))),
    };
    Ok((claims, joining))
}

/// `GET /rtc/validate`: what the socket would have answered.
pub(super) async fn validate(State(door): State<Door>, request: Request) -> Response {
    let (claims, joining) = match admitted(&door, &request) {
        Ok(admitted) => admitted,
        Err(refused) => return refused.into_response(),
    };
    match door.node.admissible(claims, joining).await {
        Ok(()) => "success".into_response(),
        Err(error) => Refused::Join(error).into_response(),
    }
}

/// `GET /rtc`: opens the socket after the session was made, so that errors are plain HTTP.
pub(super) async fn open(State(door): State<Door>, mut request: Request) -> Response {
    let Some(key) = upgrade_key(&request) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let (claims, joining) = match admitted(&door, &request) {
        Ok(admitted) => admitted,
        Err(refused) => return refused.into_response(),
    };
    let session = match door.node.join(claims, joining).await {
        Ok(session) => session,
        Err(error) => return Refused::Join(error).into_response(),
    };
    let upgrade = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        let connection = session.connection;
        if let Ok(upgraded) = upgrade.await {
            let config = WebSocketConfig::default()
                .max_message_size(Some(SIGNAL_BYTES_MAX))
                .max_frame_size(Some(SIGNAL_BYTES_MAX))
                .read_buffer_size(16 * 1024);
            let socket = WebSocketStream::from_raw_socket(
                TokioIo::new(upgraded),
                Role::Server,
                Some(config),
            )
            .await;
            talk(&door.node, session, socket).await;
        }
        door.node.closed(connection).await;
    });
    let headers = [
        (header::CONNECTION, "Upgrade".to_owned()),
        (header::UPGRADE, "websocket".to_owned()),
        (header::SEC_WEBSOCKET_ACCEPT, key),
    ];
    (StatusCode::SWITCHING_PROTOCOLS, headers).into_response()
}

/// The accept key of a WebSocket request; `None` for any other.
fn upgrade_key(request: &Request) -> Option<String> {
    let headers = request.headers();
    let upgrade = headers.get(header::UPGRADE)?.to_str().ok()?;
    if !upgrade.eq_ignore_ascii_case("websocket") {
        return None;
    }
    Some(derive_accept_key(headers.get(header::SEC_WEBSOCKET_KEY)?.as_bytes()))
}

/// Carries messages both ways until one side ends.
async fn talk(node: &Node, mut session: Session, socket: Socket) {
    let (mut writer, mut reader) = socket.split();
    let mut json = false;
    let mut pings = tokio::time::interval(PING_INTERVAL);
    pings.reset();
    loop {
        let goes_on = tokio::select! {
            word = session.words.recv() => match word {
                Some(Word::Signal(message)) => write(&mut writer, encoded(&message, json)).await,
                Some(Word::Close) | None => {
                    finish(&mut writer, &mut reader).await;
                    false
                }
            },
            message = reader.next() => match message {
                Some(Ok(message)) => match read(&message, &mut json) {
                    Read::Request(request) => {
                        node.signal(session.connection, *request).await;
                        true
                    }
                    Read::Nothing => true,
                    Read::End => false,
                },
                Some(Err(_)) | None => false,
            },
            _ = pings.tick() => write(&mut writer, Message::Ping(bytes::Bytes::new())).await,
        };
        if !goes_on {
            return;
        }
    }
}

enum Read {
    Request(Box<SignalRequest>),
    Nothing,
    End,
}

/// A message that can not be read is skipped, as clients of later versions may send it.
fn read(message: &Message, json: &mut bool) -> Read {
    let request = match message {
        Message::Binary(bytes) => {
            *json = false;
            SignalRequest::decode(bytes.clone()).ok()
        }
        Message::Text(text) => {
            *json = true;
            serde_json::from_str(text).ok()
        }
        Message::Close(_) => return Read::End,
        Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => None,
    };
    request.map_or(Read::Nothing, |request| Read::Request(Box::new(request)))
}

fn encoded(message: &SignalResponse, json: bool) -> Message {
    if json {
        Message::text(serde_json::to_string(message).unwrap_or_default())
    } else {
        Message::binary(message.encode_to_vec())
    }
}

async fn write(writer: &mut SplitSink<Socket, Message>, message: Message) -> bool {
    matches!(tokio::time::timeout(WRITE_DELAY_MAX, writer.send(message)).await, Ok(Ok(())))
}

/// Closes with 1000 and waits a moment for the client's close.
async fn finish(writer: &mut SplitSink<Socket, Message>, reader: &mut SplitStream<Socket>) {
    let close = CloseFrame { code: CloseCode::Normal, reason: "".into() };
    if write(writer, Message::Close(Some(close))).await {
        let closed = async { while let Some(Ok(_)) = reader.next().await {} };
        let _ = tokio::time::timeout(WRITE_DELAY_MAX, closed).await;
    }
}
