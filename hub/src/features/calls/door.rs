//! Who comes into a call: members straight, others by a leader's word; and what a leader does about
//! those who are in it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use signaling::event::EventKind;
use signaling::event::calls::CallStarted;
use signaling::event::chat::RoomRole;
use signaling::http::calls::{CallPresence, CallState, CallTicket, GuestLink, MediaSource};
use signaling::limits::{CALL_ASK_AGAIN_S, CALL_TICKET_S, CALL_WAITING_MAX, CALL_WAITING_S_MAX};
use signaling::{CallId, PersonId, RefusalCode, RoomId};
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::rules::{self, Entry};
use super::{known_to, media, no_room, queries, state};
use crate::app::App;
use crate::auth::Caller;
use crate::error::{Error, Fault, Result};
use crate::features::{chat, organisations};
use crate::keys::Keys;
use crate::timeline::{Append, Locked};

/// A member starts the call of a room or joins the open one.
pub(super) async fn join(app: &App, caller: &Caller, room: RoomId) -> Result<CallTicket> {
    known_to(app, caller.person, room).await?;
    media(app)?;
    enter(app, caller, room, Way::Membership).await
}

/// Whoever has the link that a leader gave away joins the call, if a leader lets them in.
pub(super) async fn join_by_link(app: &App, caller: &Caller, link: &str) -> Result<CallTicket> {
    media(app)?;
    let over = || Error::refuse(RefusalCode::NotFound, "this call is over, or there was none");
    let call = read_link(&app.keys, link).ok_or_else(over)?;
    let room = {
        let mut connection = app.db.acquire().await?;
        queries::room_of_open(&mut connection, call).await?.ok_or_else(over)?
    };
    enter(app, caller, room, Way::Link(call)).await
}

/// By what right somebody asks to come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Membership,
    /// The link to this call alone.
    Link(CallId),
}

async fn enter(app: &App, caller: &Caller, room: RoomId, way: Way) -> Result<CallTicket> {
    let (call, name) = let_in(app, caller, room, way).await?;
    let media = media(app)?;
    media.ready().await?;
    media.create_room(call, app.clock.now()).await?;
    Ok(CallTicket {
        call,
        url: media.url.clone(),
        token: media.ticket(call, (caller.person, &name), app.clock.now()),
        valid_s: CALL_TICKET_S,
    })
}

async fn let_in(app: &App, caller: &Caller, room: RoomId, way: Way) -> Result<(CallId, String)> {
    let (person, device) = (caller.person, caller.device);
    let now = app.clock.now();
    let mut transaction = app.db.begin().await?;
    let mut locked = Locked::rooms(&mut transaction, &[room]).await?;
    let role = organisations::role_in(&mut transaction, room, person).await?;
    let name = organisations::name_of(&mut transaction, person).await?;
    let open = queries::open_in(&mut transaction, room).await?.map(|call| call.id);
    let call = match (way, open) {
        (Way::Membership, _) if role.is_none() => return Err(no_room()),
        (Way::Link(call), open) if open != Some(call) => {
            return Err(Error::refuse(RefusalCode::NotFound, "this call is over"));
        }
        (_, Some(call)) => {
            match rules::entry(role, &queries::standing(&mut transaction, call, person).await?, now)
            {
                Entry::Open => {}
                Entry::Wait => {
                    let before = wait(&mut transaction, call, (person, now)).await?;
                    transaction.commit().await?;
                    if before {
                        chat::call_changed(app, room);
                    }
                    return Err(refusal(Entry::Wait));
                }
                other => return Err(refusal(other)),
            }
            queries::expect(&mut transaction, call, now).await?;
            call
        }
        (_, None) => {
            let call = CallId(app.ids.next());
            queries::start(&mut transaction, call, (room, person), now).await?;
            let body = serde_json::to_string(&CallStarted { call }).map_err(Fault::new)?;
            let cid = format!("call-{call}");
            let kind = EventKind::CallStarted;
            let append = Append { room, author: person, cid, kind, reference: None, body };
            locked.append(&mut transaction, append).await?;
            call
        }
    };
    queries::let_in(&mut transaction, call, (person, device), now).await?;
    transaction.commit().await?;
    app.timeline.publish(locked.into_events()).await;
    Ok((call, name))
}

/// Puts somebody before the door. Says whether they were not there before.
async fn wait(
    connection: &mut PgConnection,
    call: CallId,
    (person, now): (PersonId, OffsetDateTime),
) -> Result<bool> {
    let since = now - PATIENCE;
    let waiting = queries::waiting(connection, call, since, CALL_WAITING_MAX).await?;
    let new = !waiting.iter().any(|one| one.person == person);
    if new && i64::try_from(waiting.len()).unwrap_or(i64::MAX) >= CALL_WAITING_MAX {
        return Err(refusal(Entry::Full));
    }
    queries::ask(connection, call, person, (since, now)).await?;
    Ok(new)
}

/// Who asked within this time waits.
const PATIENCE: Duration = Duration::seconds(CALL_WAITING_S_MAX);

fn refusal(entry: Entry) -> Error {
    let (code, sentence) = match entry {
        Entry::Open | Entry::Wait => {
            (RefusalCode::CallWaiting, "a leader is asked to let you in; ask again in a moment")
        }
        Entry::Locked => {
            (RefusalCode::CallLocked, "a leader locked the call; ask one of them to open it")
        }
        Entry::Full => (RefusalCode::CallFull, "the call is full; try again when somebody left"),
        Entry::Removed => {
            (RefusalCode::CallRemoved, "a leader did not let you in; ask again in a minute")
        }
    };
    match entry {
        Entry::Wait => Error::refuse_for(code, sentence, CALL_ASK_AGAIN_S),
        _ => Error::refuse(code, sentence),
    }
}

/// Who waits before the door of a call.
pub(super) async fn waiting(
    connection: &mut PgConnection,
    call: CallId,
    now: OffsetDateTime,
) -> Result<Vec<CallPresence>> {
    Ok(queries::waiting(connection, call, now - PATIENCE, CALL_WAITING_MAX).await?)
}

/// The open call of a room that the caller leads.
async fn led(app: &App, leader: PersonId, room: RoomId) -> Result<CallId> {
    if known_to(app, leader, room).await? != RoomRole::Leader {
        let sentence = "only a leader of the room does this in its call";
        return Err(Error::refuse(RefusalCode::NotAllowed, sentence));
    }
    media(app)?;
    let mut connection = app.db.acquire().await?;
    super::open_call(&mut connection, room).await
}

/// A leader locks the call of a room or opens it again.
pub(super) async fn lock(
    app: &App,
    leader: PersonId,
    room: RoomId,
    locked: bool,
) -> Result<CallState> {
    let call = led(app, leader, room).await?;
    let mut connection = app.db.acquire().await?;
    queries::lock(&mut connection, call, locked.then(|| app.clock.now())).await?;
    drop(connection);
    chat::call_changed(app, room);
    state(app, leader, room).await
}

/// A leader lets somebody in who waits, or does not.
pub(super) async fn answer(
    app: &App,
    leader: PersonId,
    (room, person): (RoomId, PersonId),
    admit: bool,
) -> Result<CallState> {
    let call = led(app, leader, room).await?;
    let now = app.clock.now();
    let mut connection = app.db.acquire().await?;
    let decision = ((person, admit), (leader, now));
    if !queries::decide(&mut connection, call, decision.0, decision.1, now - PATIENCE).await? {
        let sentence = "this person waits no more; read the call again";
        return Err(Error::refuse(RefusalCode::Conflict, sentence));
    }
    drop(connection);
    chat::call_changed(app, room);
    state(app, leader, room).await
}

/// A leader takes somebody out of the call.
pub(super) async fn take_out(
    app: &App,
    leader: PersonId,
    (room, person): (RoomId, PersonId),
) -> Result<()> {
    let call = led(app, leader, room).await?;
    let now = app.clock.now();
    let mut connection = app.db.acquire().await?;
    if organisations::role_in(&mut connection, room, person).await? == Some(RoomRole::Leader) {
        let sentence = "a leader of the room is not taken out of its call";
        return Err(Error::refuse(RefusalCode::NotAllowed, sentence));
    }
    if !queries::take_out(&mut connection, call, person, (leader, now)).await? {
        return Err(not_there());
    }
    queries::lower_hand(&mut connection, call, person).await?;
    drop(connection);
    chat::call_changed(app, room);
    // Where the media server does not answer now, the next look takes them out.
    media(app)?.remove(call, person, now).await
}

/// A leader stops what a person sends.
pub(super) async fn mute(
    app: &App,
    leader: PersonId,
    (room, person): (RoomId, PersonId),
    source: MediaSource,
) -> Result<()> {
    let call = led(app, leader, room).await?;
    if media(app)?.mute(call, (person, source), app.clock.now()).await? {
        return Ok(());
    }
    Err(not_there())
}

fn not_there() -> Error {
    Error::refuse(RefusalCode::NotFound, "this person is not in the call; read the call again")
}

/// The link that lets a leader's guests ask to come in.
pub(super) async fn guest_link(app: &App, leader: PersonId, room: RoomId) -> Result<GuestLink> {
    let call = led(app, leader, room).await?;
    Ok(GuestLink { link: link(&app.keys, call) })
}

const LINK: &[u8] = b"guests of a call";

fn link(keys: &Keys, call: CallId) -> String {
    let call = call.uuid();
    let mac = keys.lookup.sign(&[LINK, call.as_bytes()]);
    URL_SAFE_NO_PAD.encode([call.as_bytes().as_slice(), &mac].concat())
}

/// The call of a link, where this installation signed it.
fn read_link(keys: &Keys, link: &str) -> Option<CallId> {
    let bytes = URL_SAFE_NO_PAD.decode(link).ok()?;
    let (call, mac) = bytes.split_first_chunk::<16>()?;
    keys.lookup.verify(&[LINK, call], mac).then_some(CallId(Uuid::from_bytes(*call)))
}
