//! The frame of every page: language, look, head and foot. No script, no inline style.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse as _, Response};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// The language of a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::features) enum Lang {
    #[default]
    Zh,
    En,
}

impl Lang {
    /// The text in this language.
    pub(in crate::features) const fn say(self, zh: &'static str, en: &'static str) -> &'static str {
        match self {
            Self::Zh => zh,
            Self::En => en,
        }
    }
}

const SIZES: [&str; 4] = ["std", "lg", "xl", "xxl"];
const THEMES: [&str; 3] = ["light", "dark", "contrast"];
const COOKIE: &str = "lianxin-look";
const LOOK_AGE_S: i64 = 31_536_000;

/// How this browser wants to read: kept in a cookie that holds nothing else and that the web client
/// writes too (`web-client/src/settings/look.ts`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::features) struct Look {
    pub lang: Lang,
    size: &'static str,
    theme: &'static str,
}

impl Look {
    /// The look that a cookie's value or the parts of an address name; what is unknown is left out.
    fn with<'a>(mut self, parts: impl Iterator<Item = &'a str>) -> Self {
        for part in parts {
            match part {
                "en" => self.lang = Lang::En,
                "zh" => self.lang = Lang::Zh,
                _ => {
                    if let Some(size) = SIZES.iter().find(|size| **size == part) {
                        self.size = size;
                    }
                    if let Some(theme) = THEMES.iter().find(|theme| **theme == part) {
                        self.theme = theme;
                    }
                }
            }
        }
        self
    }

    /// From the cookies of a request.
    pub(in crate::features) fn of(headers: &HeaderMap) -> Self {
        let plain = Self { lang: Lang::Zh, size: "std", theme: "light" };
        let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
        let found = lines
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(name, _)| *name == COOKIE);
        found.map_or(plain, |(_, value)| plain.with(value.split('.')))
    }

    /// The look changed as an address says.
    pub(in crate::features) fn changed(self, to: &str) -> Self {
        self.with(to.split('.'))
    }

    /// A `Set-Cookie` that keeps the look.
    pub(in crate::features) fn cookie(self) -> Option<HeaderValue> {
        let lang = self.lang.say("zh", "en");
        let Self { size, theme, .. } = self;
        HeaderValue::from_str(&format!(
            "{COOKIE}={lang}.{size}.{theme}; Path=/; Max-Age={LOOK_AGE_S}; SameSite=Lax"
        ))
        .ok()
    }
}

impl<S: Sync> FromRequestParts<S> for Look {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.headers))
    }
}

/// Colours, sizes and pieces of the web client, and what only these pages have.
pub(in crate::features) const STYLE: &str = concat!(
    include_str!("../../../../web-client/src/ui/tokens.css"),
    include_str!("../../../../web-client/src/ui/base.css"),
    include_str!("style.css")
);

/// A page in its frame.
pub(in crate::features) fn page(look: Look, title: &str, main: &Markup) -> Response {
    answer(look, StatusCode::OK, title, main)
}

/// As [`page`], with a status of its own.
pub(in crate::features) fn answer(
    look: Look,
    status: StatusCode,
    title: &str,
    main: &Markup,
) -> Response {
    let lang = look.lang;
    let markup = html! {
        (DOCTYPE)
        html lang=(lang.say("zh-CN", "en")) data-size=(look.size) data-theme=(look.theme) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " · " (lang.say("连心", "Lianxin")) }
                link rel="stylesheet" href="/board/style.css";
                link rel="icon" href="/icon.svg" type="image/svg+xml";
                link rel="alternate" type="application/atom+xml" href="/board/feed.atom"
                    title=(lang.say("留言板", "Message board"));
            }
            body {
                a.skip href="#main" { (lang.say("跳到正文", "Skip to the text")) }
                (head(lang))
                main #main tabindex="-1" { (main) }
                (foot(look))
            }
        }
    };
    let html = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
    (status, html, markup.into_string()).into_response()
}

fn head(lang: Lang) -> Markup {
    html! {
        header.board-head {
            div.board-width {
                a.board-name href="/board" {
                    strong { (lang.say("连心", "Lianxin")) }
                    span { (lang.say("留言板 · 党代表", "Message board · Delegates")) }
                }
                nav aria-label=(lang.say("主要页面", "Main pages")) {
                    a href="/board" { (lang.say("全部留言", "All posts")) }
                    a href="/board/new" { (lang.say("我要留言", "Write a post")) }
                    a href="/track" { (lang.say("查询进度", "Follow a post")) }
                    a href="/board/statistics" { (lang.say("办理统计", "Statistics")) }
                    a href="/delegates" { (lang.say("找党代表", "Delegates")) }
                    a href="/threads" { (lang.say("我的事项", "My matters")) }
                }
            }
        }
    }
}

fn foot(look: Look) -> Markup {
    let lang = look.lang;
    let link = |to: &'static str, text: &'static str| {
        html! { a href={ "/board/look?to=" (to) } { (text) } }
    };
    html! {
        footer.board-foot {
            div.board-width {
                p {
                    (lang.say(
                        "后台实名、前台自愿：您的真实身份只用于核实，不会公开；页面上只显示您自选的名字。",
                        "Your real identity is only verified and never shown; the page shows the name you choose.",
                    ))
                }
                p.board-looks {
                    span { (lang.say("显示：", "Display: ")) }
                    (link("std", lang.say("标准字", "Normal text")))
                    (link("lg", lang.say("大字", "Large text")))
                    (link("xxl", lang.say("超大字", "Largest text")))
                    (link("light", lang.say("浅色", "Light")))
                    (link("dark", lang.say("深色", "Dark")))
                    (link("contrast", lang.say("高对比", "High contrast")))
                    a href=(lang.say("/board/look?to=en", "/board/look?to=zh"))
                        lang=(lang.say("en", "zh-CN")) { (lang.say("English", "中文")) }
                }
                p {
                    a href="/" { (lang.say("党员登录", "Members' sign-in")) }
                    " · "
                    a href="/desk/board" { (lang.say("工作人员入口", "For staff")) }
                    " · "
                    a href="/board/feed.atom" { (lang.say("订阅", "Feed")) }
                    " · " (lang.say("开放数据 ", "Open data "))
                    a href="/board/data.csv" { "CSV" } " "
                    a href="/board/data.json" { "JSON" }
                }
            }
        }
    }
}

/// The keys of a desk, shown where its script runs.
pub(in crate::features) fn desk_keys(lang: Lang) -> Markup {
    html! {
        details.desk-keys #desk-keys hidden {
            summary { (lang.say("快捷键（?）", "Keys (?)")) }
            dl {
                dt { kbd { "j" } } dd { (lang.say("下一条", "next")) }
                dt { kbd { "k" } } dd { (lang.say("上一条", "previous")) }
                dt { kbd { "Enter" } } dd { (lang.say("打开", "open")) }
                dt { kbd { "?" } } dd { (lang.say("显示或收起快捷键", "show or fold this list")) }
            }
            label.choice {
                input #desk-keys-off type="checkbox";
                (lang.say("关闭单键快捷键", "Turn single keys off"))
            }
        }
        script src="/board/desk.js" defer {}
    }
}

/// The script of [`desk_keys`].
pub(in crate::features) const DESK_SCRIPT: &str = include_str!("desk.js");

/// What keeps an open page current; `at_once`: for readers who are signed in also without waiting.
pub(in crate::features) fn live(lang: Lang, at_once: bool) -> Markup {
    html! {
        p.board-live #live role="status"
            data-new=(lang.say("页面已更新。", "This page was brought up to date."))
            data-waits=(lang.say(
                "这里有更新；您写完后刷新即可看到。",
                "There is something new; reload when you have finished writing.",
            ))
            data-source=[at_once.then_some("/board/moves")] {}
        script src="/board/live.js" defer {}
    }
}

/// The script of [`live`].
pub(in crate::features) const LIVE_SCRIPT: &str = include_str!("live.js");

/// A text of several lines.
pub(in crate::features) fn lines(text: &str) -> Markup {
    html! { div.board-text { @for line in text.split('\n') { p { (line) } } } }
}

/// A notice above what it is about.
pub(in crate::features) fn problem(lang: Lang, text: &str) -> Markup {
    html! {
        div.board-problem role="alert" {
            strong { "! " (lang.say("未能完成", "This did not work")) }
            p { (text) }
        }
    }
}

/// XML in a string: what maud escapes is enough for it too.
pub(in crate::features) fn xml(kind: &'static str, markup: &Markup) -> Response {
    let declared = html! { (PreEscaped("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n")) (markup) };
    ([(header::CONTENT_TYPE, kind)], declared.into_string()).into_response()
}
