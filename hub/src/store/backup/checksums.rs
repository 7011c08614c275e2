//! What a room's log holds, as numbers that are the same wherever the same rows are.

use serde::{Deserialize, Serialize};
use sqlx::postgres::PgConnection;
use uuid::Uuid;

/// The log of one room up to `top`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct RoomSum {
    pub room: Uuid,
    pub top: i64,
    pub events: i64,
    /// Events whose text was withdrawn.
    pub withdrawn: i64,
    /// Over what never changes: place, time, reference, kind, author and client id.
    pub frame: String,
    /// Over the texts.
    pub texts: String,
}

/// Every room as it is now, in one snapshot.
pub(super) async fn of_all(connection: &mut PgConnection) -> Result<Vec<RoomSum>, sqlx::Error> {
    let heads = sqlx::query!(r#"SELECT room, last_seq AS top FROM room_head"#)
        .fetch_all(&mut *connection)
        .await?;
    let (rooms, tops): (Vec<Uuid>, Vec<i64>) =
        heads.into_iter().map(|head| (head.room, head.top)).unzip();
    sums(connection, &rooms, &tops).await
}

/// The same rooms up to the same places.
pub(super) async fn of(
    connection: &mut PgConnection,
    known: &[RoomSum],
) -> Result<Vec<RoomSum>, sqlx::Error> {
    let rooms: Vec<Uuid> = known.iter().map(|sum| sum.room).collect();
    let tops: Vec<i64> = known.iter().map(|sum| sum.top).collect();
    sums(connection, &rooms, &tops).await
}

async fn sums(
    connection: &mut PgConnection,
    rooms: &[Uuid],
    tops: &[i64],
) -> Result<Vec<RoomSum>, sqlx::Error> {
    sqlx::query_as!(
        RoomSum,
        r#"SELECT known.room AS "room!", known.top AS "top!", count(e.seq) AS "events!",
                  count(e.seq) FILTER (WHERE e.body IS NULL) AS "withdrawn!",
                  coalesce(sum(hashtextextended(concat_ws('|', e.seq, e.nth,
                      (extract(epoch FROM e.ts) * 1000000)::bigint, e.ref, e.kind, e.author, e.cid),
                      0)), 0)::text AS "frame!",
                  coalesce(sum(hashtextextended(coalesce(e.body, ''), e.seq)), 0)::text AS "texts!"
           FROM unnest($1::uuid[], $2::bigint[]) AS known (room, top)
           LEFT JOIN event e ON e.room = known.room AND e.seq <= known.top
           GROUP BY known.room, known.top
           ORDER BY known.room"#,
        rooms,
        tops
    )
    .fetch_all(connection)
    .await
}

/// Why `found` is not what was recorded, in a sentence; `None` when it is. A text that was
/// withdrawn since may be missing, nothing else.
pub(super) fn difference(recorded: &[RoomSum], found: &[RoomSum]) -> Option<String> {
    if recorded.len() != found.len() {
        return Some(format!("{} rooms instead of {}", found.len(), recorded.len()));
    }
    recorded.iter().zip(found).find_map(|(then, now)| {
        if then.room != now.room {
            return Some(format!("room {} is missing", then.room));
        }
        if now.events != then.events {
            return Some(format!(
                "room {} has {} events instead of {}",
                then.room, now.events, then.events
            ));
        }
        if now.frame != then.frame {
            return Some(format!("room {}: its events are not the same", then.room));
        }
        let withdrawn_since = now.withdrawn > then.withdrawn;
        (now.texts != then.texts && !withdrawn_since)
            .then(|| format!("room {}: its texts are not the same", then.room))
    })
}
