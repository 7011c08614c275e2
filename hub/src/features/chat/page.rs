//! A page of messages as they stand now: what was written, what was said about it later, and the
//! names that stand in it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use signaling::event::EventKind;
use signaling::event::chat as event;
use signaling::limits::{PAGE_MESSAGES_DEFAULT, PAGE_MESSAGES_MAX, PREVIEW_CHARS_MAX};
use signaling::rpc::chat::{
    Item, ItemState, MessagePage, PageMessages, PinList, Quote, ReactionCount,
};
use signaling::{PersonId, RefusalCode, RoomId};
use sqlx::PgConnection;

use super::types::{LaterRow, Line, ReactionRow};
use super::{mark_queries, queries, rules};
use crate::error::{Error, Result};
use crate::timeline::Standing;

/// Reads a page of `limit` lines for whoever stands so in the room; [`mark_own`] marks the reader's
/// own reactions in it.
pub(super) async fn page(
    connection: &mut PgConnection,
    request: &PageMessages,
    standing: &Standing,
    limit: usize,
) -> Result<MessagePage> {
    let room = request.room;
    let (rows, older, newer) = rows(connection, request, standing, limit).await?;
    let (items, people) = items(connection, room, rows, standing.visible_from).await?;
    Ok(MessagePage {
        items,
        people,
        older,
        newer,
        top: standing.top.seq,
        epoch: standing.top.epoch.to_string(),
        visible_from: standing.visible_from,
    })
}

/// The messages at `seqs`, in this order, as far as they have their text.
pub(super) async fn pinned(
    connection: &mut PgConnection,
    (room, reader): (RoomId, PersonId),
    seqs: &[i64],
    visible_from: i64,
) -> Result<PinList> {
    let mut rows = queries::lines_at(connection, room, seqs).await?;
    rows.sort_by_key(|row| seqs.iter().position(|seq| *seq == row.seq));
    let (mut items, people) = items(connection, room, rows, visible_from).await?;
    mark_own(connection, (room, reader), &mut items).await?;
    items.retain(|item| item.state == ItemState::Shown);
    Ok(PinList { items, people })
}

/// Lines with what was said about them later, and the names that stand in them.
async fn items(
    connection: &mut PgConnection,
    room: RoomId,
    rows: Vec<Line>,
    visible_from: i64,
) -> Result<(Vec<Item>, BTreeMap<PersonId, String>)> {
    let later = Later::read(connection, room, &rows).await?;
    let quotes = quotes(connection, room, &rows, visible_from).await?;
    let items: Vec<Item> = rows.into_iter().filter_map(|row| item(row, &later, &quotes)).collect();
    let people = people(connection, &items).await?;
    Ok((items, people))
}

/// Marks the reactions that `reader` set.
pub(super) async fn mark_own(
    connection: &mut PgConnection,
    (room, reader): (RoomId, PersonId),
    items: &mut [Item],
) -> Result<()> {
    let marked = |item: &&Item| !item.reactions.is_empty();
    let seqs: Vec<i64> = items.iter().filter(marked).map(|item| item.seq).collect();
    if seqs.is_empty() {
        return Ok(());
    }
    let own = mark_queries::reactions_by(connection, (room, reader), &seqs).await?;
    for item in items {
        for reaction in &mut item.reactions {
            reaction.mine = own.contains(&(item.seq, reaction.emoji.clone()));
        }
    }
    Ok(())
}

/// The lines that a request asks for.
pub(super) fn limit(request: &PageMessages) -> Result<usize> {
    if request.before.is_some() && request.after.is_some() {
        let detail = "give before or after, not both";
        return Err(Error::refuse(RefusalCode::InvalidInput, detail));
    }
    let limit = request.limit.map_or(PAGE_MESSAGES_DEFAULT, usize::from);
    if limit == 0 || limit > PAGE_MESSAGES_MAX {
        let detail = format!("limit is 1 to {PAGE_MESSAGES_MAX}");
        return Err(Error::refuse(RefusalCode::InvalidInput, detail));
    }
    Ok(limit)
}

/// The lines, oldest first, and whether there are older and newer ones.
async fn rows(
    connection: &mut PgConnection,
    request: &PageMessages,
    standing: &Standing,
    limit: usize,
) -> Result<(Vec<Line>, bool, bool)> {
    let room = request.room;
    let one_more = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    if let Some(after) = request.after {
        let after = after.max(standing.visible_from.saturating_sub(1));
        let mut rows = queries::lines_after(connection, room, after, one_more).await?;
        let newer = rows.len() > limit;
        rows.truncate(limit);
        let first = rows.first().map_or(after.saturating_add(1), |row| row.seq);
        let span = (standing.visible_from, first);
        let older = !queries::lines_before(connection, room, span, 1).await?.is_empty();
        return Ok((rows, older, newer));
    }
    let span = (standing.visible_from, request.before.unwrap_or(i64::MAX));
    let mut rows = queries::lines_before(connection, room, span, one_more).await?;
    let older = rows.len() > limit;
    rows.truncate(limit);
    rows.reverse();
    let newer = match request.before {
        Some(before) => {
            let after = before.saturating_sub(1);
            !queries::lines_after(connection, room, after, 1).await?.is_empty()
        }
        None => false,
    };
    Ok((rows, older, newer))
}

/// What was said later about the messages of a page.
#[derive(Default)]
struct Later {
    texts: HashMap<i64, String>,
    states: HashMap<i64, ItemState>,
    reactions: HashMap<i64, Vec<ReactionCount>>,
    pinned: HashSet<i64>,
}

impl Later {
    async fn read(connection: &mut PgConnection, room: RoomId, rows: &[Line]) -> Result<Self> {
        let messages: Vec<i64> = rows
            .iter()
            .filter(|row| row.kind == EventKind::Message.code())
            .flat_map(|row| [Some(row.seq), reply_to(row)])
            .flatten()
            .collect();
        let mut later = Self::default();
        for row in queries::later_about(connection, room, &messages).await? {
            later.take(row);
        }
        for row in mark_queries::reactions_about(connection, room, &messages).await? {
            let ReactionRow { of, emoji, count } = row;
            let reaction = ReactionCount { emoji, count, mine: false };
            later.reactions.entry(of).or_default().push(reaction);
        }
        later.pinned = mark_queries::pinned_among(connection, room, &messages).await?;
        Ok(later)
    }

    fn take(&mut self, row: LaterRow) {
        match EventKind::from_code(row.kind) {
            Some(EventKind::Edit) => {
                let edit =
                    row.body.and_then(|body| serde_json::from_str::<event::Edit>(&body).ok());
                if let Some(edit) = edit {
                    self.texts.insert(row.of, edit.text);
                }
            }
            Some(EventKind::Withdrawn) => {
                self.states.insert(row.of, ItemState::Withdrawn);
            }
            Some(EventKind::Hidden) => {
                self.states.insert(row.of, ItemState::Hidden);
            }
            _ => {}
        }
    }
}

fn reply_to(row: &Line) -> Option<i64> {
    row.message.as_ref()?.reply_to
}

/// The quoted messages that the member may see, by place.
async fn quotes(
    connection: &mut PgConnection,
    room: RoomId,
    rows: &[Line],
    visible_from: i64,
) -> Result<HashMap<i64, (PersonId, Option<String>)>> {
    let seqs: Vec<i64> =
        rows.iter().filter_map(reply_to).filter(|seq| *seq >= visible_from).collect();
    if seqs.is_empty() {
        return Ok(HashMap::new());
    }
    let quoted = queries::messages_at(connection, room, &seqs).await?;
    Ok(quoted
        .into_iter()
        .map(|(seq, author, body)| {
            let text = body
                .and_then(|body| serde_json::from_str::<event::Message>(&body).ok())
                .map(|message| message.text);
            (seq, (author, text))
        })
        .collect())
}

fn item(
    row: Line,
    later: &Later,
    quotes: &HashMap<i64, (PersonId, Option<String>)>,
) -> Option<Item> {
    let kind = EventKind::from_code(row.kind)?;
    let mut item = Item {
        seq: row.seq,
        nth: row.nth,
        t: kind,
        from: row.author,
        ts: row.ts,
        cid: (row.author != PersonId::SYSTEM).then_some(row.cid),
        state: ItemState::Shown,
        text: None,
        edited: false,
        reply_to: None,
        mentions: Vec::new(),
        reactions: Vec::new(),
        pinned: false,
        call: None,
    };
    if kind != EventKind::Message {
        let body = row.body.as_deref()?;
        item.text = notice(kind, body);
        item.call =
            (kind == EventKind::CallEnded).then(|| serde_json::from_str(body).ok()).flatten();
        return Some(item);
    }
    let Some(message) = row.message else {
        // The text was taken away; a later event says by whom.
        item.state = later.states.get(&row.seq).copied().unwrap_or(ItemState::Withdrawn);
        return Some(item);
    };
    let edited = later.texts.get(&row.seq);
    item.edited = edited.is_some();
    item.text = Some(edited.cloned().unwrap_or(message.text));
    item.mentions = message.mentions;
    item.reactions = later.reactions.get(&row.seq).cloned().unwrap_or_default();
    item.pinned = later.pinned.contains(&row.seq);
    item.reply_to = message.reply_to.and_then(|seq| {
        let (from, text) = quotes.get(&seq)?;
        let text = later.texts.get(&seq).filter(|_| text.is_some()).or(text.as_ref());
        let text = text.map(|text| rules::preview(text, PREVIEW_CHARS_MAX));
        Some(Quote { seq, from: *from, text })
    });
    Some(item)
}

/// Whom or what a notice is about.
fn notice(kind: EventKind, body: &str) -> Option<String> {
    match kind {
        EventKind::Joined => serde_json::from_str::<event::Joined>(body).ok().map(|e| e.name),
        EventKind::Left => serde_json::from_str::<event::Left>(body).ok().map(|e| e.name),
        EventKind::RoomChanged => {
            serde_json::from_str::<event::RoomChanged>(body).ok().map(|e| e.title)
        }
        _ => None,
    }
}

async fn people(
    connection: &mut PgConnection,
    items: &[Item],
) -> Result<BTreeMap<PersonId, String>> {
    let people: BTreeSet<PersonId> = items
        .iter()
        .flat_map(|item| {
            let quoted = item.reply_to.iter().map(|quote| quote.from);
            item.mentions.iter().copied().chain(quoted).chain([item.from])
        })
        .filter(|person| *person != PersonId::SYSTEM)
        .collect();
    let ids: Vec<_> = people.into_iter().map(PersonId::uuid).collect();
    Ok(queries::names_of(connection, &ids).await?.into_iter().collect())
}
