//! The lane: one task that commits what waits, many events at once.
//!
//! There is no timer. An idle lane commits at once what it has; while a commit runs, sends queue,
//! and the next commit takes them all up to the limits. The answer follows the commit. Before a
//! batch is closed the lane steps back as long as that brings more: whoever was just answered, or
//! whose command lies in its socket, comes along instead of paying for a commit of one row.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use signaling::limits::{BATCH_BYTES_MAX, BATCH_ROWS_MAX};
use signaling::{PersonId, RoomId};
use sqlx::Connection as _;
use sqlx::error::DatabaseError;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use crate::metrics as measure;

use super::Feed;
use super::locked::committed;
use super::queries::{self, Columns, Outcome, Place};
use super::types::{Append, AppendError, Appended, Committed, Epoch};

/// A commit that is not answered within this is taken for lost, and run again.
const COMMIT_MAX: Duration = Duration::from_secs(10);
/// First and longest pause between attempts to reach a database that is away.
const PAUSE_MIN: Duration = Duration::from_millis(20);
const PAUSE_MAX: Duration = Duration::from_millis(250);
/// So often the lane steps back for what is about to be sent.
const STEPS_BACK_MAX: usize = 4;
/// In the control of the crash tests: time between the answer and the commit.
const CONTROL_DELAY: Duration = Duration::from_millis(30);

/// The answer to one send.
pub(super) type Answer = oneshot::Sender<Result<Appended, AppendError>>;

/// A send that waits.
#[derive(Debug)]
pub(super) struct Pending {
    pub(super) append: Append,
    pub(super) answer: Answer,
}

/// When an answer is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerAt {
    /// After the commit, always.
    Commit,
    /// Before it, which loses acknowledged events: the negative control of the crash tests.
    Receipt,
}

/// One row of a batch, with everyone who asked for it.
#[derive(Debug)]
struct Row {
    append: Append,
    answers: Vec<Answer>,
}

/// One lane and its connection.
#[derive(Debug)]
pub(super) struct Lane {
    queue: mpsc::Receiver<Pending>,
    /// What did not fit into the last batch.
    held: Option<Pending>,
    options: PgConnectOptions,
    connection: Option<(PgConnection, i64)>,
    feed: Feed,
    /// Rooms whose head somebody held too long; asked for again before they are tried again.
    parked: HashSet<RoomId>,
    answer_at: AnswerAt,
}

/// How an attempt failed.
#[derive(Debug)]
enum Failure {
    /// Somebody holds the head of one of the rooms.
    Locked,
    /// The database was away; what became of the batch is not known.
    Lost(sqlx::Error),
    /// Running it again would fail again.
    Refused(sqlx::Error),
}

impl Lane {
    pub(super) fn new(
        queue: mpsc::Receiver<Pending>,
        options: PgConnectOptions,
        feed: Feed,
        answer_at: AnswerAt,
    ) -> Self {
        let (held, connection, parked) = (None, None, HashSet::new());
        Self { queue, held, options, connection, feed, parked, answer_at }
    }

    /// Commits until nobody can send any more.
    pub(super) async fn run(mut self) {
        while let Some(batch) = self.gather().await {
            let rows = self.without_parked(join_equal(batch)).await;
            if !rows.is_empty() {
                self.settle(rows).await;
            }
        }
    }

    /// What waits now, up to the limits of a batch; waits for the first. `None`: no more to come.
    async fn gather(&mut self) -> Option<Vec<Pending>> {
        let first = match self.held.take() {
            Some(held) => held,
            None => self.queue.recv().await?,
        };
        self.step_back().await;
        let mut bytes = first.append.bytes();
        let mut batch = vec![first];
        while batch.len() < BATCH_ROWS_MAX {
            let Ok(next) = self.queue.try_recv() else { break };
            bytes = bytes.saturating_add(next.append.bytes());
            if bytes > BATCH_BYTES_MAX {
                self.held = Some(next);
                break;
            }
            batch.push(next);
        }
        // Committed even where nobody waits any more: the next message of the same author may
        // still be waited for, and must not overtake this one. A repeat finds it by its cid.
        Some(batch)
    }

    /// Lets the other tasks run, and the sockets be read, while that brings more sends.
    async fn step_back(&self) {
        for _ in 0..STEPS_BACK_MAX {
            let waiting = self.queue.len();
            tokio::task::yield_now().await;
            if self.queue.len() == waiting || waiting >= BATCH_ROWS_MAX {
                return;
            }
        }
    }

    /// Refuses the rows of rooms that are still locked by somebody else.
    async fn without_parked(&mut self, rows: Vec<Row>) -> Vec<Row> {
        let asked: Vec<Uuid> = self.parked.iter().map(|room| room.uuid()).collect();
        if !rows.iter().any(|row| self.parked.contains(&row.append.room)) {
            return rows;
        }
        let locked = match self.connection().await {
            Ok((connection, _)) => queries::locked_now(connection, &asked).await,
            Err(error) => Err(error),
        };
        match locked {
            Ok(locked) => self.parked = locked.into_iter().collect(),
            Err(_) => self.connection = None,
        }
        self.refuse_parked(rows)
    }

    fn refuse_parked(&self, rows: Vec<Row>) -> Vec<Row> {
        let (parked, free): (Vec<Row>, Vec<Row>) =
            rows.into_iter().partition(|row| self.parked.contains(&row.append.room));
        for mut row in parked {
            row.answer(&Err(AppendError::Busy));
        }
        free
    }

    /// Commits `rows` and answers all of them, however long the database is away.
    async fn settle(&mut self, rows: Vec<Row>) {
        let mut work = vec![rows];
        let mut pause = PAUSE_MIN;
        let mut uncertain = false;
        while let Some(mut rows) = work.pop() {
            let began = measure::began();
            match self.attempt(&mut rows).await {
                Ok((outcomes, store)) => {
                    measure::committed(rows.len(), began);
                    pause = PAUSE_MIN;
                    answer_all(&mut rows, &outcomes);
                    self.show(rows, &outcomes, store, uncertain).await;
                }
                Err(Failure::Locked) => work.extend(self.set_locked_aside(rows).await),
                Err(Failure::Lost(error)) => {
                    tracing::warn!(%error, rows = rows.len(), "the commit is run again");
                    metrics::counter!("hub_timeline_commits_repeated_total").increment(1);
                    self.connection = None;
                    uncertain = true;
                    sleep(pause).await;
                    pause = pause.saturating_mul(2).min(PAUSE_MAX);
                    work.push(rows);
                }
                Err(Failure::Refused(error)) => work.extend(one_by_one(rows, error)),
            }
        }
    }

    /// One commit of all `rows`: their outcomes, and the store's epoch.
    async fn attempt(&mut self, rows: &mut [Row]) -> Result<(Vec<Outcome>, i64), Failure> {
        let answer_at = self.answer_at;
        let attempt = async {
            let (connection, store) = self.connection().await?;
            if answer_at == AnswerAt::Receipt {
                return Ok((answer_then_commit(connection, rows).await?, store));
            }
            let columns = Columns::of(rows.iter().map(|row| &row.append));
            Ok((queries::append(connection, &columns).await?, store))
        };
        match timeout(COMMIT_MAX, attempt).await {
            Ok(Ok(done)) => Ok(done),
            Ok(Err(error)) => Err(Failure::of(error)),
            Err(_) => Err(Failure::Lost(sqlx::Error::PoolTimedOut)),
        }
    }

    /// The lane's own connection and the store's epoch as it was when the connection was made: a
    /// restored or promoted store has none of the old connections.
    async fn connection(&mut self) -> Result<(&mut PgConnection, i64), sqlx::Error> {
        let open = if let Some(open) = self.connection.take() {
            open
        } else {
            let mut connection = PgConnection::connect_with(&self.options).await?;
            let store = queries::store_epoch(&mut connection).await?;
            (connection, store)
        };
        let (connection, store) = self.connection.insert(open);
        Ok((connection, *store))
    }

    /// Refuses the rows of rooms that are locked at this moment and returns the rest as one batch.
    async fn set_locked_aside(&mut self, rows: Vec<Row>) -> Option<Vec<Row>> {
        let mut rooms: Vec<Uuid> = rows.iter().map(|row| row.append.room.uuid()).collect();
        rooms.dedup();
        let locked = match self.connection().await {
            Ok((connection, _)) => queries::locked_now(connection, &rooms).await,
            Err(error) => Err(error),
        };
        match locked {
            Ok(locked) => {
                metrics::counter!("hub_timeline_rooms_parked_total")
                    .increment(u64::try_from(locked.len()).unwrap_or_default());
                self.parked.extend(locked);
            }
            Err(_) => self.connection = None,
        }
        let free = self.refuse_parked(rows);
        (!free.is_empty()).then_some(free)
    }

    /// Hands what was committed to the feed, in the order of the log.
    async fn show(&mut self, rows: Vec<Row>, outcomes: &[Outcome], store: i64, uncertain: bool) {
        let mut events = Vec::with_capacity(rows.len());
        for (row, outcome) in rows.into_iter().zip(outcomes) {
            match *outcome {
                Outcome::New(place) => events.push(Arc::new(event(row.append, place, store))),
                // Perhaps written by the attempt whose answer was lost: then nobody was shown it.
                Outcome::Repeat(place) if uncertain => {
                    events.extend(self.stored(row.append.room, place.seq).await.map(Arc::new));
                }
                Outcome::Repeat(_) | Outcome::Refused => {}
            }
        }
        if !events.is_empty() {
            // Without a reader nobody is connected, and the store has it all.
            let _ = self.feed.send(events).await;
        }
    }

    /// An event as it is stored now. A failure is no loss: nodes compare their rooms regularly.
    async fn stored(&mut self, room: RoomId, seq: i64) -> Option<Committed> {
        let (connection, _) = self.connection().await.ok()?;
        let slice = queries::since(connection, room, seq.saturating_sub(1), 1).await.ok()??;
        slice.events.into_iter().find(|event| event.seq == seq)
    }
}

impl Row {
    /// Gives `result` to everyone who asked; who asked second had a repeat.
    fn answer(&mut self, result: &Result<Appended, AppendError>) {
        for (index, answer) in self.answers.drain(..).enumerate() {
            let result = result.clone().map(|done| Appended { dup: done.dup || index > 0, ..done });
            // Who has stopped waiting will send the same cid again.
            let _ = answer.send(result);
        }
    }
}

impl Failure {
    fn of(error: sqlx::Error) -> Self {
        let code = error.as_database_error().and_then(DatabaseError::code);
        match code.as_deref() {
            Some("55P03") => Self::Locked,
            // Deadlock, serialization, cancelled, read-only.
            Some("40P01" | "40001" | "57014" | "25006") => Self::Lost(error),
            // Connection, out of resources, shutting or starting, input and output.
            Some(code) if ["08", "53", "57P", "58"].iter().any(|class| code.starts_with(class)) => {
                Self::Lost(error)
            }
            Some(_) => Self::Refused(error),
            None => match error {
                sqlx::Error::Io(_)
                | sqlx::Error::Protocol(_)
                | sqlx::Error::Tls(_)
                | sqlx::Error::WorkerCrashed => Self::Lost(error),
                _ => Self::Refused(error),
            },
        }
    }
}

/// Rows in the order of their rooms, as every transaction locks them; within a room in the order
/// in which they came. A second `(room, author, cid)` joins the first.
fn join_equal(batch: Vec<Pending>) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::with_capacity(batch.len());
    let mut known: HashMap<(RoomId, PersonId, String), usize> = HashMap::new();
    for Pending { append, answer } in batch {
        let next = rows.len();
        let key = (append.room, append.author, append.cid.clone());
        match rows.get_mut(*known.entry(key).or_insert(next)) {
            Some(row) => row.answers.push(answer),
            None => rows.push(Row { append, answers: vec![answer] }),
        }
    }
    rows.sort_by_key(|row| row.append.room);
    rows
}

/// Answers each row by its outcome.
fn answer_all(rows: &mut [Row], outcomes: &[Outcome]) {
    for (row, outcome) in rows.iter_mut().zip(outcomes) {
        row.answer(&match *outcome {
            Outcome::New(place) => Ok(appended(place, false)),
            Outcome::Repeat(place) => Ok(appended(place, true)),
            Outcome::Refused => Err(AppendError::NotMember),
        });
    }
}

/// The planted fault of the crash tests: answers while the transaction is still open.
async fn answer_then_commit(
    connection: &mut PgConnection,
    rows: &mut [Row],
) -> Result<Vec<Outcome>, sqlx::Error> {
    let mut transaction = connection.begin().await?;
    let columns = Columns::of(rows.iter().map(|row| &row.append));
    let outcomes = queries::append(&mut transaction, &columns).await?;
    answer_all(rows, &outcomes);
    sleep(CONTROL_DELAY).await;
    transaction.commit().await?;
    Ok(outcomes)
}

/// Every row as a batch of its own, last first; a single row is answered with the error.
fn one_by_one(mut rows: Vec<Row>, error: sqlx::Error) -> Vec<Vec<Row>> {
    if rows.len() > 1 {
        return rows.into_iter().rev().map(|row| vec![row]).collect();
    }
    let error = Arc::new(error);
    for row in &mut rows {
        tracing::error!(room.id = %row.append.room, %error, "an event can not be written");
        row.answer(&Err(AppendError::Fault(Arc::clone(&error))));
    }
    Vec::new()
}

const fn appended(place: Place, dup: bool) -> Appended {
    Appended { seq: place.seq, ts: place.ts, dup }
}

fn event(append: Append, place: Place, store: i64) -> Committed {
    let epoch = Epoch::from_columns(store, place.epoch);
    committed(append, epoch, (place.seq, place.nth), place.ts)
}
