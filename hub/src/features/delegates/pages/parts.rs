//! Pieces that several pages show: states, the talk, the opinion, the history.

use maud::{Markup, html};
use signaling::PersonId;
use signaling::event::chat::Message;
use signaling::limits::THREAD_PAGE_MESSAGES_MAX;
use signaling::{OrganisationId, RoomId};
use sqlx::PgConnection;
use time::Date;

use super::words;
use crate::error::Result;
use crate::features::boards;
use crate::features::delegates::queries::{self, Listed, ThreadRow, Told};
use crate::features::delegates::rules::is_overdue;
use crate::features::delegates::types::{Actor, Choice, State};
use crate::features::organisations;
use crate::features::pages::layout::{Lang, Look, lines};
use crate::features::policies::WorkingDays;

/// The word of a state, with a mark where it is overdue.
pub(super) fn state_mark(lang: Lang, state: State, late: bool) -> Markup {
    let class = match (late, state.is_done()) {
        (true, _) => "board-state late",
        (_, true) => "board-state done",
        _ => "board-state",
    };
    html! {
        span class=(class) {
            (words::state(lang, state))
            @if late { " · " (lang.say("已超期", "overdue")) }
        }
    }
}

/// Days that a wait has left, in working days.
pub(super) fn days_left(lang: Lang, days: &WorkingDays, (today, due): (Date, Date)) -> String {
    words::left(lang, (days.between(today, due), days.between(due, today)))
}

/// Where a thread stands, and what is awaited until when.
pub(super) fn standing(look: Look, row: &ThreadRow, today: Date) -> Markup {
    let lang = look.lang;
    let awaited = words::awaited(lang, (row.thread.state, row.thread.due));
    html! {
        p { (state_mark(lang, row.thread.state, is_overdue(&row.thread, today))) }
        @if let Some(awaited) = awaited { p { strong { (awaited) } } }
    }
}

/// What the two said, as a chat.
pub(super) async fn talk(
    connection: &mut PgConnection,
    look: Look,
    row: &ThreadRow,
    reader: PersonId,
) -> Result<Markup> {
    let lang = look.lang;
    let of = (RoomId(row.id), THREAD_PAGE_MESSAGES_MAX);
    let said = queries::messages(connection, of).await?;
    Ok(html! {
        ol.talk aria-label=(lang.say("交流记录", "Messages")) {
            @for one in &said {
                @let own = one.author == reader;
                @let by_constituent = row.constituent == Some(one.author);
                li.talk-own[own] {
                    p.board-meta {
                        @if own { (lang.say("我", "I")) }
                        @else if by_constituent { (row.called) }
                        @else { (one.name) " · " (lang.say("党代表", "delegate")) }
                        " " (words::moment(lang, one.at))
                    }
                    (lines(&text_of(&one.body)))
                }
            }
        }
    })
}

fn text_of(body: &str) -> String {
    serde_json::from_str::<Message>(body).map(|message| message.text).unwrap_or_default()
}

/// The exact text of an opinion, as the office reads it.
pub(super) fn opinion(lang: Lang, row: &ThreadRow, office: &str, named: bool) -> Markup {
    html! {
        blockquote.board-card {
            p.board-meta { (lang.say("致：", "To: ")) (office) }
            @if let Some(opinion) = &row.opinion { (lines(opinion)) }
            p.board-meta {
                (lang.say("反映人：", "From: "))
                @if named { (row.called) } @else { (lang.say("不署名", "no name")) }
            }
        }
    }
}

/// Opinion, answer and outcome, as far as they have come.
pub(super) fn papers(lang: Lang, row: &ThreadRow, office: Option<&str>) -> Markup {
    let sent = matches!(row.thread.choice, Some(Choice::Named | Choice::Unnamed));
    let named = row.thread.choice == Some(Choice::Named);
    html! {
        @if let (true, Some(office)) = (sent, office) {
            section aria-labelledby="opinion" {
                h2 #opinion { (lang.say("转交单位的意见", "The opinion as it was sent")) }
                (opinion(lang, row, office, named))
            }
            @if let Some(answer) = &row.answer {
                section.board-card.board-reply aria-labelledby="answer" {
                    h2 #answer { (office) (lang.say("的答复", " answered")) }
                    (lines(answer))
                }
            }
        }
        @if let Some(outcome) = &row.outcome {
            section.board-card.board-reply aria-labelledby="outcome" {
                h2 #outcome { (lang.say("代表反馈的结果", "The outcome, from the delegate")) }
                (lines(outcome))
            }
        }
        @if let Some(stars) = row.thread.rating {
            p { (lang.say("群众评价：", "Rated: ")) (stars) " / 5" }
        }
        @if let (State::Ended | State::Turned, Some(reason)) =
            (row.thread.state, &row.ended_reason) {
            section.board-card aria-labelledby="ended" {
                h2 #ended { (lang.say("终止的理由", "Why it was ended")) }
                (lines(reason))
            }
        }
    }
}

/// Whether a reader may know of a step.
fn is_shown(reader: Actor, told: &Told) -> bool {
    let word = told.step.as_str();
    match reader {
        Actor::Office => matches!(
            word,
            "send_named" | "send_unnamed" | "office_answer" | "extend" | "decline" | "close"
        ),
        Actor::Liaison => {
            matches!(
                word,
                "begin"
                    | "receive"
                    | "end"
                    | "turn"
                    | "to_liaison"
                    | "pass_on"
                    | "succeeded"
                    | "ending_stands"
                    | "ending_lifted"
            )
        }
        _ => true,
    }
}

/// Whether a reader may read the words of a step: what somebody tells the liaison office of a
/// delegate is not the delegate's.
fn is_text_for(reader: Actor, told: &Told) -> bool {
    match (reader, told.step.as_str()) {
        // Answer and outcome stand above as papers.
        (Actor::Delegate, "turn") | (_, "office_answer" | "close") => false,
        _ => true,
    }
}

/// The history as a list.
pub(super) fn told(lang: Lang, history: &[Told], reader: Actor) -> Markup {
    let passed = |told: &Told| matches!(told.step.as_str(), "pass_on" | "succeeded");
    html! {
        ol.board-history {
            @for told in history.iter().filter(|told| is_shown(reader, told)) {
                li {
                    span.board-meta { (words::moment(lang, told.at)) } " "
                    strong { (words::step(lang, told)) }
                    @if passed(told) { (told.delegate) }
                    @if let Some(office) = &told.office { " → " (office) }
                    @if let (Some(text), true) = (&told.text, is_text_for(reader, told)) {
                        (lines(text))
                    }
                }
            }
        }
    }
}

/// Cards of a list.
pub(super) fn cards(
    look: Look,
    rows: &[&Listed],
    (root, with_caller): (&str, bool),
    (days, today, current): (&WorkingDays, Date, Option<uuid::Uuid>),
) -> Markup {
    let lang = look.lang;
    html! {
        @for row in rows {
            @let late = row.state.is_owed() && row.due.is_some_and(|due| today > due);
            article.board-card aria-current=[(current == Some(row.id)).then_some("true")] {
                h3 { a href={ (root) "/" (row.id) } { (row.subject) } }
                p.board-meta {
                    @if with_caller { (row.called) @if row.visitor {
                        (lang.say("（来访）", " (visitor)")) } }
                    @else { (row.delegate) " · " (lang.say("党代表", "delegate")) }
                    " " (state_mark(lang, row.state, late))
                    @if let Some(due) = row.due {
                        " " (days_left(lang, days, (today, due)))
                    }
                    @if row.level > 0 { " · " (lang.say("已提醒", "reminded")) }
                    @if row.due.is_none() { " " (words::moment(lang, row.changed_at)) }
                }
            }
        }
    }
}

/// A field of several lines.
pub(super) fn text_field(id: &str, label: &str, hint: Option<&str>) -> Markup {
    let described = hint.map(|_| format!("{id}-hint"));
    html! {
        div.field {
            label for=(id) { (label) }
            textarea.input id=(id) name="text" rows="4" maxlength="2000" required
                aria-describedby=[described.as_deref()] {}
            @if let (Some(hint), Some(id)) = (hint, &described) { p.hint id=(id) { (hint) } }
        }
    }
}

/// Offices to choose from.
pub(super) fn office_field(lang: Lang, offices: &[boards::Place]) -> Markup {
    html! {
        div.field {
            label for="office" { (lang.say("转交给", "For the office")) }
            select.input #office name="office" required {
                @for office in offices { option value=(office.id.uuid()) { (office.name) } }
            }
        }
    }
}

/// Name of an office.
pub(super) async fn office_name(
    connection: &mut PgConnection,
    office: Option<OrganisationId>,
) -> Result<Option<String>> {
    let Some(office) = office else { return Ok(None) };
    Ok(organisations::name(connection, office).await?.map(|office| office.name))
}
