//! The pictures of a post: made anew before anything is written, and never changed afterwards.

use aws_lc_rs::digest::{SHA256, digest};
use axum::body::Bytes;
use signaling::limits::{BOARD_PICTURES_MAX, PICTURE_ALT_CHARS_MAX, PICTURE_BYTES_MAX};
use signaling::{Refusal, RefusalCode};
use sqlx::PgConnection;
use uuid::Uuid;

use super::picture_queries;
use crate::app::App;
use crate::error::Result;
use crate::features::pictures::{Picture, Trouble};
use crate::features::text;

/// A picture as it came with a form.
#[derive(Clone, Debug)]
pub struct Sent {
    pub bytes: Bytes,
    pub alt: String,
}

/// A picture as it is kept with a post.
#[derive(Clone, Debug)]
pub struct Attached {
    pub picture: Picture,
    /// What it shows, where its author said so.
    pub alt: Option<String>,
}

/// Refuses more pictures, or larger ones, than a post may have.
fn check(sent: &[Sent]) -> Result<(), Refusal> {
    if sent.len() > BOARD_PICTURES_MAX {
        let sentence = format!("a post has at most {BOARD_PICTURES_MAX} pictures");
        return Err(Refusal::new(RefusalCode::TooManyPictures, sentence));
    }
    if sent.iter().any(|sent| sent.bytes.len() > PICTURE_BYTES_MAX) {
        let sentence = format!("a picture has at most {PICTURE_BYTES_MAX} bytes");
        return Err(Refusal::new(RefusalCode::TooLarge, sentence));
    }
    Ok(())
}

/// Makes pictures anew; one that is not taken refuses all.
pub(super) async fn cleaned(app: &App, sent: &[Sent]) -> Result<Vec<Attached>> {
    check(sent)?;
    let mut cleaned = Vec::new();
    for sent in sent {
        let alt = words_for(&sent.alt)?;
        let picture = app.pictures.clean(&sent.bytes).await?.map_err(refusal)?;
        cleaned.push(Attached { picture, alt });
    }
    Ok(cleaned)
}

fn refusal(trouble: Trouble) -> Refusal {
    let code = match trouble {
        Trouble::NotAPicture => RefusalCode::NotAPicture,
        Trouble::TooManyPixels => RefusalCode::TooManyPixels,
        Trouble::Unreadable => RefusalCode::PictureUnreadable,
    };
    Refusal::new(code, trouble.to_string())
}

/// What a picture shows, where its author said so.
fn words_for(alt: &str) -> Result<Option<String>, Refusal> {
    if alt.trim().is_empty() {
        return Ok(None);
    }
    text::line(alt, (1, PICTURE_ALT_CHARS_MAX), "the words for a picture").map(Some)
}

/// Writes the pictures of a post, in a transaction of the caller.
pub(super) async fn insert(
    connection: &mut PgConnection,
    post: Uuid,
    pictures: &[Attached],
) -> Result<()> {
    for (ordinal, attached) in (1..).zip(pictures) {
        let sum = digest(&SHA256, &attached.picture.bytes);
        let place = (post, ordinal);
        picture_queries::insert(connection, place, (attached, sum.as_ref())).await?;
    }
    Ok(())
}
