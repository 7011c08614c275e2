//! The page of the word lists: whoever reviews reads them, whoever decides changes them.

use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use maud::{Markup, html};
use serde::Deserialize;
use signaling::limits::{WORD_CHARS_MAX, WORD_CHARS_MIN};
use sqlx::PgConnection;

use super::queries::{self, Told};
use super::rules::Treatment;
use super::{enter, take_off};
use crate::app::App;
use crate::auth::Caller;
use crate::error::{Error, Result};
use crate::features::boards::{self, Actor};
use crate::features::pages::PageForm;
use crate::features::pages::layout::{Lang, Look, page};
use crate::features::pages::words::moment;

/// Every route of the pages as `METHOD /path`, for the access file.
pub const ROUTES: &[&str] = &["GET /desk/words", "POST /desk/words", "POST /desk/words/{word}/end"];

/// The routes.
pub fn router() -> Router<App> {
    Router::new()
        .route("/desk/words", get(show).post(add))
        .route("/desk/words/{word}/end", post(end))
}

/// Whether a person has one of these duties at any board; without, there is nothing here.
async fn of_staff(
    connection: &mut PgConnection,
    caller: Caller,
    wanted: &[Actor],
) -> Result<Vec<Actor>> {
    let duties = boards::duties(connection, caller.person).await?;
    let actors: Vec<Actor> = duties.into_iter().map(|duty| duty.actor).collect();
    let has = actors.iter().any(|actor| wanted.contains(actor));
    let no = || Error::refuse(signaling::RefusalCode::NotFound, "there is nothing here for you");
    has.then_some(actors).ok_or_else(no)
}

async fn show(State(app): State<App>, caller: Caller, look: Look) -> Result<Response> {
    let lang = look.lang;
    let mut connection = app.db.acquire().await?;
    let readers = [Actor::Reviewer, Actor::Decider];
    let actors = of_staff(&mut connection, caller, &readers).await?;
    let changes = actors.contains(&Actor::Decider);
    let words = queries::told(&mut connection).await?;
    let title = lang.say("词表", "Word lists");
    let main = html! {
        h1 { (title) }
        p { (lang.say(
            "词表只用于人人可见的页面：留言、显示名、公开的答复。群聊、会议和与代表的交流从不检查。系统不自带词表；长号码（电话、证件、银行卡）总是遮盖。",
            "The lists are for what everybody reads: posts, names in front, published answers. Talks of groups, meetings and delegates are never looked at. None ships; long numbers are always covered.",
        )) }
        @if changes { (form(lang)) }
        @else { p { (lang.say("词表由上级复核人员修改。", "Whoever decides on appeals changes them.")) } }
        @for treatment in Treatment::ALL {
            @let of: Vec<&Told> =
                words.iter().filter(|told| told.treatment == treatment.word()).collect();
            section {
                h2 { (name(lang, *treatment)) " " span.board-meta { (of.len()) } }
                @if of.is_empty() { p { (lang.say("没有词。", "No word.")) } }
                ul.board-words { @for told in of { (entry(look, told, changes)) } }
            }
        }
        p { a href="/desk/board" { (lang.say("返回工作台", "Back to the desk")) } }
    };
    Ok(page(look, title, &main))
}

const fn name(lang: Lang, treatment: Treatment) -> &'static str {
    match treatment {
        Treatment::Block => lang.say(
            "拦截：不能提交，告诉作者是哪个词",
            "Block: not taken, the author is told the word",
        ),
        Treatment::Hold => lang.say(
            "待核：人工核对后才公开，告诉作者",
            "Hold: a person looks first, the author is told",
        ),
        Treatment::Mask => {
            lang.say("遮盖：公开页面上用＊代替", "Mask: covered where everybody reads")
        }
    }
}

fn entry(look: Look, told: &Told, changes: bool) -> Markup {
    let lang = look.lang;
    html! {
        li {
            strong { (told.word) } " "
            span.board-meta { (told.by) " · " (moment(lang, told.at)) }
            @if changes {
                form method="post" action={ "/desk/words/" (told.id) "/end" } {
                    button.button type="submit" aria-label={ (lang.say("移除：", "Take off: ")) (told.word) } {
                        (lang.say("移除", "Take off"))
                    }
                }
            }
        }
    }
}

fn form(lang: Lang) -> Markup {
    html! {
        form method="post" action="/desk/words" {
            div.field {
                label for="words" { (lang.say("添加词（每行一个）", "Add words (one a line)")) }
                textarea.input #words name="words" rows="4" required aria-describedby="words-hint" {}
                p.hint #words-hint {
                    (WORD_CHARS_MIN) "–" (WORD_CHARS_MAX)
                    (lang.say("个字；空格、标点、全角和大小写不影响识别。", " letters; spaces, signs, width and case make no difference."))
                }
            }
            fieldset {
                legend { (lang.say("怎样处理", "What to do")) }
                @for treatment in Treatment::ALL {
                    label.choice {
                        input type="radio" name="treatment" value=(treatment.word()) required;
                        (name(lang, *treatment))
                    }
                }
            }
            button.button.primary type="submit" { (lang.say("添加", "Add")) }
        }
    }
}

#[derive(Deserialize)]
struct WordsForm {
    #[serde(default)]
    words: String,
    #[serde(default)]
    treatment: String,
}

async fn add(
    State(app): State<App>,
    caller: Caller,
    PageForm(form): PageForm<WordsForm>,
) -> Result<Response> {
    let mut connection = app.db.acquire().await?;
    of_staff(&mut connection, caller, &[Actor::Decider]).await?;
    drop(connection);
    let treatment = Treatment::read(&form.treatment)?;
    enter(&app, caller.person, (&form.words, treatment)).await?;
    Ok(Redirect::to("/desk/words").into_response())
}

async fn end(State(app): State<App>, caller: Caller, Path(word): Path<String>) -> Result<Response> {
    let mut connection = app.db.acquire().await?;
    of_staff(&mut connection, caller, &[Actor::Decider]).await?;
    drop(connection);
    take_off(&app, caller.person, &word).await?;
    Ok(Redirect::to("/desk/words").into_response())
}
