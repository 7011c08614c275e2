//! The media server as the hub steers it: its administrator's calls, and the tokens that let
//! people in.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;
use signaling::http::calls::MediaSource;
use signaling::limits::{CALL_EMPTY_S_MAX, CALL_PEOPLE_MAX, CALL_TICKET_S};
use signaling::media::token::{Claims, VideoGrant, sign};
use signaling::media::wire::{
    CreateRoomRequest, DeleteRoomRequest, ListParticipantsRequest, ListParticipantsResponse,
    ListRoomsRequest, ListRoomsResponse, MuteRoomTrackRequest, MuteRoomTrackResponse, Room,
    RoomParticipantIdentity, TrackInfo, TrackSource,
};
use signaling::{CallId, PersonId, RefusalCode};
use time::OffsetDateTime;
use tokio::sync::{Notify, watch};

use super::place::Place;
use super::types::Seen;
use crate::config::Config;
use crate::error::{Error, Fault, Result};
use crate::keys::Keys;

/// The name of the key under which the hub signs.
pub(super) const KEY: &str = "hub";
/// Longest wait for an answer of the media server.
const ANSWER_MAX: Duration = Duration::from_secs(2);
/// Longest wait of a person for a media server that starts again.
const READY_DELAY_MAX: Duration = Duration::from_secs(3);
/// Life of a token of one administrator's call, seconds.
const CALL_TOKEN_S: i64 = 30;
/// What a member may send.
const SOURCES: [&str; 4] = ["camera", "microphone", "screen_share", "screen_share_audio"];

/// A media server that this hub steers.
#[derive(Debug)]
pub struct MediaServer {
    /// Address of its administrator's calls, without a slash at the end.
    service: String,
    pub(super) place: Place,
    /// The address that clients are told.
    pub(super) url: String,
    pub(super) secret: String,
    client: reqwest::Client,
    /// Whether it answered at the last look.
    serving: watch::Sender<bool>,
    look: Notify,
}

/// Why there is no way to a media server.
#[derive(Debug, thiserror::Error)]
pub enum MediaServerError {
    #[error("find free ports: {0}")]
    Ports(#[from] std::io::Error),
    #[error("{0}")]
    Client(#[from] reqwest::Error),
}

/// The address that clients are told.
fn url(config: &Config, place: Place) -> String {
    if !config.calls.url.is_empty() {
        return config.calls.url.clone();
    }
    let scheme = if config.http.speaks_tls() { "wss" } else { "ws" };
    format!("{scheme}://{}", place.listen)
}

/// Why an administrator's call brought nothing.
enum Failed {
    /// The room or participant is not there.
    Missing,
    Other(reqwest::Error),
}

impl MediaServer {
    /// The media server of this installation. Its secret follows from the hub's keys, so that
    /// every hub of an installation has the same one.
    pub fn new(config: &Config, keys: &Keys) -> std::result::Result<Self, MediaServerError> {
        let place = Place::choose(config)?;
        let mac = keys.session.sign(&[b"secret of the media server"]);
        let secret = URL_SAFE_NO_PAD.encode(mac);
        let client = reqwest::Client::builder()
            .timeout(ANSWER_MAX)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()?;
        Ok(Self {
            service: format!("http://{}", place.service),
            place,
            url: url(config, place),
            secret,
            client,
            serving: watch::Sender::new(false),
            look: Notify::new(),
        })
    }

    /// What a page must be allowed to connect to, for the content security policy.
    #[must_use]
    pub fn content_sources(&self) -> String {
        format!("{} {}", self.url, self.url.replacen("ws", "http", 1))
    }

    /// Somebody may have lost the right to a call: looks at once instead of in some seconds.
    pub fn look_soon(&self) {
        self.look.notify_one();
    }

    pub(super) async fn asked_to_look(&self) {
        self.look.notified().await;
    }

    pub(super) fn serves(&self, serving: bool) {
        self.serving.send_if_modified(|known| std::mem::replace(known, serving) != serving);
    }

    /// Waits a moment for a media server that is about to serve.
    pub(super) async fn ready(&self) -> Result<()> {
        let mut serving = self.serving.subscribe();
        let waited = tokio::time::timeout(READY_DELAY_MAX, serving.wait_for(|serves| *serves));
        if let Ok(Ok(_)) = waited.await { Ok(()) } else { Err(unavailable()) }
    }

    /// The token with which a member enters a call: heard and seen, nothing else.
    pub(super) fn ticket(
        &self,
        call: CallId,
        (person, name): (PersonId, &str),
        now: OffsetDateTime,
    ) -> String {
        let grant = VideoGrant {
            room_join: true,
            room: call.to_string(),
            can_publish: Some(true),
            can_subscribe: Some(true),
            can_publish_data: Some(false),
            can_publish_sources: SOURCES.map(str::to_owned).to_vec(),
            can_update_own_metadata: Some(false),
            ..VideoGrant::default()
        };
        let now_s = now.unix_timestamp();
        let claims = Claims {
            iss: KEY.to_owned(),
            sub: person.to_string(),
            name: name.to_owned(),
            nbf: Some(now_s),
            exp: now_s.saturating_add(i64::from(CALL_TICKET_S)),
            video: Some(grant),
            ..Claims::default()
        };
        sign(&claims, &self.secret)
    }

    /// Makes the room of a call where it is not there.
    pub(super) async fn create_room(&self, call: CallId, now: OffsetDateTime) -> Result<()> {
        let timeout = u32::try_from(CALL_EMPTY_S_MAX.saturating_mul(2)).unwrap_or(u32::MAX);
        let request = CreateRoomRequest {
            name: call.to_string(),
            empty_timeout: timeout,
            departure_timeout: timeout,
            max_participants: CALL_PEOPLE_MAX,
            ..CreateRoomRequest::default()
        };
        let grant = VideoGrant { room_create: true, ..VideoGrant::default() };
        let made: std::result::Result<Room, Failed> =
            self.call("CreateRoom", &request, grant, now).await;
        made.map(|_| ()).map_err(refused)
    }

    /// Ends the room of a call; a room that is not there is no error.
    pub(super) async fn delete_room(&self, call: CallId, now: OffsetDateTime) -> Result<()> {
        let request = DeleteRoomRequest { room: call.to_string() };
        let grant = VideoGrant { room_create: true, ..VideoGrant::default() };
        let done: std::result::Result<serde_json::Value, Failed> =
            self.call("DeleteRoom", &request, grant, now).await;
        match done {
            Ok(_) | Err(Failed::Missing) => Ok(()),
            Err(failed) => Err(refused(failed)),
        }
    }

    /// Who is connected to a call; `None` where the media server has no such room.
    pub(super) async fn participants(
        &self,
        call: CallId,
        now: OffsetDateTime,
    ) -> Result<Option<Vec<Seen>>> {
        let request = ListParticipantsRequest { room: call.to_string() };
        let list: std::result::Result<ListParticipantsResponse, Failed> =
            self.call("ListParticipants", &request, administrates(call), now).await;
        let list = match list {
            Ok(list) => list,
            Err(Failed::Missing) => return Ok(None),
            Err(failed) => return Err(refused(failed)),
        };
        let seen = list.participants.into_iter().filter_map(|one| {
            let person = one.identity.parse().ok()?;
            Some(Seen { session: one.sid, person, tracks: one.tracks })
        });
        Ok(Some(seen.collect()))
    }

    /// Stops what a person sends from a source. Says whether the person is in the call.
    pub(super) async fn mute(
        &self,
        call: CallId,
        (person, source): (PersonId, MediaSource),
        now: OffsetDateTime,
    ) -> Result<bool> {
        let seen = self.participants(call, now).await?.unwrap_or_default();
        let Some(one) = seen.into_iter().find(|one| one.person == person) else {
            return Ok(false);
        };
        let sources: &[TrackSource] = match source {
            MediaSource::Microphone => &[TrackSource::Microphone],
            MediaSource::Camera => &[TrackSource::Camera],
            MediaSource::Screen => &[TrackSource::ScreenShare, TrackSource::ScreenShareAudio],
        };
        let open = |track: &TrackInfo| !track.muted && sources.contains(&track.source());
        for track in one.tracks.into_iter().filter(open) {
            let request = MuteRoomTrackRequest {
                room: call.to_string(),
                identity: person.to_string(),
                track_sid: track.sid,
                muted: true,
            };
            let done: std::result::Result<MuteRoomTrackResponse, Failed> =
                self.call("MutePublishedTrack", &request, administrates(call), now).await;
            // A track that is gone meanwhile is silent too.
            match done {
                Ok(_) | Err(Failed::Missing) => {}
                Err(failed) => return Err(refused(failed)),
            }
        }
        Ok(true)
    }

    /// Takes a person out of a call and makes its tokens void.
    pub(super) async fn remove(
        &self,
        call: CallId,
        person: PersonId,
        now: OffsetDateTime,
    ) -> Result<()> {
        let request = RoomParticipantIdentity {
            room: call.to_string(),
            identity: person.to_string(),
            revoke_token_ts: now.unix_timestamp().saturating_add(1),
        };
        let done: std::result::Result<serde_json::Value, Failed> =
            self.call("RemoveParticipant", &request, administrates(call), now).await;
        match done {
            Ok(_) | Err(Failed::Missing) => Ok(()),
            Err(failed) => Err(refused(failed)),
        }
    }

    /// Whether a media server answers there that knows our key.
    pub(super) async fn answers(&self, now: OffsetDateTime) -> bool {
        let grant = VideoGrant { room_list: true, ..VideoGrant::default() };
        let nothing = ListRoomsRequest { names: vec!["none".to_owned()] };
        let rooms: std::result::Result<ListRoomsResponse, Failed> =
            self.call("ListRooms", &nothing, grant, now).await;
        rooms.is_ok()
    }

    async fn call<T: DeserializeOwned>(
        &self,
        method: &str,
        request: &impl Serialize,
        grant: VideoGrant,
        now: OffsetDateTime,
    ) -> std::result::Result<T, Failed> {
        let now_s = now.unix_timestamp();
        let claims = Claims {
            iss: KEY.to_owned(),
            exp: now_s.saturating_add(CALL_TOKEN_S),
            nbf: Some(now_s),
            video: Some(grant),
            ..Claims::default()
        };
        let url = format!("{}/twirp/livekit.RoomService/{method}", self.service);
        let sent = self
            .client
            .post(url)
            .bearer_auth(sign(&claims, &self.secret))
            .json(request)
            .send()
            .await
            .map_err(Failed::Other)?;
        if sent.status() == reqwest::StatusCode::NOT_FOUND {
            return Err(Failed::Missing);
        }
        let answer = sent.error_for_status().map_err(Failed::Other)?;
        answer.json().await.map_err(Failed::Other)
    }
}

fn administrates(call: CallId) -> VideoGrant {
    VideoGrant { room_admin: true, room: call.to_string(), ..VideoGrant::default() }
}

/// A media server that does not answer may do so in a second; one that answers otherwise is a
/// fault of the installation.
fn refused(failed: Failed) -> Error {
    match failed {
        Failed::Missing => Fault::new("the media server has no such room").into(),
        Failed::Other(error) if error.is_status() => Fault::new(error.without_url()).into(),
        Failed::Other(error) => {
            tracing::warn!(error = %error.without_url(), "the media server does not answer");
            unavailable()
        }
    }
}

fn unavailable() -> Error {
    Error::refuse(RefusalCode::Unavailable, "the media server does not answer; try again")
}
