//! Pages that the hub makes, complete without scripts: their frame, forms and refusals.
//!
//! Every form is sent back to its own origin and answered with a page or a redirect; what goes
//! wrong is a page too. A page never holds what its reader may not know of.

mod form;
pub(in crate::features) mod layout;
mod memory;
pub(in crate::features) mod words;

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Redirect, Response};
use http::{StatusCode, header};
use maud::html;
use signaling::RefusalCode;
use signaling::http::ErrorBody;

pub(in crate::features) use self::form::{PageForm, form_id, sought};
use self::layout::{Look, answer, problem};
pub(in crate::features) use self::memory::Asked;
pub use self::memory::PageMemory;

/// Bytes of a refusal that is turned into a page.
const REFUSAL_BYTES_MAX: usize = 16 * 1024;

/// Where these pages are.
const ROOTS: &[&str] = &[
    "/board",
    "/track",
    "/desk/board",
    "/delegates",
    "/threads",
    "/desk/delegate",
    "/desk/opinions",
    "/desk/liaison",
    "/desk/words",
];

/// Whether an address belongs to these pages.
fn is_page(path: &str) -> bool {
    let of = |root: &str| {
        path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    ROOTS.iter().any(|root| of(root))
}

/// Turns a refusal of one of these pages into a page that says what to do next.
pub async fn refusals_as_pages(request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let asked = request.uri().path_and_query().map_or(path.as_str(), |asked| asked.as_str());
    let asked = asked.to_owned();
    let accept = request.headers().get(header::ACCEPT).and_then(|kinds| kinds.to_str().ok());
    // A program that asks for no page keeps the words of the contract.
    if !is_page(&path) || !accept.is_some_and(|kinds| kinds.contains("text/html")) {
        return next.run(request).await;
    }
    let look = Look::of(request.headers());
    let response = next.run(request).await;
    let status = response.status();
    let kind = response.headers().get(header::CONTENT_TYPE);
    let json = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    if !json || status.is_success() {
        return response;
    }
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, REFUSAL_BYTES_MAX).await.unwrap_or_default();
    match serde_json::from_slice::<ErrorBody>(&bytes) {
        Ok(refusal) => refused(look, (&asked, status), &refusal),
        Err(_) => Response::from_parts(parts, Body::from(bytes)),
    }
}

fn refused(look: Look, (path, status): (&str, StatusCode), refusal: &ErrorBody) -> Response {
    let lang = look.lang;
    match refusal.code {
        RefusalCode::SignInRequired => {
            let to = own_address(path);
            return Redirect::to(&format!("/board/sign-in?to={to}")).into_response();
        }
        RefusalCode::SecondFactorRequired => return locked(look, path),
        _ => {}
    }
    let text = words::refusal(lang, refusal.code, &refusal.message);
    let main = html! {
        h1 { (lang.say("没有办成", "This did not work")) }
        (problem(lang, &text))
        @if let Some(incident) = &refusal.incident {
            p { (lang.say("编号：", "Incident: ")) (incident) }
        }
        p { (lang.say(
            "请用浏览器的“返回”回到上一页，您写的内容还在。",
            "Go back with your browser; what you wrote is still there.",
        )) }
        p { a.button href="/board" { (lang.say("返回留言板", "Back to the board")) } }
    };
    answer(look, status, lang.say("没有办成", "This did not work"), &main)
}

/// The page of a desk that is closed: the second factor opens it.
fn locked(look: Look, to: &str) -> Response {
    let lang = look.lang;
    let title = lang.say("打开工作台", "Open the desk");
    let main = html! {
        h1 { (title) }
        p { (lang.say(
            "请输入验证器里的6位动态验证码。还没有设置的，请先在网页端“工作台”中设置。",
            "Give the 6 digits of your authenticator application. If you have none, set it up on the desk of the web client first.",
        )) }
        form method="post" action="/desk/board/open" {
            input type="hidden" name="to" value=(own_address(to));
            div.field {
                label for="code" { (lang.say("动态验证码", "Code")) }
                input.input.code #code name="code" inputmode="numeric" maxlength="8"
                    autocomplete="one-time-code" required;
            }
            button.button.primary type="submit" { (lang.say("打开", "Open")) }
            a.button href="/desk" { (lang.say("设置验证器", "Set one up")) }
        }
    };
    answer(look, StatusCode::UNAUTHORIZED, title, &main)
}

/// An address of this site that a form asks to go back to; anything else leads to the board.
pub(in crate::features) fn own_address(to: &str) -> &str {
    let plain = to.chars().all(|c| c.is_ascii_alphanumeric() || "/-_?=.".contains(c));
    if plain && is_page(to.split('?').next().unwrap_or_default()) { to } else { "/board" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_of_these_are_gone_back_to() {
        for good in ["/board", "/board/new?kind=help", "/track/261124482913", "/desk/board"] {
            assert_eq!(own_address(good), good);
        }
        for bad in ["//evil.example", "https://evil.example", "/boards", "/desk", "/board\r\nx", ""]
        {
            assert_eq!(own_address(bad), "/board", "{bad:?}");
        }
    }
}
