//! Writing a post in three steps without scripts: kind, text, check and send.

use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use http::StatusCode;
use maud::{Markup, html};
use serde::Deserialize;
use signaling::limits::{BOARD_BODY_CHARS_MAX, BOARD_TITLE_CHARS_MAX, BOARD_TITLE_CHARS_MIN};
use signaling::{OrganisationId, Refusal, RefusalCode};

use super::layout::{Lang, Look, answer, lines, page, problem};
use super::pictures::{self, SentForm};
use super::words;
use crate::app::App;
use crate::auth::Caller;
use crate::error::{Error, Result};
use crate::features::boards::people::{self, Place};
use crate::features::boards::types::{Actor, Kind};
use crate::features::boards::{Draft, Receipt, checked, reading, steps, submit};
use crate::features::moderation;
use crate::features::pages::form_id;

#[derive(Deserialize)]
pub(super) struct Begin {
    #[serde(default)]
    kind: String,
}

/// The fields of a post under way.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct PostForm {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    board: String,
    #[serde(default)]
    about: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    body: String,
    #[serde(default)]
    private: String,
    #[serde(default)]
    cid: String,
    #[serde(default)]
    step: String,
}

impl PostForm {
    /// Takes a field of a form that came with files.
    pub(super) fn take(&mut self, name: &str, value: String) {
        let field = match name {
            "kind" => &mut self.kind,
            "board" => &mut self.board,
            "about" => &mut self.about,
            "title" => &mut self.title,
            "body" => &mut self.body,
            "private" => &mut self.private,
            "cid" => &mut self.cid,
            "step" => &mut self.step,
            _ => return,
        };
        *field = value;
    }
}

/// What can be chosen from, and who writes.
struct Choices {
    name: String,
    boards: Vec<Place>,
    offices: Vec<Place>,
}

async fn choices(app: &App, caller: Caller) -> Result<Option<Choices>> {
    let mut connection = app.db.acquire().await?;
    let Some(name) = people::display_name(&mut connection, caller.person).await? else {
        return Ok(None);
    };
    let boards = people::places(&mut connection, Actor::Reviewer).await?;
    let offices = people::places(&mut connection, Actor::Office).await?;
    Ok(Some(Choices { name, boards, offices }))
}

fn to_sign_in() -> Response {
    Redirect::to("/board/sign-in?to=/board/new").into_response()
}

/// The first two steps: the kind, then the text.
pub(super) async fn begin(
    State(app): State<App>,
    caller: Caller,
    look: Look,
    Query(query): Query<Begin>,
) -> Result<Response> {
    let Some(choices) = choices(&app, caller).await? else { return Ok(to_sign_in()) };
    let title = look.lang.say("我要留言", "Write a post");
    let main = match Kind::of(&query.kind) {
        None => kinds(look.lang, &choices),
        Some(kind) => {
            let form = PostForm {
                kind: kind.word().to_owned(),
                cid: app.ids.next().simple().to_string(),
                ..PostForm::default()
            };
            text_form(look.lang, &choices, &form, None)
        }
    };
    Ok(page(look, title, &main))
}

fn kinds(lang: Lang, choices: &Choices) -> Markup {
    html! {
        h1 { (lang.say("我要留言（1/3）：选择类型", "Write a post (1/3): what kind")) }
        @if choices.boards.is_empty() {
            (problem(lang, lang.say("还没有开通留言板。", "No board is open yet.")))
        }
        form method="get" action="/board/new" {
            fieldset {
                legend { (lang.say("您要说的是", "What is it")) }
                @for kind in Kind::ALL {
                    label.choice {
                        input type="radio" name="kind" value=(kind.word()) required;
                        (words::kind(lang, *kind))
                    }
                }
            }
            button.button.primary.wide type="submit" { (lang.say("下一步", "Next")) }
        }
    }
}

fn text_form(lang: Lang, choices: &Choices, form: &PostForm, trouble: Option<&str>) -> Markup {
    let option = |place: &Place, chosen: &str| {
        let id = place.id.uuid().to_string();
        html! { option value=(id) selected[id == chosen] { (place.name) } }
    };
    html! {
        h1 { (lang.say("我要留言（2/3）：写内容", "Write a post (2/3): the text")) }
        @if let Some(trouble) = trouble { (problem(lang, trouble)) }
        form method="post" action="/board/new" {
            input type="hidden" name="kind" value=(form.kind);
            input type="hidden" name="cid" value=(form.cid);
            div.field {
                label for="board" { (lang.say("留言给", "To the board of")) }
                select.input #board name="board" {
                    @for place in &choices.boards { (option(place, &form.board)) }
                }
            }
            div.field {
                label for="about" { (lang.say("涉及的单位（可不选）", "Which office it is about (optional)")) }
                select.input #about name="about" {
                    option value="" { (lang.say("不确定", "Not sure")) }
                    @for place in &choices.offices { (option(place, &form.about)) }
                }
                p.hint { (lang.say(
                    "投诉不会只交给被投诉的单位办理。",
                    "A complaint is never left to whom it is about.",
                )) }
            }
            div.field {
                label for="title" { (lang.say("标题", "Title")) }
                input.input #title name="title" required value=(form.title)
                    minlength=(BOARD_TITLE_CHARS_MIN) maxlength=(BOARD_TITLE_CHARS_MAX);
                p.hint { (BOARD_TITLE_CHARS_MIN) "–" (BOARD_TITLE_CHARS_MAX)
                    (lang.say(" 个字", " characters")) }
            }
            div.field {
                label for="body" { (lang.say("正文", "Text")) }
                textarea.input #body name="body" required rows="8"
                    maxlength=(BOARD_BODY_CHARS_MAX) { (form.body) }
                p.hint { (lang.say(
                    "不超过2000字。图片在下一步选。请写清时间、地点和事情经过。请勿上传涉密或内部资料；电话和证件号码公开时会自动遮住。",
                    "At most 2,000 characters. Pictures are chosen on the next page. Say when, where and what. Nothing secret or internal; long numbers are masked.",
                )) }
            }
            label.choice {
                input type="checkbox" name="private" value="yes" checked[form.private == "yes"];
                (lang.say("不要公开，只让工作人员看到", "Do not publish; only staff may read it"))
            }
            button.button.primary.wide type="submit" name="step" value="check" {
                (lang.say("下一步：核对", "Next: check"))
            }
        }
    }
}

/// Checks the text, or sends it.
pub(super) async fn send(
    State(app): State<App>,
    caller: Caller,
    look: Look,
    SentForm { form, pictures }: SentForm,
) -> Result<Response> {
    let lang = look.lang;
    let Some(choices) = choices(&app, caller).await? else { return Ok(to_sign_in()) };
    let title = lang.say("我要留言", "Write a post");
    if form.step == "change" {
        return Ok(page(look, title, &text_form(lang, &choices, &form, None)));
    }
    let tried = match draft(&form) {
        Ok(draft) if form.step == "send" => {
            match submit(&app, caller.person, (&draft, &pictures)).await {
                Ok(receipt) => Ok(receipt_page(look, &receipt)),
                // The text is good: only the pictures are chosen again.
                Err(Error::Refused(refusal)) if is_about_pictures(refusal.code) => {
                    check_page(&app, look, (&choices, &form, &draft), Some(&refusal)).await
                }
                Err(error) => Err(error),
            }
        }
        Ok(draft) => check_page(&app, look, (&choices, &form, &draft), None).await,
        Err(error) => Err(error),
    };
    match tried {
        Ok(response) => Ok(response),
        Err(Error::Refused(refusal)) => {
            let trouble = words::refusal(lang, refusal.code, &refusal.detail);
            let main = text_form(lang, &choices, &form, Some(&trouble));
            let status = StatusCode::from_u16(refusal.code.http_status());
            Ok(answer(look, status.unwrap_or(StatusCode::BAD_REQUEST), title, &main))
        }
        Err(fault) => Err(fault),
    }
}

const fn is_about_pictures(code: RefusalCode) -> bool {
    matches!(
        code,
        RefusalCode::TooManyPictures
            | RefusalCode::TooLarge
            | RefusalCode::NotAPicture
            | RefusalCode::TooManyPixels
            | RefusalCode::PictureUnreadable
    )
}

fn draft(form: &PostForm) -> Result<Draft> {
    let place = |text: &str| text.parse::<uuid::Uuid>().ok().map(OrganisationId);
    let no = || Error::refuse(RefusalCode::InvalidInput, "choose a board of the list");
    checked(&Draft {
        board: place(&form.board).ok_or_else(no)?,
        about: place(&form.about),
        cid: form_id(&form.cid)?,
        kind: Kind::read(&form.kind)?,
        title: form.title.clone(),
        body: form.body.clone(),
        private: form.private == "yes",
        pictures: Vec::new(),
    })
}

async fn check_page(
    app: &App,
    look: Look,
    (choices, form, draft): (&Choices, &PostForm, &Draft),
    trouble: Option<&Refusal>,
) -> Result<Response> {
    let lang = look.lang;
    let mut connection = app.db.acquire().await?;
    let lists = moderation::lists(&mut connection).await?;
    let held = match moderation::check(&lists, &[&draft.title, &draft.body, &choices.name]) {
        Ok(held) => held,
        Err(refusal) => {
            let trouble = words::refusal(lang, refusal.code, &refusal.detail);
            let title = lang.say("我要留言", "Write a post");
            let main = text_form(lang, choices, form, Some(&trouble));
            return Ok(answer(look, StatusCode::UNPROCESSABLE_ENTITY, title, &main));
        }
    };
    let shown = (lists.public(&draft.title), lists.public(&draft.body));
    let covered = shown.0 != draft.title || shown.1 != draft.body;
    let alike = reading::similar(&mut connection, &draft.title).await?;
    let now = app.clock.now();
    let (numbers, _) = steps::numbers(&mut connection, draft.board, now).await?;
    let title = lang.say("我要留言（3/3）：核对并提交", "Write a post (3/3): check and send");
    let main = html! {
        h1 { (title) }
        @if let Some(trouble) = trouble {
            (problem(lang, &words::refusal(lang, trouble.code, &trouble.detail)))
            p { (lang.say("请重新选择图片。", "Choose the pictures again.")) }
        }
        @if !alike.is_empty() {
            div.board-card {
                p { (lang.say("已有相近的留言，您也可以直接附议：", "These posts look alike; you may support one instead:")) }
                ul { @for (number, title) in &alike {
                    li { a href={ "/board/" (number) } { (title) } }
                } }
            }
        }
        div.board-card {
            span.board-state { (words::kind(lang, draft.kind)) }
            h2 { (shown.0) }
            (lines(&shown.1))
            p.board-meta { (lang.say("显示名：", "Name in front: ")) (choices.name) }
            @if covered && !draft.private { p { (lang.say(
                "长号码和词表中的词公开时用＊遮盖，办理人员看到原文。",
                "Long numbers and words of a list are covered where everybody reads; whoever works on it reads your text.",
            )) } }
            @if !held.is_empty() { p { (lang.say(
                "文中有需要人工核对的词，审核时会看：",
                "Words that a person looks at before it is published: ",
            )) (held.join("、")) } }
            @if draft.private { p { strong { (lang.say("不公开", "Not published")) } } }
        }
        p { (lang.say(
            "您的真实身份只留在后台，页面上只显示显示名。",
            "Your real identity stays behind; the page shows the name in front.",
        )) }
        p { (lang.say("提交以后：", "What happens next: "))
            (lang.say("先审核（", "a review (")) (numbers.review_days)
            (lang.say("个工作日内），再转给承办单位，受理后", " working day), then an office; once it accepts it answers within "))
            (numbers.answer_days) (lang.say("个工作日内答复。", " working days.")) }
        (sending_form(lang, form))
    };
    let status = trouble.map(|trouble| StatusCode::from_u16(trouble.code.http_status()));
    let status = status.and_then(Result::ok).unwrap_or(StatusCode::OK);
    Ok(answer(look, status, title, &main))
}

/// Carries the checked text, takes the pictures, and sends or goes back.
fn sending_form(lang: Lang, form: &PostForm) -> Markup {
    let field = |name: &'static str, value: &str| {
        html! { input type="hidden" name=(name) value=(value); }
    };
    html! {
        form method="post" action="/board/new" enctype="multipart/form-data" {
            (field("kind", &form.kind)) (field("board", &form.board)) (field("about", &form.about))
            (field("title", &form.title)) (field("body", &form.body))
            (field("private", &form.private)) (field("cid", &form.cid))
            (pictures::fields(lang))
            button.button.primary.wide type="submit" name="step" value="send" {
                (lang.say("提交留言", "Send the post"))
            }
            button.button.wide type="submit" name="step" value="change" {
                (lang.say("返回修改", "Change it"))
            }
        }
    }
}

/// The receipt: number and passphrase, the latter once.
fn receipt_page(look: Look, receipt: &Receipt) -> Response {
    let lang = look.lang;
    let title = lang.say("留言已提交", "The post was sent");
    let main = html! {
        h1 { (title) }
        div.board-receipt {
            p { (lang.say("编号", "Number"))
                span.board-figure #number { (words::number(receipt.number)) } }
            @match &receipt.phrase {
                Some(phrase) => {
                    p { (lang.say("查询口令（只显示这一次）", "Passphrase (shown only this once)"))
                        span.board-figure #phrase { (phrase) } }
                    p { (lang.say(
                        "请现在抄下或打印这一页。凭编号和口令可以在任何设备上查询进度。",
                        "Write this down or print this page now. Number and passphrase let you follow it on any device.",
                    )) }
                }
                None => p { (lang.say(
                    "这份表单已经提交过，口令只在第一次显示。登录后也可以在“查询进度”中看到它。",
                    "This form was sent before; the passphrase was shown then. Signed in you find the post under “Follow a post”.",
                )) }
            }
        }
        p { a.button.primary href="/track" { (lang.say("查询进度", "Follow the post")) } " "
            a.button href="/board" { (lang.say("返回留言板", "Back to the board")) } }
    };
    page(look, title, &main)
}
