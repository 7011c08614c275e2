//! The forms of a post at the desk, and what they do.

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;
use signaling::{OrganisationId, RefusalCode};

use super::layout::{Lang, lines};
use super::tracking::text_field;
use super::{PageForm, words};
use crate::app::App;
use crate::auth::{Caller, Granted, Role};
use crate::error::{Error, Result};
use crate::features::boards::people::Place;
use crate::features::boards::queries::{self, PostRow};
use crate::features::boards::reading::Told;
use crate::features::boards::steps::{self, Given, Taker};
use crate::features::boards::types::{Actor, Ground, State as PostState};
use crate::features::boards::{Assignment, Step, no_post};
use crate::features::text;

/// What whoever sits at the desk may do where the post stands.
pub(super) fn forms(
    lang: Lang,
    (row, history): (&PostRow, &[Told]),
    actors: &[Actor],
    offices: &[Place],
) -> Markup {
    let is = |actor: Actor| actors.contains(&actor);
    let (reviews, decides, handles) = (is(Actor::Reviewer), is(Actor::Decider), is(Actor::Office));
    let state = row.post.state;
    let to = |rest: &str| format!("/desk/board/{}/{rest}", row.number);
    let waits = matches!(
        state,
        PostState::Published | PostState::Accepted | PostState::Reassigned | PostState::Reopened
    );
    html! {
        @if reviews && state == PostState::Pending { (review_form(lang, &to("review"), row)) }
        @if (reviews || decides) && waits { (assign_form(lang, &to("assign"), row, offices)) }
        @if handles { (handle_forms(lang, &to("handle"), row)) }
        @if reviews && state == PostState::ReplyReview {
            (reply_review_form(lang, &to("reply-review"), history))
        }
        @if decides && state == PostState::Appealed { (appeal_form(lang, &to("appeal"))) }
        @if (reviews || decides) && state == PostState::HidingReview {
            (hiding_form(lang, &to("hiding")))
        }
        @if row.post.is_public() {
            details {
                summary { (lang.say("隐藏这条留言（立即生效，由另一人复核）", "Hide this post (at once; another person reviews it)")) }
                form method="post" action=(to("hide")) {
                    (ground_field(lang, "hide-ground"))
                    (text_field(lang, ("hide-text", "text"), lang.say("给留言人的说明（可不填）", "A word to its author (optional)"), false))
                    button.button type="submit" { (lang.say("立即隐藏", "Hide it now")) }
                }
            }
        }
    }
}

pub(super) fn ground_field(lang: Lang, id: &str) -> Markup {
    html! {
        div.field {
            label for=(id) { (lang.say("原因（公布的清单）", "Reason (published list)")) }
            select.input id=(id) name="ground" {
                @for ground in Ground::ALL {
                    option value=(ground.word()) { (words::ground(lang, *ground)) }
                }
            }
        }
    }
}

fn review_form(lang: Lang, to: &str, row: &PostRow) -> Markup {
    html! {
        form method="post" action=(to) {
            @if !row.post.private {
                button.button.primary type="submit" name="what" value="publish" {
                    (lang.say("通过并公开", "Publish"))
                }
            }
            button.button type="submit" name="what" value="accept_privately" {
                (lang.say("受理，不公开", "Accept privately"))
            }
        }
        form method="post" action=(to) {
            (ground_field(lang, "refuse-ground"))
            (text_field(lang, ("refuse-text", "text"), lang.say("给留言人的说明（可不填）", "A word to its author (optional)"), false))
            button.button type="submit" name="what" value="refuse" {
                (lang.say("不予公开", "Refuse"))
            }
        }
    }
}

fn assign_form(lang: Lang, to: &str, row: &PostRow, offices: &[Place]) -> Markup {
    html! {
        form method="post" action=(to) {
            div.field {
                label for="office" { (lang.say("转给", "Give it to")) }
                select.input #office name="office" {
                    @for place in offices {
                        option value=(place.id.uuid()) disabled[Some(place.id) == row.about
                            && row.kind == crate::features::boards::Kind::Complaint] { (place.name) }
                    }
                }
            }
            button.button.primary type="submit" { (lang.say("转办", "Assign")) }
        }
    }
}

fn handle_forms(lang: Lang, to: &str, row: &PostRow) -> Markup {
    let step =
        |value: &'static str, id: &'static str, label: &'static str, button: &'static str| {
            html! {
                form method="post" action=(to) {
                    (text_field(lang, (id, "text"), label, true))
                    button.button type="submit" name="what" value=(value) { (button) }
                }
            }
        };
    html! {
        @if row.post.state == PostState::Assigned {
            form method="post" action=(to) {
                button.button.primary type="submit" name="what" value="accept" {
                    (lang.say("受理", "Accept"))
                }
            }
            (step("not_ours", "not-ours", lang.say("不属于本单位职责的理由", "Why it is not for this office"),
                lang.say("退回重新转办", "Pass it on")))
        }
        @if row.post.state == PostState::InProgress {
            form method="post" action=(to) {
                (text_field(lang, ("reply-text", "text"), lang.say("答复", "Reply"), true))
                button.button.primary type="submit" name="what" value="draft_reply" {
                    (lang.say("送审", "Send to review"))
                }
            }
            @if !row.post.asked {
                (step("ask_back", "question", lang.say("请留言人补充什么", "What to ask its author"),
                    lang.say("请留言人补充（计时暂停，一次）", "Ask back (the clock stops, once)")))
            }
            @if !row.post.extended {
                (step("extend", "why-longer", lang.say("延期理由（公开）", "Why it takes longer (public)"),
                    lang.say("延长期限（一次）", "More time (once)")))
            }
        }
    }
}

fn reply_review_form(lang: Lang, to: &str, history: &[Told]) -> Markup {
    let draft = history.iter().rev().find(|told| told.step == "draft_reply");
    html! {
        @if let Some(draft) = draft.and_then(|told| told.text.as_deref()) {
            section.board-card.board-reply aria-labelledby="draft" {
                h3 #draft { (lang.say("待审核的答复", "Reply to review")) }
                (lines(draft))
            }
        }
        form method="post" action=(to) {
            button.button.primary type="submit" name="what" value="approve" {
                (lang.say("通过并答复", "Approve"))
            }
        }
        form method="post" action=(to) {
            (text_field(lang, ("return-text", "text"), lang.say("退回的理由", "Why it is returned"), true))
            button.button type="submit" name="what" value="return" { (lang.say("退回修改", "Return")) }
        }
    }
}

fn appeal_form(lang: Lang, to: &str) -> Markup {
    html! {
        form method="post" action=(to) {
            (text_field(lang, ("decision", "text"), lang.say("复核说明（留言人可见）", "The decision in words (its author reads it)"), true))
            button.button type="submit" name="what" value="stands" {
                (lang.say("维持原决定", "The decision stands"))
            }
            button.button.primary type="submit" name="what" value="lifted" {
                (lang.say("撤销原决定", "Lift the decision"))
            }
        }
    }
}

fn hiding_form(lang: Lang, to: &str) -> Markup {
    html! {
        form method="post" action=(to) {
            (text_field(lang, ("hiding", "text"), lang.say("复核说明（留言人可见）", "The decision in words (its author reads it)"), true))
            button.button type="submit" name="what" value="stands" {
                (lang.say("维持隐藏", "It stays hidden"))
            }
            button.button.primary type="submit" name="what" value="lifted" {
                (lang.say("恢复公开", "Make it public again"))
            }
        }
    }
}

/// The fields of any form of the desk.
#[derive(Default, Deserialize)]
pub(super) struct DeskForm {
    #[serde(default)]
    what: String,
    #[serde(default)]
    ground: String,
    #[serde(default)]
    text: String,
    #[serde(default)]
    office: String,
}

/// As what the access file lets somebody act.
const fn role_of(actor: Actor) -> Option<Role> {
    match actor {
        Actor::Reviewer => Some(Role::Reviewer),
        Actor::Decider => Some(Role::Decider),
        Actor::Office => Some(Role::Handler),
        Actor::Author | Actor::Clock => None,
    }
}

/// Takes a step as whatever the file, the rules and the person's duties allow; where nothing does,
/// it is as if there were no such post.
async fn take(
    app: &App,
    (caller, granted): (Caller, &Granted),
    (path, step): (&str, Step),
    form: &DeskForm,
) -> Result<Response> {
    let number = text::plain_number(path).ok_or_else(no_post)?;
    let mut connection = app.db.acquire().await?;
    let row = queries::post(&mut connection, number).await?.ok_or_else(no_post)?;
    let actors = steps::actors(&mut connection, caller.person, &row).await?;
    drop(connection);
    let lets = |actor: &Actor| {
        role_of(*actor).is_some_and(|role| granted.0.scope(role).is_some()) && step.may(*actor)
    };
    // Who may do it in two ways does it in the one that reaches further.
    let actor = actors.iter().copied().filter(lets).max().ok_or_else(no_post)?;
    let taker = Taker { actor, person: Some(caller.person) };
    let office = form.office.parse().ok().map(OrganisationId);
    let given = Given { text: Some(&form.text), office, edit: None };
    steps::take(app, taker, (number, step), given).await?;
    Ok(Redirect::to(&format!("/desk/board/{number}")).into_response())
}

fn unknown() -> Error {
    Error::refuse(RefusalCode::InvalidInput, "there is no such button")
}

fn ground_of(form: &DeskForm) -> Result<Ground> {
    Ok(Ground::read(&form.ground)?)
}

macro_rules! desk_steps {
    ($($(#[$doc:meta])* $name:ident: |$form:ident| $step:expr;)*) => {
        $($(#[$doc])*
        pub(super) async fn $name(
            State(app): State<App>,
            caller: Caller,
            granted: Granted,
            Path(path): Path<String>,
            PageForm($form): PageForm<DeskForm>,
        ) -> Result<Response> {
            let step = $step;
            take(&app, (caller, &granted), (&path, step), &$form).await
        })*
    };
}

desk_steps! {
    /// The review before publishing.
    review: |form| match form.what.as_str() {
        "publish" => Step::Publish,
        "accept_privately" => Step::AcceptPrivately,
        "refuse" => Step::Refuse(ground_of(&form)?),
        _ => return Err(unknown()),
    };
    /// Giving a post to an office.
    assign: |form| Step::Assign(Assignment { is_subject: false });
    /// What the office does.
    handle: |form| match form.what.as_str() {
        "accept" => Step::Accept,
        "not_ours" => Step::NotOurs,
        "ask_back" => Step::AskBack,
        "extend" => Step::Extend,
        "draft_reply" => Step::DraftReply,
        _ => return Err(unknown()),
    };
    /// The review of a reply.
    reply_review: |form| match form.what.as_str() {
        "approve" => Step::ApproveReply,
        "return" => Step::ReturnReply,
        _ => return Err(unknown()),
    };
    /// Hiding a public post at once.
    hide: |form| Step::Hide(ground_of(&form)?);
    /// The review of a hiding by another person.
    review_hiding: |form| match form.what.as_str() {
        "stands" => Step::ReviewHiding { stands: true },
        "lifted" => Step::ReviewHiding { stands: false },
        _ => return Err(unknown()),
    };
    /// The decision on an appeal.
    appeal: |form| match form.what.as_str() {
        "stands" => Step::DecideAppeal { stands: true },
        "lifted" => Step::DecideAppeal { stands: false },
        _ => return Err(unknown()),
    };
}
