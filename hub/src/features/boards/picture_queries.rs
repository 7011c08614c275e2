//! All SQL of the pictures of posts.

use sqlx::PgConnection;
use uuid::Uuid;

use super::pictures::Attached;

type Done<T> = Result<T, sqlx::Error>;

/// A picture as a page names it.
#[derive(Clone, Debug)]
pub(super) struct Shown {
    pub ordinal: i16,
    pub width: i32,
    pub height: i32,
    pub alt: Option<String>,
}

/// The pictures of a post in their order.
pub(super) async fn of(connection: &mut PgConnection, post: Uuid) -> Done<Vec<Shown>> {
    sqlx::query_as!(
        Shown,
        "SELECT ordinal, width, height, alt FROM board_post_picture WHERE post = $1
         ORDER BY ordinal",
        post
    )
    .fetch_all(connection)
    .await
}

/// The bytes of one.
pub(super) async fn bytes(
    connection: &mut PgConnection,
    (post, ordinal): (Uuid, i16),
) -> Done<Option<Vec<u8>>> {
    sqlx::query_scalar!(
        "SELECT bytes FROM board_post_picture WHERE post = $1 AND ordinal = $2",
        post,
        ordinal
    )
    .fetch_optional(connection)
    .await
}

/// Writes one.
pub(super) async fn insert(
    connection: &mut PgConnection,
    (post, ordinal): (Uuid, i16),
    (attached, sum): (&Attached, &[u8]),
) -> Done<()> {
    let side = |side: u32| i32::try_from(side).unwrap_or(i32::MAX);
    sqlx::query!(
        "INSERT INTO board_post_picture (post, ordinal, width, height, sha256, bytes, alt)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        post,
        ordinal,
        side(attached.picture.width),
        side(attached.picture.height),
        sum,
        attached.picture.bytes,
        attached.alt
    )
    .execute(connection)
    .await?;
    Ok(())
}
