//! Following a post: by number and passphrase for an hour, or signed in as its author.

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use http::header::SET_COOKIE;
use http::{HeaderMap, StatusCode};
use maud::{Markup, html};
use serde::Deserialize;

use super::layout::{Lang, Look, answer, lines, live, page, problem};
use super::public::{Reader, listed, progress, reply, state_mark, told};
use super::{PageForm, pictures, reporting, words};
use crate::app::App;
use crate::auth::{Cookie, Visitor};
use crate::error::{Error, Fault, Result};
use crate::features::boards::queries::{self, PostRow};
use crate::features::boards::steps::{self, Given, Taker};
use crate::features::boards::types::{Actor, State as PostState};
use crate::features::boards::{
    Step, is_overdue, look_up, no_post, picture_queries, posting, reading, reports,
};
use crate::features::policies::day_of;
use crate::features::text;

/// Posts of one's own that the page lists.
const OWN_ROWS: i64 = 50;

/// The look-up, and one's own posts for whoever is signed in.
pub(super) async fn ask(State(app): State<App>, visitor: Visitor, look: Look) -> Result<Response> {
    let (own, reported) = match visitor.caller {
        Some(caller) => {
            let mut connection = app.db.acquire().await?;
            let posts = reading::own(&mut connection, caller.person, OWN_ROWS).await?;
            (posts, reports::own(&mut connection, caller.person).await?)
        }
        None => (Vec::new(), Vec::new()),
    };
    let main = html! {
        (find_form(look.lang, "", None))
        @if !own.is_empty() {
            h2 { (look.lang.say("我的留言", "My posts")) }
            @for row in &own {
                (listed(look, row, &app))
                p { a href={ "/track/" (row.number) } {
                    (look.lang.say("查看进度、补充：", "Follow and add: "))
                    (words::number(row.number))
                } }
            }
        }
        (reporting::own(look.lang, &reported))
    };
    Ok(page(look, look.lang.say("查询进度", "Follow a post"), &main))
}

fn find_form(lang: Lang, number: &str, trouble: Option<&str>) -> Markup {
    html! {
        h1 { (lang.say("查询进度", "Follow a post")) }
        @if let Some(trouble) = trouble { (problem(lang, trouble)) }
        form method="post" action="/track" {
            div.field {
                label for="number" { (lang.say("编号", "Number")) }
                input.input.figure #number name="number" inputmode="numeric" required
                    autocomplete="off" value=(number);
                p.hint { (lang.say("12位数字，例如 261124-482913", "12 digits, e.g. 261124-482913")) }
            }
            div.field {
                label for="phrase" { (lang.say("查询口令", "Passphrase")) }
                input.input.figure #phrase name="phrase" required autocomplete="off"
                    autocapitalize="characters" spellcheck="false";
                p.hint { (lang.say("提交留言时显示的10位字母和数字", "The 10 characters shown when it was sent")) }
            }
            button.button.primary.wide type="submit" { (lang.say("查询", "Follow")) }
        }
    }
}

#[derive(Deserialize)]
pub(super) struct FindForm {
    #[serde(default)]
    number: String,
    #[serde(default)]
    phrase: String,
}

/// Number and passphrase: right together, or not.
pub(super) async fn find(
    State(app): State<App>,
    visitor: Visitor,
    look: Look,
    PageForm(form): PageForm<FindForm>,
) -> Result<Response> {
    match look_up(&app, &visitor, (&form.number, &form.phrase)).await {
        Ok(number) => {
            let mut response = Redirect::to(&format!("/track/{number}")).into_response();
            let cookie = app.cookies.set(Cookie::Track, &posting::pass(&app, number));
            let cookie = cookie.ok_or_else(|| Fault::new("write the cookie of a look-up"))?;
            response.headers_mut().append(SET_COOKIE, cookie);
            Ok(response)
        }
        Err(Error::Refused(refusal)) => {
            let trouble = words::refusal(look.lang, refusal.code, &refusal.detail);
            let status = StatusCode::from_u16(refusal.code.http_status());
            let main = find_form(look.lang, &form.number, Some(&trouble));
            let title = look.lang.say("查询进度", "Follow a post");
            Ok(answer(look, status.unwrap_or(StatusCode::NOT_FOUND), title, &main))
        }
        Err(fault) => Err(fault),
    }
}

/// The post that this browser may follow: with a pass for it, or signed in as its author.
pub(super) async fn followed(
    app: &App,
    (visitor, headers): (&Visitor, &HeaderMap),
    path: &str,
) -> Result<PostRow> {
    let number = text::plain_number(path).ok_or_else(no_post)?;
    let pass = app.cookies.read::<48>(Cookie::Track, headers);
    let passed = pass.and_then(|pass| posting::passed(app, &pass)) == Some(number);
    let mut connection = app.db.acquire().await?;
    let row = queries::post(&mut connection, number).await?.ok_or_else(no_post)?;
    let is_author = visitor.caller.is_some_and(|caller| caller.person == row.author);
    if passed || is_author { Ok(row) } else { Err(no_post()) }
}

/// The post with its whole story, and what its author may do now.
pub(super) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    look: Look,
    headers: HeaderMap,
    Path(path): Path<String>,
) -> Result<Response> {
    let lang = look.lang;
    let row = followed(&app, (&visitor, &headers), &path).await?;
    let mut connection = app.db.acquire().await?;
    let history = reading::history(&mut connection, row.id).await?;
    let shown = picture_queries::of(&mut connection, row.id).await?;
    let office = match row.office {
        Some(office) => Some(reading::name_of_place(&mut connection, office).await?),
        None => None,
    };
    let late = is_overdue(&row.post, day_of(app.clock.now()));
    let question = history.iter().rev().find(|told| told.step == "ask_back");
    let question = question.filter(|_| row.post.state == PostState::AwaitingAuthor);
    let title = lang.say("我的留言", "My post");
    let main = html! {
        h1 { (row.title) }
        (live(lang, visitor.caller.is_some()))
        p.board-meta {
            (lang.say("编号 ", "Number ")) (words::number(row.number)) " "
            (state_mark(look, row.post.state, late))
        }
        (progress(look, &row, office.as_deref()))
        @if let Some(ground) = row.ground.as_deref().filter(|_| is_refused(row.post.state)) {
            p { (lang.say("原因：", "Reason: ")) (words::ground_of(lang, ground)) }
        }
        @if let Some(question) = question.and_then(|told| told.text.as_deref()) {
            section.board-card aria-labelledby="question" {
                h2 #question { (lang.say("承办单位请您补充", "The office asks you")) }
                (lines(question))
            }
        }
        (reply(look, &row))
        (actions(lang, &row))
        @if !row.held.is_empty() && row.post.state == PostState::Pending {
            p { (lang.say("文中有需要人工核对的词，审核时会逐条看：", "Words that a person looks at before it is published: ")) (row.held.join("、")) }
        }
        h2 { (lang.say("留言原文", "The post")) }
        div.board-card { (lines(&row.body)) (pictures::shown(lang, ("/track", row.number), &shown)) }
        h2 { (lang.say("办理过程", "What happened")) }
        (told(look, history.iter(), Reader::Author))
    };
    Ok(page(look, title, &main))
}

/// Whether the reason stands above the post.
const fn is_refused(state: PostState) -> bool {
    matches!(state, PostState::Refused | PostState::Hidden | PostState::HidingReview)
}

/// What the author may do where the post stands.
fn actions(lang: Lang, row: &PostRow) -> Markup {
    let state = row.post.state;
    let to = |step: &str| format!("/track/{}/{step}", row.number);
    let adds = !state.is_done() && state != PostState::Replied;
    let withdraws = matches!(
        state,
        PostState::Pending | PostState::Refused | PostState::Published | PostState::Accepted
    );
    let appeals = matches!(state, PostState::Refused | PostState::Hidden) && !row.post.appealed;
    html! {
        @if state == PostState::Replied {
            form method="post" action=(to("rate")) {
                fieldset {
                    legend { (lang.say("您对答复满意吗？", "Are you satisfied with the reply?")) }
                    @for (stars, zh, en) in [(5, "很满意", "Very"), (4, "满意", "Yes"),
                        (3, "基本满意", "Somewhat"), (2, "不太满意", "Hardly"), (1, "不满意", "No")] {
                        label.choice {
                            input type="radio" name="stars" value=(stars) required;
                            (stars) " " (lang.say(zh, en))
                        }
                    }
                }
                (text_field(lang, ("comment", "comment"), lang.say("想说的话（可不填）", "A word (optional)"), false))
                button.button.primary.wide type="submit" { (lang.say("提交评价并办结", "Rate and close")) }
            }
            @if !row.post.reopened {
                form method="post" action=(to("unsatisfied")) {
                    (text_field(lang, ("why", "text"), lang.say("哪里没有解决？", "What was not solved?"), true))
                    button.button.wide type="submit" { (lang.say("不满意，请重新办理（一次）", "Not satisfied: reopen (once)")) }
                }
            }
        }
        @if adds {
            form method="post" action=(to("add")) {
                (text_field(lang, ("addition", "text"), lang.say("补充情况（不公开）", "Add something (not published)"), true))
                button.button.primary.wide type="submit" { (lang.say("提交补充", "Send the addition")) }
            }
        }
        @if state == PostState::Refused {
            form method="post" action=(to("edit")) {
                div.field {
                    label for="new-title" { (lang.say("修改标题", "Change the title")) }
                    input.input #new-title name="title" value=(row.title) required;
                }
                div.field {
                    label for="new-body" { (lang.say("修改正文", "Change the text")) }
                    textarea.input #new-body name="body" rows="8" required { (row.body) }
                }
                button.button.primary.wide type="submit" { (lang.say("修改后再提交", "Send it again")) }
            }
        }
        @if appeals {
            form method="post" action=(to("appeal")) {
                (text_field(lang, ("appeal-text", "text"), lang.say("申诉理由（只能申诉一次）", "Why you appeal (once)"), true))
                button.button.wide type="submit" { (lang.say("提出申诉", "Appeal")) }
            }
        }
        @if withdraws {
            form method="post" action=(to("withdraw")) {
                button.button.wide type="submit" { (lang.say("撤回留言", "Withdraw the post")) }
            }
        }
    }
}

/// A field of several lines.
pub(super) fn text_field(
    _lang: Lang,
    (id, name): (&str, &str),
    label: &str,
    required: bool,
) -> Markup {
    html! {
        div.field {
            label for=(id) { (label) }
            textarea.input id=(id) name=(name) rows="4" maxlength="2000" required[required] {}
        }
    }
}

/// What the author says with a step.
#[derive(Default, Deserialize)]
pub(super) struct AuthorForm {
    #[serde(default)]
    text: String,
    #[serde(default)]
    comment: String,
    #[serde(default)]
    stars: u8,
    #[serde(default)]
    title: String,
    #[serde(default)]
    body: String,
}

/// A step of the author from the page of a post.
struct Asked {
    app: App,
    visitor: Visitor,
    headers: HeaderMap,
    path: String,
    form: AuthorForm,
}

async fn take(asked: Asked, step: Step) -> Result<Response> {
    let Asked { app, visitor, headers, path, form } = asked;
    let row = followed(&app, (&visitor, &headers), &path).await?;
    let said = if form.text.is_empty() { &form.comment } else { &form.text };
    let edit = (step == Step::Edit).then_some((form.title.as_str(), form.body.as_str()));
    let given = Given { text: Some(said), office: None, edit };
    let taker = Taker { actor: Actor::Author, person: Some(row.author) };
    steps::take(&app, taker, (row.number, step), given).await?;
    Ok(Redirect::to(&format!("/track/{}", row.number)).into_response())
}

macro_rules! author_steps {
    ($($(#[$doc:meta])* $name:ident: |$form:ident| $step:expr;)*) => {
        $($(#[$doc])*
        pub(super) async fn $name(
            State(app): State<App>,
            visitor: Visitor,
            headers: HeaderMap,
            Path(path): Path<String>,
            PageForm($form): PageForm<AuthorForm>,
        ) -> Result<Response> {
            let step = $step;
            take(Asked { app, visitor, headers, path, form: $form }, step).await
        })*
    };
}

author_steps! {
    /// The author adds something.
    add: |form| Step::Add;
    /// The author rates, which closes the post.
    rate: |form| Step::Rate(form.stars);
    /// The author is not satisfied.
    unsatisfied: |form| Step::Unsatisfied;
    /// The author takes the post back.
    withdraw: |form| Step::Withdraw;
    /// The author changes a refused post.
    edit: |form| Step::Edit;
    /// The author appeals.
    appeal: |form| Step::Appeal;
}
