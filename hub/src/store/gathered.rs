//! Questions that many ask at the same time, answered by one read of the database.
//!
//! There is no timer: an idle reader asks at once; while a read is under way questions wait, and
//! the next read takes them all. The read that answers a question always begins after it was
//! asked, so that an answer is never older than its question.

use std::fmt;
use std::time::Duration;

use futures_util::future::BoxFuture;
use signaling::limits::{GATHERED_ASKS_MAX, GATHERED_WAITING_MAX};
use sqlx::PgPool;
use sqlx::postgres::PgConnection;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

/// A read that is not answered within this is given up: nobody waits longer for its answer.
const READ_MAX: Duration = Duration::from_secs(4);

/// Reads the answers to all questions, in their order.
pub type Read<Q, A> =
    for<'a> fn(&'a mut PgConnection, &'a [Q]) -> BoxFuture<'a, Result<Vec<A>, sqlx::Error>>;

type Asked<Q, A> = (Q, oneshot::Sender<A>);

/// Where one kind of question is asked. Copies ask the same reader, which ends with the last one.
pub struct Gathered<Q, A> {
    queue: mpsc::Sender<Asked<Q, A>>,
}

impl<Q, A> Clone for Gathered<Q, A> {
    fn clone(&self) -> Self {
        Self { queue: self.queue.clone() }
    }
}

impl<Q, A> fmt::Debug for Gathered<Q, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gathered").field("capacity", &self.queue.capacity()).finish()
    }
}

impl<Q, A> Gathered<Q, A>
where
    Q: Send + Sync + 'static,
    A: Send + 'static,
{
    /// Starts a reader of the database of `pool`.
    #[must_use]
    pub fn start(pool: PgPool, read: Read<Q, A>) -> Self {
        let (queue, asked) = mpsc::channel(GATHERED_WAITING_MAX);
        tokio::spawn(run(pool, read, asked));
        Self { queue }
    }

    /// Asks. The error says that the database could not be read; the reader has logged why.
    pub async fn ask(&self, question: Q) -> Result<A, sqlx::Error> {
        let (answer, answered) = oneshot::channel();
        let gone = |_| sqlx::Error::WorkerCrashed;
        self.queue.send((question, answer)).await.map_err(|_| sqlx::Error::WorkerCrashed)?;
        answered.await.map_err(gone)
    }
}

async fn run<Q, A>(pool: PgPool, read: Read<Q, A>, mut asked: mpsc::Receiver<Asked<Q, A>>) {
    let mut batch = Vec::new();
    while asked.recv_many(&mut batch, GATHERED_ASKS_MAX).await > 0 {
        let (questions, answers): (Vec<Q>, Vec<_>) = batch.drain(..).unzip();
        let found = timeout(READ_MAX, async {
            let mut connection = pool.acquire().await?;
            read(&mut connection, &questions).await
        });
        match found.await.unwrap_or(Err(sqlx::Error::PoolTimedOut)) {
            Ok(found) => {
                for (answer, found) in answers.into_iter().zip(found) {
                    // Who has stopped waiting asks again.
                    let _ = answer.send(found);
                }
            }
            Err(error) => {
                tracing::warn!(%error, questions = questions.len(), "a common read failed");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;
    use futures_util::future::join_all;

    use super::*;
    use crate::testing::TestDatabase;

    /// The moment of the read by the database's own count of transactions, and its questions.
    fn moment<'a>(
        connection: &'a mut PgConnection,
        questions: &'a [u32],
    ) -> BoxFuture<'a, Result<Vec<(i64, usize)>, sqlx::Error>> {
        async move {
            let read: i64 = sqlx::query_scalar("SELECT pg_current_xact_id()::text::bigint")
                .fetch_one(connection)
                .await?;
            Ok(questions.iter().map(|_| (read, questions.len())).collect())
        }
        .boxed()
    }

    #[tokio::test]
    async fn what_is_asked_together_is_read_together_and_later_questions_are_read_later() {
        let database = TestDatabase::new().await;
        let gathered = Gathered::start(database.pool.clone(), moment);
        let together = join_all((0..100).map(|number| gathered.ask(number))).await;
        let reads: Vec<_> = together.into_iter().map(|read| read.expect("read")).collect();
        assert_eq!(reads.iter().filter(|(_, questions)| *questions == 100).count(), 100);
        let later = gathered.ask(0).await.expect("read");
        assert!(later.0 > reads[0].0, "{later:?} {:?}", reads[0]);
    }

    #[tokio::test]
    async fn a_failed_read_fails_all_who_asked_and_not_who_asks_later() {
        fn read<'a>(
            connection: &'a mut PgConnection,
            questions: &'a [i32],
        ) -> BoxFuture<'a, Result<Vec<i32>, sqlx::Error>> {
            async move {
                let quotients = "SELECT 12 / n FROM unnest($1::integer[]) AS n";
                sqlx::query_scalar(quotients).bind(questions).fetch_all(connection).await
            }
            .boxed()
        }
        let database = TestDatabase::new().await;
        let gathered = Gathered::start(database.pool.clone(), read);
        let together = join_all([3, 0, 4].map(|number| gathered.ask(number))).await;
        assert!(together.iter().all(Result::is_err), "{together:?}");
        assert_eq!(gathered.ask(6).await.expect("read"), 2);
    }
}
