//! Pictures on the pages of boards: choosing them, showing them, and their bytes. A picture is seen
//! where its post is seen, by whom its post is seen.

use std::time::Duration;

use axum::extract::multipart::{Multipart, MultipartError};
use axum::extract::{FromRequest, Path, Request, State};
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, header};
use maud::{Markup, html};
use signaling::RefusalCode;
use signaling::limits::{
    BOARD_PICTURES_MAX, PICTURE_ALT_CHARS_MAX, PICTURES_FORM_FIELDS_MAX, PICTURES_FORM_WAIT_MS_MAX,
};
use sqlx::PgConnection;
use tokio::time::timeout;

use super::layout::Lang;
use super::sending::PostForm;
use super::{Asked, PageForm, tracking};
use crate::app::App;
use crate::auth::{Caller, Visitor};
use crate::error::{Error, Result};
use crate::features::boards::picture_queries::{self, Shown};
use crate::features::boards::queries::{self, PostRow};
use crate::features::boards::{Sent, no_post, steps};
use crate::features::text;

/// The pictures of a post below its text; `page` is where the post stands.
pub(super) fn shown(lang: Lang, (page, number): (&str, i64), pictures: &[Shown]) -> Markup {
    let of_all = |ordinal: i16| match lang {
        Lang::En => format!("picture {ordinal} of {}", pictures.len()),
        Lang::Zh => format!("图片{ordinal}，共{}张", pictures.len()),
    };
    html! {
        @for picture in pictures {
            p.board-picture {
                img src={ (page) "/" (number) "/picture/" (picture.ordinal) } loading="lazy"
                    width=(picture.width) height=(picture.height)
                    alt=(picture.alt.clone().unwrap_or_else(|| of_all(picture.ordinal)));
            }
        }
    }
}

/// The fields in which pictures are chosen.
pub(super) fn fields(lang: Lang) -> Markup {
    html! {
        fieldset {
            legend { (lang.say("图片（可不选，最多4张）", "Pictures (optional, at most 4)")) }
            p.hint { (lang.say(
                "JPEG、PNG或WebP，每张不超过8MB。拍摄地点等附带信息会自动去掉。审核通过后才会公开。",
                "JPEG, PNG or WebP, at most 8 MB each. Where and when it was taken is removed. Public after the review.",
            )) }
            @for place in 1..=BOARD_PICTURES_MAX {
                div.field {
                    label for={ "picture" (place) } { (lang.say("图片 ", "Picture ")) (place) }
                    input.input id={ "picture" (place) } type="file" name="picture"
                        accept="image/jpeg,image/png,image/webp";
                    label for={ "alt" (place) } {
                        (lang.say("图上是什么（给看不见的人）", "What it shows (for those who can not see it)"))
                    }
                    input.input id={ "alt" (place) } name="alt" maxlength=(PICTURE_ALT_CHARS_MAX);
                }
            }
        }
    }
}

/// A post's form with the files that came with it.
pub(super) struct SentForm {
    pub form: PostForm,
    pub pictures: Vec<Sent>,
}

impl FromRequest<App> for SentForm {
    type Rejection = Error;

    async fn from_request(request: Request, app: &App) -> Result<Self> {
        let kind = request.headers().get(header::CONTENT_TYPE);
        if !kind.is_some_and(|kind| kind.as_bytes().starts_with(b"multipart/")) {
            let PageForm(form) = PageForm::from_request(request, app).await?;
            return Ok(Self { form, pictures: Vec::new() });
        }
        let _place = app.pictures.forms.try_acquire().map_err(|_| {
            let sentence = "many pictures are on their way; try again in a moment";
            Error::refuse_for(RefusalCode::Unavailable, sentence, 5)
        })?;
        let parts = Multipart::from_request(request, app)
            .await
            .map_err(|error| Error::refuse(RefusalCode::InvalidInput, error.body_text()))?;
        let wait = Duration::from_millis(PICTURES_FORM_WAIT_MS_MAX);
        let read = timeout(wait, read(parts)).await.map_err(|_| {
            Error::refuse(RefusalCode::InvalidInput, "the form did not arrive in time")
        })?;
        read.map_err(|error| match error.status().as_u16() {
            413 => Error::refuse(RefusalCode::TooLarge, "the pictures are too large together"),
            _ => Error::refuse(RefusalCode::InvalidInput, error.body_text()),
        })
    }
}

async fn read(mut parts: Multipart) -> Result<SentForm, MultipartError> {
    let mut read = SentForm { form: PostForm::default(), pictures: Vec::new() };
    for _ in 0..PICTURES_FORM_FIELDS_MAX {
        let Some(part) = parts.next_field().await? else { break };
        let name = part.name().unwrap_or_default().to_owned();
        if name == "picture" {
            read.pictures.push(Sent { bytes: part.bytes().await?, alt: String::new() });
            continue;
        }
        let value = part.text().await?;
        // The words for a picture stand behind it.
        match read.pictures.last_mut() {
            Some(picture) if name == "alt" => picture.alt = value,
            _ => read.form.take(&name, value),
        }
    }
    // A place where nothing was chosen is sent as an empty file.
    read.pictures.retain(|picture| !picture.bytes.is_empty());
    Ok(read)
}

/// A picture of a public post.
pub(super) async fn public(
    State(app): State<App>,
    asked: Asked,
    Path(path): Path<(String, String)>,
) -> Result<Response> {
    asked.spend(&app)?;
    let mut connection = app.db.acquire().await?;
    let row = post(&mut connection, &path.0).await?;
    if !row.post.is_public() {
        return Err(no_post());
    }
    let mut response = answer(&mut connection, &row, &path.1).await?;
    // In no shared cache: a post that is hidden is hidden for whoever has not seen it.
    let kept = http::HeaderValue::from_static("private, max-age=31536000, immutable");
    response.headers_mut().insert(header::CACHE_CONTROL, kept);
    Ok(response)
}

/// A picture for whoever follows the post.
pub(super) async fn followed(
    State(app): State<App>,
    visitor: Visitor,
    headers: HeaderMap,
    Path(path): Path<(String, String)>,
) -> Result<Response> {
    let row = tracking::followed(&app, (&visitor, &headers), &path.0).await?;
    let mut connection = app.db.acquire().await?;
    answer(&mut connection, &row, &path.1).await
}

/// A picture for whoever works on the post.
pub(super) async fn at_desk(
    State(app): State<App>,
    caller: Caller,
    Path(path): Path<(String, String)>,
) -> Result<Response> {
    let mut connection = app.db.acquire().await?;
    let row = post(&mut connection, &path.0).await?;
    if steps::actors(&mut connection, caller.person, &row).await?.is_empty() {
        return Err(no_post());
    }
    answer(&mut connection, &row, &path.1).await
}

async fn post(connection: &mut PgConnection, path: &str) -> Result<PostRow> {
    let number = text::plain_number(path).ok_or_else(no_post)?;
    queries::post(connection, number).await?.ok_or_else(no_post)
}

async fn answer(connection: &mut PgConnection, row: &PostRow, ordinal: &str) -> Result<Response> {
    let ordinal: i16 = ordinal.parse().map_err(|_| no_post())?;
    let bytes = picture_queries::bytes(connection, (row.id, ordinal)).await?.ok_or_else(no_post)?;
    let headers = [
        (header::CONTENT_TYPE, "image/jpeg"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    Ok((headers, bytes).into_response())
}
