//! Signing in from a page without scripts: number, code, name in front, agreement.

use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use http::header::{SET_COOKIE, USER_AGENT};
use http::{HeaderMap, StatusCode};
use maud::{Markup, html};
use serde::Deserialize;
use signaling::http::accounts::{CodeBy, FinishSignIn, StartSignIn};
use signaling::{PersonId, RefusalCode};
use uuid::Uuid;

use super::layout::{Lang, Look, answer, page, problem};
use super::{PageForm, own_address, words};
use crate::app::App;
use crate::auth::{Cookie, Visitor};
use crate::error::{Error, Fault, Result};
use crate::features::boards::people;
use crate::features::{accounts, text};
use crate::keys::secret;

#[derive(Deserialize)]
pub(super) struct To {
    #[serde(default)]
    to: String,
}

/// The first step: the telephone number.
pub(super) async fn ask(
    State(app): State<App>,
    visitor: Visitor,
    look: Look,
    Query(query): Query<To>,
) -> Result<Response> {
    let to = own_address(&query.to);
    if let Some(caller) = visitor.caller {
        let mut connection = app.db.acquire().await?;
        let name = people::display_name(&mut connection, caller.person).await?;
        // Only the rules of posting are missing.
        return Ok(match name {
            Some(_) => Redirect::to(to).into_response(),
            None => agreement(look, to, None),
        });
    }
    let title = look.lang.say("登录", "Sign in");
    Ok(page(look, title, &number_form(look.lang, (to, ""), None)))
}

fn number_form(lang: Lang, (to, phone): (&str, &str), trouble: Option<&str>) -> Markup {
    html! {
        h1 { (lang.say("用手机号登录", "Sign in with your telephone number")) }
        p { (lang.say(
            "留言需要核实手机号。手机号不会公开，页面上只显示您自选的名字。",
            "Posting needs a verified number. It is never shown; the page shows the name you choose.",
        )) }
        @if let Some(trouble) = trouble { (problem(lang, trouble)) }
        form method="post" action="/board/sign-in" {
            input type="hidden" name="to" value=(to);
            div.field {
                label for="phone" { (lang.say("手机号", "Telephone number")) }
                input.input.figure #phone name="phone" type="tel" inputmode="numeric"
                    autocomplete="tel" required value=(phone);
            }
            button.button.primary type="submit" name="by" value="sms" {
                (lang.say("发送验证码", "Send a code"))
            }
            button.button type="submit" name="by" value="call" {
                (lang.say("打电话告诉我验证码", "Tell me the code by telephone"))
            }
        }
    }
}

#[derive(Deserialize)]
pub(super) struct NumberForm {
    #[serde(default)]
    to: String,
    phone: String,
    #[serde(default)]
    by: String,
}

/// The second step: the code, and for a new account the name in front.
pub(super) async fn code(
    State(app): State<App>,
    visitor: Visitor,
    look: Look,
    PageForm(form): PageForm<NumberForm>,
) -> Result<Response> {
    let to = own_address(&form.to);
    let by = if form.by == "call" { CodeBy::Call } else { CodeBy::Sms };
    let ask = StartSignIn { phone: form.phone.clone(), by, invitation: None };
    let challenge = match accounts::ask_code_public(&app, &visitor, &ask).await {
        Ok(challenge) => challenge,
        Err(Error::Refused(refusal)) => {
            let trouble = words::refusal(look.lang, refusal.code, &refusal.detail);
            let main = number_form(look.lang, (to, &form.phone), Some(&trouble));
            let title = look.lang.say("登录", "Sign in");
            return Ok(answer(look, StatusCode::UNPROCESSABLE_ENTITY, title, &main));
        }
        Err(fault) => return Err(fault),
    };
    let sent = Sent { challenge: challenge.challenge, masked: &challenge.phone_masked, to };
    let mut response = page(
        look,
        look.lang.say("登录", "Sign in"),
        &code_form(look.lang, &sent, &CodeForm::default(), None),
    );
    if visitor.mark.is_none() {
        let mark = secret::<16>().map_err(Fault::new)?;
        if let Some(cookie) = app.cookies.set(Cookie::Visitor, &mark) {
            response.headers_mut().append(SET_COOKIE, cookie);
        }
    }
    Ok(response)
}

struct Sent<'a> {
    challenge: Uuid,
    masked: &'a str,
    to: &'a str,
}

#[derive(Default, Deserialize)]
pub(super) struct CodeForm {
    #[serde(default)]
    to: String,
    #[serde(default)]
    challenge: Uuid,
    #[serde(default)]
    masked: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    year: String,
    #[serde(default)]
    agree: String,
}

fn code_form(lang: Lang, sent: &Sent<'_>, form: &CodeForm, trouble: Option<&str>) -> Markup {
    html! {
        h1 { (lang.say("输入验证码", "Enter the code")) }
        @if let Some(trouble) = trouble { (problem(lang, trouble)) }
        p { (lang.say("验证码已发往 ", "The code was sent to ")) (sent.masked) }
        form method="post" action="/board/sign-in/code" {
            input type="hidden" name="to" value=(sent.to);
            input type="hidden" name="challenge" value=(sent.challenge);
            input type="hidden" name="masked" value=(sent.masked);
            div.field {
                label for="code" { (lang.say("6位验证码", "Code of 6 digits")) }
                input.input.code #code name="code" inputmode="numeric" maxlength="8"
                    autocomplete="one-time-code" required;
            }
            @if !is_staff(sent.to) { (account_fields(lang, form)) }
            button.button.primary type="submit" { (lang.say("登录", "Sign in")) }
        }
    }
}

/// Whoever goes to the desk needs no name in front.
fn is_staff(to: &str) -> bool {
    to.starts_with("/desk")
}

/// The fields of an account that may post.
fn account_fields(lang: Lang, form: &CodeForm) -> Markup {
    html! {
        div.field {
            label for="name" { (lang.say("显示名（公开，可自选）", "Name in front (public, free)")) }
            input.input #name name="name" maxlength="20" autocomplete="nickname" required value=(form.name);
            p.hint { (lang.say("1至20个字，不必是真名。", "1 to 20 characters; it need not be your real name.")) }
        }
        div.field {
            label for="year" { (lang.say("出生年份", "Year of birth")) }
            input.input.figure #year name="year" inputmode="numeric" maxlength="4" autocomplete="bday-year"
                required value=(form.year);
            p.hint { (lang.say(
                "只用来确认您已满14周岁，不会公开。",
                "Only to be sure that you are 14 or older; never shown.",
            )) }
        }
        label.choice for="agree" {
            input #agree type="checkbox" name="agree" value="yes" required checked[form.agree == "yes"];
            (lang.say("我已阅读并同意", "I have read and agree to ")) " "
            a href="/rules" { (lang.say("留言规则", "the rules")) } " "
            a href="/privacy" { (lang.say("个人信息说明", "the privacy page")) }
        }
    }
}

/// The last step: a session, and an account that may post.
pub(super) async fn finish(
    State(app): State<App>,
    visitor: Visitor,
    look: Look,
    headers: HeaderMap,
    PageForm(form): PageForm<CodeForm>,
) -> Result<Response> {
    let to = own_address(&form.to).to_owned();
    let agreed = if is_staff(&to) { Ok(None) } else { agreed(&app, &form).map(Some) };
    if let Some(caller) = visitor.caller {
        return match agreed {
            Ok(year) => {
                if let Some(year) = year {
                    people::agree(&app, caller.person, (&form.name, year)).await?;
                }
                Ok(Redirect::to(&to).into_response())
            }
            Err(Error::Refused(refusal)) => {
                let trouble = words::refusal(look.lang, refusal.code, &refusal.detail);
                Ok(agreement(look, &to, Some(&trouble)))
            }
            Err(fault) => Err(fault),
        };
    }
    match begun(&app, &visitor, (&form, agreed), &headers).await {
        Ok((_, secret)) => {
            let mut response = Redirect::to(&to).into_response();
            let cookie = app.cookies.set(Cookie::Session, &secret);
            let cookie = cookie.ok_or_else(|| Fault::new("write the session cookie"))?;
            response.headers_mut().append(SET_COOKIE, cookie);
            Ok(response)
        }
        Err(Error::Refused(refusal)) => {
            let trouble = words::refusal(look.lang, refusal.code, &refusal.detail);
            let sent = Sent { challenge: form.challenge, masked: &form.masked, to: &to };
            let main = code_form(look.lang, &sent, &form, Some(&trouble));
            let title = look.lang.say("登录", "Sign in");
            Ok(answer(look, StatusCode::UNPROCESSABLE_ENTITY, title, &main))
        }
        Err(fault) => Err(fault),
    }
}

/// The year of birth of who agreed, before any code is used up.
fn agreed(app: &App, form: &CodeForm) -> Result<i32> {
    if form.agree != "yes" {
        return Err(Error::refuse(RefusalCode::NameRequired, "agree to the rules of posting"));
    }
    text::name(&form.name)?;
    let year = form.year.trim().parse::<i32>();
    let year = year.map_err(|_| Error::refuse(RefusalCode::InvalidInput, "give a year"))?;
    people::may_post(year, app.clock.now())?;
    Ok(year)
}

async fn begun(
    app: &App,
    visitor: &Visitor,
    (form, agreed): (&CodeForm, Result<Option<i32>>),
    headers: &HeaderMap,
) -> Result<(PersonId, [u8; 32])> {
    let year = agreed?;
    let agent = headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    let finish = FinishSignIn {
        challenge: form.challenge,
        code: form.code.clone(),
        device_name: None,
        name: year.map(|_| text::name(&form.name)).transpose()?,
    };
    let device = accounts::device_name(None, agent);
    let signed_in = accounts::sign_in(app, visitor, &finish, device).await?;
    if let Some(year) = year {
        people::agree(app, signed_in.me.person, (&form.name, year)).await?;
    }
    Ok((signed_in.me.person, signed_in.secret))
}

/// For somebody who is signed in and never posted.
fn agreement(look: Look, to: &str, trouble: Option<&str>) -> Response {
    let lang = look.lang;
    let main = html! {
        h1 { (lang.say("开始留言之前", "Before you post")) }
        @if let Some(trouble) = trouble { (problem(lang, trouble)) }
        form method="post" action="/board/sign-in/code" {
            input type="hidden" name="to" value=(to);
            (account_fields(lang, &CodeForm::default()))
            button.button.primary type="submit" { (lang.say("继续", "Go on")) }
        }
    };
    page(look, lang.say("开始留言之前", "Before you post"), &main)
}
