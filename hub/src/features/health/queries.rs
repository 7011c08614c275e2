//! The numbers of an installation.

use sqlx::PgPool;
use time::OffsetDateTime;

use crate::error::Result;

pub(super) struct Counts {
    pub(super) database: String,
    pub(super) database_bytes: i64,
    pub(super) people: i64,
    pub(super) organisations: i64,
    pub(super) rooms: i64,
    pub(super) events: i64,
    pub(super) devices_today: i64,
    pub(super) joins_overdue: i64,
    pub(super) calendar_years: Vec<i32>,
}

/// One look at the store. The events are summed from the rooms' heads, the log itself is not read.
pub(super) async fn counts(db: &PgPool, now: OffsetDateTime) -> Result<Counts> {
    let counts = sqlx::query_as!(
        Counts,
        r#"SELECT current_setting('server_version') AS "database!",
                  pg_database_size(current_database()) AS "database_bytes!",
                  (SELECT count(*) FROM account) AS "people!",
                  (SELECT count(*) FROM organisation WHERE open) AS "organisations!",
                  (SELECT count(*) FROM room WHERE kind <> 'inbox') AS "rooms!",
                  (SELECT coalesce(sum(last_seq), 0)::bigint FROM room_head) AS "events!",
                  (SELECT count(*) FROM device_session
                   WHERE last_seen_at > $1::timestamptz - interval '1 day') AS "devices_today!",
                  (SELECT count(*) FROM join_case
                   WHERE (state = 'submitted' AND host_due < $1)
                      OR (state = 'provisional' AND home_due < $1)) AS "joins_overdue!",
                  (SELECT coalesce(array_agg(DISTINCT extract(year FROM day)::integer), '{}')
                   FROM calendar_day) AS "calendar_years!""#,
        now
    );
    Ok(counts.fetch_one(db).await?)
}
