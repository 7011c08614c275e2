//! The group chat: write, read, page back, mark as read, edit, withdraw, react, pin, and look up who
//! has read.
//!
//! Every command checks the membership where it reads or writes; a room that does not exist and a
//! room one may not see are refused alike. A message is durable when its command returns.

mod latest;
mod mark_queries;
mod marks;
mod page;
mod present;
mod queries;
mod reading;
mod rpc;
mod rules;
mod spread;
mod types;

use std::collections::BTreeMap;

use bytes::Bytes;
use signaling::event::EventKind;
use signaling::event::chat as event;
use signaling::limits::{PREVIEW_CHARS_MAX, SYNC_ROOMS_MAX};
use signaling::rpc::chat::{
    EditMessage, LastLine, ListMembers, MarkRead, MemberList, MessageSent, PageMessages,
    ReadMarked, RoomList, RoomSummary, SendMessage, Sync, Synced, WithdrawMessage,
};
use signaling::{PersonId, RefusalCode, RoomId};

pub use self::latest::LatestPages;
pub use self::present::{Elsewhere, Present, answer as answer_look, ask_others, present};
pub use self::rpc::{METHODS, call};
pub use self::spread::{Bumps, call_changed, run as tell_moved, sign, typing};

use self::latest::Kept;
use self::types::RoomRow;
use crate::app::App;
use crate::error::{Error, Fault, Result};
use crate::timeline::{Append, Appended, Locked};

/// Refuses what is no room of this person, whether it exists or not.
fn no_room() -> Error {
    Error::refuse(RefusalCode::NotAllowed, "no such room, or you are not a member of it")
}

/// Writes a message; the membership is read in the transaction that writes it. Nothing here waits
/// before the message is queued: a connection's messages are committed in the order they came in.
pub async fn send(app: &App, author: PersonId, request: SendMessage) -> Result<MessageSent> {
    let SendMessage { room, cid, text, reply_to, mentions } = request;
    rules::text(&text)?;
    rules::mentions(&mentions)?;
    let body = json(&event::Message { text, reply_to, mentions })?;
    let kind = EventKind::Message;
    let appended = app.timeline.append(Append { room, author, cid, kind, reference: None, body });
    Ok(sent(appended.await?))
}

fn sent(appended: Appended) -> MessageSent {
    MessageSent { seq: appended.seq, ts: appended.ts, dup: appended.dup }
}

/// Gives a message of the author's own a new text.
async fn edit(app: &App, author: PersonId, request: EditMessage) -> Result<MessageSent> {
    let EditMessage { room, seq, cid, text } = request;
    rules::text(&text)?;
    let body = json(&event::Edit { text })?;
    let reference = Some(seq);
    let append = Append { room, author, cid, kind: EventKind::Edit, reference, body };
    change(app, append, rules::Change::Edit).await
}

/// Takes a message of the author's own back: its text and the texts of its edits leave the store
/// in the same transaction.
async fn withdraw(app: &App, author: PersonId, request: WithdrawMessage) -> Result<MessageSent> {
    let WithdrawMessage { room, seq, cid } = request;
    let body = json(&event::Withdrawn {})?;
    let reference = Some(seq);
    let append = Append { room, author, cid, kind: EventKind::Withdrawn, reference, body };
    change(app, append, rules::Change::Withdraw).await
}

/// A change of an earlier message: the room's head first, then the rights, then the rule.
async fn change(app: &App, append: Append, change: rules::Change) -> Result<MessageSent> {
    let (room, author) = (append.room, append.author);
    let seq = append.reference.unwrap_or_default();
    let mut transaction = app.db.begin().await?;
    let mut locked = Locked::rooms(&mut transaction, &[room]).await?;
    if !queries::is_member(&mut transaction, room, author).await? {
        return Err(no_room());
    }
    let repeat = queries::place_of(&mut transaction, room, author, &append.cid).await?;
    if let Some((seq, ts)) = repeat {
        return Ok(MessageSent { seq, ts, dup: true });
    }
    let message = queries::message(&mut transaction, room, seq).await?;
    rules::change(change, message.as_ref(), author, app.clock.now())?;
    if change == rules::Change::Withdraw {
        let edits = queries::edits_of(&mut transaction, room, seq).await?;
        for seq in edits.into_iter().chain([seq]) {
            locked.erase(&mut transaction, room, seq).await?;
        }
    }
    let appended = locked.append(&mut transaction, append).await?;
    transaction.commit().await?;
    app.timeline.publish(locked.into_events()).await;
    Ok(sent(appended))
}

/// The caller's rooms, last activity first.
async fn list(app: &App, person: PersonId) -> Result<RoomList> {
    let rooms = rooms(app, person).await?;
    Ok(RoomList { rooms })
}

async fn rooms(app: &App, person: PersonId) -> Result<Vec<RoomSummary>> {
    let mut connection = app.db.acquire().await?;
    let rows = queries::rooms_of(&mut connection, person).await?;
    Ok(rows.into_iter().map(summary).collect())
}

fn summary(row: RoomRow) -> RoomSummary {
    let last = row.last.and_then(|last| {
        let message: event::Message = serde_json::from_str(&last.body).ok()?;
        let text = last.edited.unwrap_or(message.text);
        Some(LastLine {
            seq: last.seq,
            from: last.from,
            name: last.name,
            text: rules::preview(&text, PREVIEW_CHARS_MAX),
            ts: last.ts,
        })
    });
    RoomSummary {
        room: row.room,
        title: row.title,
        kind: row.kind,
        role: row.role,
        members: row.members,
        top: row.top,
        unread: row.unread,
        mentions: row.mentions,
        read_seq: row.read_seq,
        last,
    }
}

/// Which rooms moved beyond what the client knows.
async fn sync(app: &App, person: PersonId, request: Sync) -> Result<Synced> {
    if request.rooms.len() > SYNC_ROOMS_MAX {
        let detail = format!("at most {SYNC_ROOMS_MAX} rooms in one call");
        return Err(Error::refuse(RefusalCode::TooLarge, detail));
    }
    let rooms = rooms(app, person).await?;
    let mut gone: BTreeMap<RoomId, i64> = request.rooms;
    let moved = rooms
        .into_iter()
        .filter(|summary| gone.remove(&summary.room).is_none_or(|known| summary.top > known))
        .collect();
    Ok(Synced { moved, gone: gone.into_keys().collect() })
}

/// The roster of a room, for its members.
async fn members(app: &App, person: PersonId, request: &ListMembers) -> Result<MemberList> {
    let mut connection = app.db.acquire().await?;
    if !queries::is_member(&mut connection, request.room, person).await? {
        return Err(no_room());
    }
    let members = queries::members_of(&mut connection, request.room).await?;
    Ok(MemberList { members })
}

/// Moves the caller's read marker forward.
async fn mark_read(app: &App, person: PersonId, request: &MarkRead) -> Result<ReadMarked> {
    let mut connection = app.db.acquire().await?;
    let (room, now) = (request.room, app.clock.now());
    let seq = request.seq.max(0);
    let marked = queries::mark_read(&mut connection, (room, person), seq, now).await?;
    let marked = marked.ok_or_else(no_room)?;
    spread::read(app, (room, person), marked.seq, marked.unread);
    Ok(marked)
}

/// A page of messages as they stand now, as JSON. The latest page of a room that stands where it
/// stood is read once for all.
async fn page(app: &App, person: PersonId, request: &PageMessages) -> Result<Bytes> {
    let room = request.room;
    let standings = app.timeline.standings(person, &[room]).await?;
    let standing = standings.get(&room).ok_or_else(no_room)?;
    let limit = page::limit(request)?;
    let now = app.clock.monotonic();
    let latest = request.before.is_none() && request.after.is_none();
    let kept = latest.then(|| app.latest_pages.find(room, standing, limit, now)).flatten();
    let kept = match kept {
        Some(kept) => kept,
        None => {
            let mut connection = app.db.acquire().await?;
            let page = page::page(&mut connection, request, standing, limit).await?;
            let kept = Kept::new(page, standing, limit, now)?;
            if latest {
                app.latest_pages.keep(room, &kept);
            }
            kept
        }
    };
    let Some(mut page) = kept.marked.clone() else { return Ok(kept.json.clone()) };
    let mut connection = app.db.acquire().await?;
    page::mark_own(&mut connection, (room, person), &mut page.items).await?;
    rpc::json(&page)
}

fn json(value: &impl serde::Serialize) -> Result<String> {
    Ok(serde_json::to_string(value).map_err(Fault::new)?)
}
