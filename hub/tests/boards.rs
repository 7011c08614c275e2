//! A board through the doors of a whole hub: posting without scripts, review, an office, following
//! by number and passphrase, and who is told that there is nothing.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that fails may end")]

use std::sync::Arc;

use hub::app::MockClock;
use hub::features::boards::{self, Actor, Duty};
use hub::testing::{TestAnswer, TestBrowser, TestHub, found};
use serde_json::Value;
use signaling::OrganisationId;
use time::Duration;
use time::macros::datetime;

const ADMIN: &str = "10000000100";
const REVIEWER: &str = "10000000201";
const OFFICE: &str = "10000000202";
const OTHER_OFFICE: &str = "10000000203";
const DECIDER: &str = "10000000204";
const AUTHOR: &str = "10000000205";

struct Town {
    hub: TestHub,
    clock: Arc<MockClock>,
    board: OrganisationId,
    station: OrganisationId,
    village: OrganisationId,
}

fn id(of: &Value) -> OrganisationId {
    OrganisationId(of.as_str().expect("an id").parse().expect("an id"))
}

/// A town whose board is reviewed, with two offices below it.
async fn town() -> Town {
    let (hub, clock) = TestHub::start_at(datetime!(2026-11-24 01:00 UTC)).await;
    hub.administrator("司徒宁安", ADMIN).await;
    let mut admin = hub.at_desk(ADMIN).await;
    let county = found(&mut admin, "county_committee", "中共云禾县委员会", &Value::Null).await;
    let town = found(&mut admin, "grassroots_committee", "中共云禾县听澜镇委员会", &county).await;
    let station = found(&mut admin, "branch", "听澜镇水务服务站支部", &town).await;
    let village = found(&mut admin, "branch", "中共清泉村支部委员会", &town).await;
    let (town, station, village) = (id(&town), id(&station), id(&village));
    let duty = |organisation, actor| Duty { organisation, actor };
    hub.board_staff(("林禾川", REVIEWER), duty(town, Actor::Reviewer)).await;
    hub.board_staff(("韩一舟", DECIDER), duty(town, Actor::Decider)).await;
    hub.board_staff(("江可宁", OFFICE), duty(station, Actor::Office)).await;
    hub.board_staff(("苏朗溪", OTHER_OFFICE), duty(village, Actor::Office)).await;
    Town { hub, clock, board: town, station, village }
}

/// A browser that asks for pages.
fn paged(mut browser: TestBrowser) -> TestBrowser {
    browser.headers.insert("accept", "text/html".parse().expect("a header"));
    browser
}

/// What stands in the element with this id, up to the next tag.
fn by_id(page: &str, id: &str) -> String {
    let mark = format!("id=\"{id}\"");
    let rest = page.split(&mark).nth(1).unwrap_or_else(|| panic!("no {id} in {page}"));
    let rest = rest.split_once('>').expect("a tag").1;
    rest.split('<').next().unwrap_or_default().to_owned()
}

fn hidden(page: &str, name: &str) -> String {
    let mark = format!("name=\"{name}\" value=\"");
    let rest = page.split(&mark).nth(1).unwrap_or_else(|| panic!("no {name} in {page}"));
    rest.split('"').next().unwrap_or_default().to_owned()
}

fn place(answer: &TestAnswer) -> &str {
    answer.headers.get("location").and_then(|to| to.to_str().ok()).unwrap_or_default()
}

/// A visitor who signs in with a number that nobody knows and may post afterwards.
async fn visitor(town: &Town, phone: &str) -> TestBrowser {
    let mut browser = paged(town.hub.browser());
    let page = browser.form("/board/sign-in", &[("to", "/board/new"), ("phone", phone)]).await;
    assert_eq!(page.status, 200, "{}", page.text);
    let challenge = hidden(&page.text, "challenge");
    let console = town.hub.app.delivery.console().expect("a console");
    let (_, code) = console.recent().into_iter().next().expect("a code");
    let fields = [
        ("to", "/board/new"),
        ("challenge", challenge.as_str()),
        ("code", code.as_str()),
        ("name", "清泉村民"),
        ("year", "1968"),
        ("agree", "yes"),
    ];
    let done = browser.form("/board/sign-in/code", &fields).await;
    assert_eq!((done.status.as_u16(), place(&done)), (303, "/board/new"), "{}", done.text);
    browser
}

const TITLE: &str = "清泉村三组饮水管漏水已五天";

/// Sends a post; returns number and passphrase.
async fn post(town: &Town, browser: &mut TestBrowser, kind: &str, about: &str) -> (String, String) {
    let form = browser.get(&format!("/board/new?kind={kind}")).await;
    assert_eq!(form.status, 200, "{}", form.text);
    let (cid, board) = (hidden(&form.text, "cid"), town.board.uuid().to_string());
    let body = "村口主管漏水,电话 10012345678 <script>alert(1)</script>";
    let step = |step| {
        [
            ("kind", kind),
            ("board", &board),
            ("about", about),
            ("title", TITLE),
            ("body", body),
            ("private", ""),
            ("cid", &cid),
            ("step", step),
        ]
    };
    let check = browser.form("/board/new", &step("check")).await;
    assert_eq!(check.status, 200, "{}", check.text);
    let sent = browser.form("/board/new", &step("send")).await;
    assert_eq!(sent.status, 200, "{}", sent.text);
    let (number, phrase) = (by_id(&sent.text, "number"), by_id(&sent.text, "phrase"));
    // The same form again is the same post, and the passphrase is not shown twice.
    let again = browser.form("/board/new", &step("send")).await;
    assert_eq!(by_id(&again.text, "number"), number);
    assert!(!again.text.contains(&phrase));
    (number.replace('-', ""), phrase)
}

async fn at_desk(desk: &mut TestBrowser, number: &str, rest: &str, fields: &[(&str, &str)]) {
    let done = desk.form(&format!("/desk/board/{number}/{rest}"), fields).await;
    assert_eq!(done.status, 303, "{rest}: {}", done.text);
}

/// A browser that knows nothing but number and passphrase.
async fn following(town: &Town, (number, phrase): (&str, &str)) -> TestBrowser {
    let mut browser = paged(town.hub.browser());
    let typed = phrase.to_lowercase().replace('-', " ");
    let found = browser.form("/track", &[("number", number), ("phrase", &typed)]).await;
    assert_eq!((found.status.as_u16(), place(&found)), (303, &*format!("/track/{number}")));
    browser
}

#[tokio::test]
async fn a_post_goes_from_a_visitor_to_its_close_and_its_author_follows_without_an_account() {
    let town = town().await;
    let mut author = visitor(&town, AUTHOR).await;
    let (number, phrase) = post(&town, &mut author, "help", "").await;
    let public = format!("/board/{number}");
    let mut stranger = paged(town.hub.browser());
    assert_eq!(stranger.get(&public).await.status, 404, "nothing is public before its review");
    let mut reviewer = paged(town.hub.at_desk(REVIEWER).await);
    let mut office = paged(town.hub.at_desk(OFFICE).await);
    assert!(reviewer.get("/desk/board").await.text.contains(TITLE));
    assert_eq!(office.get(&format!("/desk/board/{number}")).await.status, 404);
    at_desk(&mut reviewer, &number, "review", &[("what", "publish")]).await;
    let page = stranger.get(&public).await;
    assert_eq!(page.status, 200);
    assert!(
        page.text.contains("&lt;script&gt;") && !page.text.contains("<script>"),
        "{}",
        page.text
    );
    assert!(page.text.contains("100********") && !page.text.contains("10012345678"));
    let station = town.station.uuid().to_string();
    at_desk(&mut reviewer, &number, "assign", &[("office", &station)]).await;
    at_desk(&mut office, &number, "handle", &[("what", "accept")]).await;
    let question = [("what", "ask_back"), ("text", "请问是几号井?")];
    at_desk(&mut office, &number, "handle", &question).await;
    let mut follower = following(&town, (&number, &phrase)).await;
    let track = format!("/track/{number}");
    assert!(follower.get(&track).await.text.contains("请问是几号井?"));
    assert!(!stranger.get(&public).await.text.contains("请问是几号井?"));
    let added = follower.form(&format!("{track}/add"), &[("text", "三号井旁边")]).await;
    assert_eq!(added.status, 303, "{}", added.text);
    for (round, reply) in ["已派人查看。", "水管已更换,今日通水。"].into_iter().enumerate()
    {
        let draft = [("what", "draft_reply"), ("text", reply)];
        at_desk(&mut office, &number, "handle", &draft).await;
        assert!(!stranger.get(&public).await.text.contains(reply), "a draft is not public");
        at_desk(&mut reviewer, &number, "reply-review", &[("what", "approve")]).await;
        assert!(stranger.get(&public).await.text.contains(reply));
        if round == 0 {
            let why = [("text", "还是没有水")];
            let done = follower.form(&format!("{track}/unsatisfied"), &why).await;
            assert_eq!(done.status, 303, "{}", done.text);
            at_desk(&mut reviewer, &number, "assign", &[("office", &station)]).await;
            at_desk(&mut office, &number, "handle", &[("what", "accept")]).await;
        }
    }
    let twice = follower.form(&format!("{track}/unsatisfied"), &[("text", "还是不满意")]).await;
    assert_eq!(twice.status, 409, "a post is reopened once");
    let rated = follower.form(&format!("{track}/rate"), &[("stars", "4")]).await;
    assert_eq!(rated.status, 303, "{}", rated.text);
    assert!(stranger.get(&public).await.text.contains("已办结"));
    assert!(stranger.get("/board/feed.atom").await.text.contains(TITLE));
    assert!(stranger.get("/sitemap.xml").await.text.contains(&public));
    assert!(stranger.get("/board/statistics").await.text.contains("听澜镇水务服务站支部"));
    town.hub.stop().await;
}

#[tokio::test]
async fn a_stranger_another_author_another_office_and_an_ex_handler_find_nothing() {
    let town = town().await;
    let mut author = visitor(&town, AUTHOR).await;
    let (number, _) = post(&town, &mut author, "enquiry", "").await;
    let mut reviewer = paged(town.hub.at_desk(REVIEWER).await);
    at_desk(&mut reviewer, &number, "review", &[("what", "accept_privately")]).await;
    let station = town.station.uuid().to_string();
    at_desk(&mut reviewer, &number, "assign", &[("office", &station)]).await;
    let (track, desk) = (format!("/track/{number}"), format!("/desk/board/{number}"));
    let mut other = visitor(&town, "10000000206").await;
    let mut other_office = paged(town.hub.at_desk(OTHER_OFFICE).await);
    let mut office = paged(town.hub.at_desk(OFFICE).await);
    let mut stranger = paged(town.hub.browser());
    assert_eq!(author.get(&track).await.status, 200);
    assert_eq!(office.get(&desk).await.status, 200);
    for browser in [&mut stranger, &mut other, &mut other_office] {
        assert_eq!(browser.get(&track).await.status, 404);
        assert_eq!(browser.get(&format!("/board/{number}")).await.status, 404);
    }
    assert_eq!(other_office.get(&desk).await.status, 404);
    let accept = [("what", "accept")];
    let handle = format!("{desk}/handle");
    assert_eq!(other_office.form(&handle, &accept).await.status, 404);
    assert_eq!(reviewer.form(&handle, &accept).await.status, 404, "a reviewer is no office");
    assert_eq!(other.form(&format!("{track}/add"), &[("text", "我来补充")]).await.status, 404);
    assert_eq!(stranger.form(&handle, &accept).await.status, 303, "to the sign-in");
    let app = &town.hub.app;
    let person = sqlx_person(&town, "江可宁").await;
    let duty = Duty { organisation: town.station, actor: Actor::Office };
    let mut connection = app.db.acquire().await.expect("connected");
    let ended = boards::end_duty(&mut connection, (person, duty), (None, app.clock.now())).await;
    assert!(ended.expect("ended"));
    drop(connection);
    assert_eq!(office.get(&desk).await.status, 404, "an ex-handler");
    assert_eq!(office.form(&handle, &accept).await.status, 404);
    town.hub.stop().await;
}

async fn sqlx_person(town: &Town, name: &str) -> signaling::PersonId {
    let mut connection = town.hub.app.db.acquire().await.expect("connected");
    let id = sqlx::query_scalar!("SELECT id FROM person WHERE name = $1", name)
        .fetch_one(&mut *connection)
        .await;
    signaling::PersonId(id.expect("a person"))
}

#[tokio::test]
async fn a_wrong_number_and_a_wrong_passphrase_are_one_answer_and_tries_are_few() {
    let town = town().await;
    let mut author = visitor(&town, AUTHOR).await;
    let (number, phrase) = post(&town, &mut author, "help", "").await;
    let mut thief = paged(town.hub.browser().at("10.9.8.7"));
    let wrong = thief.form("/track", &[("number", &number), ("phrase", "00000-00000")]).await;
    let none = thief.form("/track", &[("number", "261124000001"), ("phrase", &phrase)]).await;
    assert_eq!((wrong.status, none.status), (none.status, http::StatusCode::NOT_FOUND));
    let plain = |text: &str, number: &str| text.replace(number, "");
    assert_eq!(plain(&wrong.text, &number), plain(&none.text, "261124000001"));
    for _ in 0..4 {
        thief.form("/track", &[("number", &number), ("phrase", "00000-00000")]).await;
    }
    // Five of this number are used up, for everybody and even with the right passphrase.
    let right = thief.form("/track", &[("number", &number), ("phrase", &phrase)]).await;
    assert_eq!(right.status, 429);
    for n in 0..14 {
        let other = format!("2611240001{n:02}");
        thief.form("/track", &[("number", &other), ("phrase", &phrase)]).await;
    }
    let more = thief.form("/track", &[("number", "261124999999"), ("phrase", &phrase)]).await;
    assert_eq!(more.status, 429, "twenty of this address are used up");
    town.clock.advance(Duration::hours(1) + Duration::SECOND);
    following(&town, (&number, &phrase)).await;
    town.hub.stop().await;
}

#[tokio::test]
async fn a_complaint_never_goes_to_whom_it_is_about_and_an_appeal_to_somebody_else() {
    let town = town().await;
    let mut author = visitor(&town, AUTHOR).await;
    let village = town.village.uuid().to_string();
    let (number, _) = post(&town, &mut author, "complaint", &village).await;
    let mut reviewer = paged(town.hub.at_desk(REVIEWER).await);
    let refuse = [("what", "refuse"), ("ground", "no_facts"), ("text", "请写明时间")];
    at_desk(&mut reviewer, &number, "review", &refuse).await;
    let track = format!("/track/{number}");
    assert!(author.get(&track).await.text.contains("没有具体事实"));
    let appealed = author.form(&format!("{track}/appeal"), &[("text", "时间已经写了")]).await;
    assert_eq!(appealed.status, 303, "{}", appealed.text);
    let lift = [("what", "lifted"), ("text", "时间已写明,予以公开")];
    let own = reviewer.form(&format!("/desk/board/{number}/appeal"), &lift).await;
    assert_eq!(own.status, 404, "who refused does not decide");
    let mut decider = paged(town.hub.at_desk(DECIDER).await);
    at_desk(&mut decider, &number, "appeal", &lift).await;
    let assign = format!("/desk/board/{number}/assign");
    assert_eq!(reviewer.form(&assign, &[("office", &village)]).await.status, 422);
    let station = town.station.uuid().to_string();
    at_desk(&mut reviewer, &number, "assign", &[("office", &station)]).await;
    at_desk(&mut reviewer, &number, "hide", &[("ground", "insult")]).await;
    let mut stranger = paged(town.hub.browser());
    let grave = stranger.get(&format!("/board/{number}")).await;
    assert_eq!(grave.status, 410);
    assert!(grave.text.contains("含有侮辱") && !grave.text.contains(TITLE));
    town.hub.stop().await;
}

#[tokio::test]
async fn the_clock_raises_what_is_overdue_and_closes_without_taking_silence_for_satisfaction() {
    let town = town().await;
    let mut author = visitor(&town, AUTHOR).await;
    let (number, _) = post(&town, &mut author, "help", "").await;
    assert_eq!(boards::run_due(&town.hub.app).await.expect("looked"), 0);
    // Tuesday; the review is due on Wednesday.
    town.clock.advance(Duration::days(2));
    assert_eq!(boards::run_due(&town.hub.app).await.expect("looked"), 1);
    assert_eq!(boards::run_due(&town.hub.app).await.expect("looked"), 0, "each level once");
    let mut author = paged(town.hub.signed_in(AUTHOR).await);
    let page = author.get(&format!("/track/{number}")).await;
    assert!(page.text.contains("已报上一级"), "{}", page.text);
    town.hub.stop().await;
}

#[tokio::test]
async fn who_is_too_young_or_does_not_agree_gets_no_account() {
    let town = town().await;
    let mut browser = paged(town.hub.browser());
    let page = browser.form("/board/sign-in", &[("phone", AUTHOR)]).await;
    let challenge = hidden(&page.text, "challenge");
    let console = town.hub.app.delivery.console().expect("a console");
    let (_, code) = console.recent().into_iter().next().expect("a code");
    for (year, agree) in [("2015", "yes"), ("1968", "")] {
        let fields = [
            ("challenge", challenge.as_str()),
            ("code", code.as_str()),
            ("name", "小朋友"),
            ("year", year),
            ("agree", agree),
        ];
        let answer = browser.form("/board/sign-in/code", &fields).await;
        assert_eq!(answer.status, 422, "{year} {agree}");
    }
    assert_eq!(browser.get("/board/new").await.status, 303);
    // A search that no database takes is one for what is left of it.
    assert_eq!(browser.get("/board?q=%00").await.status, 200);
    assert_eq!(browser.get("/delegates?q=%00").await.status, 200);
    assert!(browser.get("/board/style.css").await.text.contains("--brand"));
    town.hub.stop().await;
}

/// The check page of a draft, with its status.
async fn checked(town: &Town, browser: &mut TestBrowser, body: &str) -> TestAnswer {
    let form = browser.get("/board/new?kind=help").await;
    let (cid, board) = (hidden(&form.text, "cid"), town.board.uuid().to_string());
    let fields = [
        ("kind", "help"),
        ("board", &board),
        ("title", TITLE),
        ("body", body),
        ("cid", &cid),
        ("step", "check"),
    ];
    browser.form("/board/new", &fields).await
}

#[tokio::test]
async fn words_of_the_lists_are_blocked_held_or_covered_and_the_author_reads_which() {
    let town = town().await;
    let mut author = visitor(&town, AUTHOR).await;
    let mut reviewer = paged(town.hub.at_desk(REVIEWER).await);
    let mut decider = paged(town.hub.at_desk(DECIDER).await);
    let mut office = paged(town.hub.at_desk(OFFICE).await);
    let list = |words, treatment| [("words", words), ("treatment", treatment)];
    assert_eq!(reviewer.form("/desk/words", &list("坏蛋", "block")).await.status, 404);
    assert_eq!(office.get("/desk/words").await.status, 404);
    for (words, treatment) in [("坏蛋\n臭虫", "block"), ("跑路", "hold"), ("主管", "mask")]
    {
        let done = decider.form("/desk/words", &list(words, treatment)).await;
        assert_eq!(done.status, 303, "{}", done.text);
    }
    assert!(reviewer.get("/desk/words").await.text.contains("臭虫"));
    let blocked = checked(&town, &mut author, "那个坏 蛋不管").await;
    assert_eq!(blocked.status, 422);
    assert!(blocked.text.contains("坏蛋") && !blocked.text.contains("臭虫"), "{}", blocked.text);
    let held = checked(&town, &mut author, "施工队跑路了").await;
    assert_eq!(held.status, 200);
    assert!(held.text.contains("需要人工核对的词") && held.text.contains("跑路"));
    let (number, _) = post(&town, &mut author, "help", "").await;
    at_desk(&mut reviewer, &number, "review", &[("what", "publish")]).await;
    let mut stranger = paged(town.hub.browser());
    for address in [format!("/board/{number}"), "/board".into(), "/board/feed.atom".into()] {
        let page = stranger.get(&address).await.text;
        assert!(page.contains("村口＊＊漏水") && !page.contains("主管"), "{address}: {page}");
    }
    assert!(reviewer.get(&format!("/desk/board/{number}")).await.text.contains("村口主管漏水"));
    let word = decider.get("/desk/words").await.text;
    for piece in word.split("/desk/words/").skip(1) {
        let id = piece.split('/').next().expect("an id");
        let done = decider.form(&format!("/desk/words/{id}/end"), &[]).await;
        assert_eq!(done.status, 303, "{}", done.text);
    }
    assert!(stranger.get(&format!("/board/{number}")).await.text.contains("村口主管漏水"));
    town.hub.stop().await;
}

#[tokio::test]
async fn a_reported_post_is_decided_in_time_and_whoever_reported_it_reads_why() {
    let town = town().await;
    let mut author = visitor(&town, AUTHOR).await;
    let mut reader = visitor(&town, "10000000207").await;
    let (number, _) = post(&town, &mut author, "help", "").await;
    let to = format!("/board/{number}/report");
    let report = [("ground", "duplicate"), ("text", "上周有人写过")];
    assert_eq!(reader.form(&to, &report).await.status, 404, "nothing is there before its review");
    let mut reviewer = paged(town.hub.at_desk(REVIEWER).await);
    let mut office = paged(town.hub.at_desk(OFFICE).await);
    at_desk(&mut reviewer, &number, "review", &[("what", "publish")]).await;
    assert_eq!(author.form(&to, &report).await.status, 409, "one's own post");
    assert_eq!(paged(town.hub.browser()).get(&to).await.status, 303, "to the sign-in");
    assert!(reader.get(&to).await.text.contains("与已有留言重复"));
    for _ in 0..2 {
        assert_eq!(reader.form(&to, &report).await.status, 200, "twice is once");
    }
    let desk = format!("/desk/board/{number}");
    let page = reviewer.get(&desk).await.text;
    assert!(page.contains("被举报：1") && page.contains("上周有人写过"), "{page}");
    assert!(!page.contains("10000000207"));
    let stays = [("text", "那一条说的是另一处")];
    assert_eq!(office.form(&format!("{desk}/reports"), &stays).await.status, 404);
    assert_eq!(reviewer.form(&format!("{desk}/reports"), &[("text", " ")]).await.status, 422);
    at_desk(&mut reviewer, &number, "reports", &stays).await;
    let own = reader.get("/track").await.text;
    assert!(own.contains("不成立，保留") && own.contains("那一条说的是另一处"), "{own}");
    assert!(!reviewer.get(&desk).await.text.contains("被举报："));
    town.hub.stop().await;
}

#[tokio::test]
async fn a_hiding_acts_at_once_and_another_person_reviews_it_within_the_clock() {
    let town = town().await;
    let mut author = visitor(&town, AUTHOR).await;
    let mut stranger = paged(town.hub.browser());
    let (number, _) = post(&town, &mut author, "help", "").await;
    let mut reviewer = paged(town.hub.at_desk(REVIEWER).await);
    let mut decider = paged(town.hub.at_desk(DECIDER).await);
    let mut office = paged(town.hub.at_desk(OFFICE).await);
    at_desk(&mut reviewer, &number, "review", &[("what", "publish")]).await;
    let station = town.station.uuid().to_string();
    at_desk(&mut reviewer, &number, "assign", &[("office", &station)]).await;
    let hide = [("ground", "insult"), ("text", "第二句是骂人的话")];
    at_desk(&mut reviewer, &number, "hide", &hide).await;
    let public = format!("/board/{number}");
    let grave = stranger.get(&public).await;
    assert_eq!(grave.status, 410);
    assert!(grave.text.contains("正在复核"), "{}", grave.text);
    assert_eq!(office.get(&format!("/desk/board/{number}")).await.status, 404);
    let own = author.get(&format!("/track/{number}")).await.text;
    assert!(own.contains("含有侮辱") && own.contains("第二句是骂人的话"), "{own}");
    let lift = [("what", "lifted"), ("text", "没有骂人，恢复公开")];
    let to = format!("/desk/board/{number}/hiding");
    assert_eq!(reviewer.form(&to, &lift).await.status, 403, "another person");
    assert!(decider.get("/desk/board").await.text.contains("隐藏待复核"));
    // Nobody reviewed it on Tuesday or Wednesday: it goes up, and stays hidden.
    town.clock.advance(Duration::days(2));
    assert_eq!(boards::run_due(&town.hub.app).await.expect("looked"), 1);
    assert_eq!(stranger.get(&public).await.status, 410);
    let mut decider = paged(town.hub.at_desk(DECIDER).await);
    assert!(decider.get(&format!("/desk/board/{number}")).await.text.contains("已报上一级"));
    at_desk(&mut decider, &number, "hiding", &lift).await;
    assert!(stranger.get(&public).await.text.contains("复核：恢复公开"));
    let mut office = paged(town.hub.at_desk(OFFICE).await);
    at_desk(&mut office, &number, "hide", &[("ground", "personal_data")]).await;
    assert_eq!(stranger.get(&public).await.status, 410);
    let stands = [("what", "stands"), ("text", "确有他人信息")];
    at_desk(&mut decider, &number, "hiding", &stands).await;
    let mut author = paged(town.hub.signed_in(AUTHOR).await);
    let appeal = author.form(&format!("/track/{number}/appeal"), &[("text", "是我自己的")]).await;
    assert_eq!(appeal.status, 303, "{}", appeal.text);
    let lift = [("what", "lifted"), ("text", "予以恢复")];
    let own = decider.form(&format!("/desk/board/{number}/appeal"), &lift).await;
    assert_eq!(own.status, 403, "who let the hiding stand does not decide the appeal");
    town.hub.stop().await;
}

fn tag(answer: &TestAnswer) -> String {
    let tag = answer.headers.get("etag").and_then(|tag| tag.to_str().ok());
    tag.expect("a tag").to_owned()
}

/// A published post and who reviewed it.
async fn published(town: &Town) -> (String, TestBrowser) {
    let mut author = visitor(town, AUTHOR).await;
    let (number, _) = post(town, &mut author, "help", "").await;
    let mut reviewer = paged(town.hub.at_desk(REVIEWER).await);
    at_desk(&mut reviewer, &number, "review", &[("what", "publish")]).await;
    (number, reviewer)
}

#[tokio::test]
async fn a_public_page_comes_from_memory_until_something_moves_and_not_again_to_who_has_it() {
    let town = town().await;
    let (number, mut reviewer) = published(&town).await;
    let public = format!("/board/{number}");
    let mut stranger = paged(town.hub.browser());
    let first = stranger.get(&public).await;
    stranger.headers.insert("if-none-match", tag(&first).parse().expect("a header"));
    // Nobody told the hub of this change: what it has in memory is what it answers.
    let app = &town.hub.app;
    let number_ = number.parse::<i64>().expect("a number");
    sqlx::query!("UPDATE board_post SET support = 7 WHERE number = $1", number_)
        .execute(&app.db)
        .await
        .expect("changed");
    let again = stranger.get(&public).await;
    assert_eq!((again.status.as_u16(), again.text.as_str()), (304, ""));
    assert_eq!(tag(&again), tag(&first));
    let station = town.station.uuid().to_string();
    at_desk(&mut reviewer, &number, "assign", &[("office", &station)]).await;
    let moved = stranger.get(&public).await;
    assert_eq!(moved.status, 200, "a step makes the page anew");
    assert!(moved.text.contains("听澜镇水务服务站支部") && tag(&moved) != tag(&first));
    // Another look and another site are other pages.
    stranger.headers.insert("cookie", "lianxin-look=en.std.light".parse().expect("a header"));
    assert!(stranger.get(&public).await.text.contains("lang=\"en\""));
    town.hub.stop().await;
}

#[tokio::test]
async fn a_signed_in_reader_is_told_of_a_move_at_once_and_a_stranger_is_not() {
    let town = town().await;
    let (number, mut reviewer) = published(&town).await;
    assert_eq!(town.hub.browser().get("/board/moves").await.status, 401);
    let mut reader = visitor(&town, "10000000208").await;
    let mark = |answer: &TestAnswer| {
        let found: Value = serde_json::from_str(&answer.text).expect("JSON");
        found["mark"].as_u64().expect("a mark")
    };
    let since = mark(&reader.get("/board/moves").await);
    let address = format!("/board/moves?since={since}");
    let station = town.station.uuid().to_string();
    let fields = [("office", station.as_str())];
    // The reader waits; the step lets the answer go.
    let waits = reader.get(&address);
    let steps = at_desk(&mut reviewer, &number, "assign", &fields);
    let (told, ()) = tokio::join!(waits, steps);
    assert_ne!(mark(&told), since);
    town.hub.stop().await;
}

#[tokio::test]
async fn a_flood_of_searches_from_one_network_leaves_the_others_their_pages() {
    let town = town().await;
    let mut flood = town.hub.browser().at("10.9.8.7");
    let mut refused = 0;
    for n in 0..80 {
        let answer = flood.get(&format!("/board?q={n}")).await;
        refused += usize::from(answer.status == 429);
        assert!(answer.status == 200 || answer.status == 429, "{}", answer.status);
    }
    assert_eq!(refused, 20, "sixty at once, the clock stands");
    let mut other = town.hub.browser().at("10.9.8.6");
    assert_eq!(other.get("/board?q=1000").await.status, 200);
    assert_eq!(flood.get("/board?q=0").await.status, 200, "what is in memory costs nothing");
    assert_eq!(flood.get(&format!("/board?q={}", "x".repeat(700))).await.status, 400);
    town.hub.stop().await;
}

#[tokio::test]
async fn open_data_has_what_is_public_and_no_formula() {
    let town = town().await;
    let (number, _) = published(&town).await;
    sqlx::query!("UPDATE board_post SET title = '=HYPERLINK(\"http://x\")'")
        .execute(&town.hub.app.db)
        .await
        .expect("changed");
    let mut stranger = town.hub.browser();
    let csv = stranger.get("/board/data.csv").await;
    assert_eq!(csv.status, 200);
    let shown = format!("{}-{}", &number[..6], &number[6..]);
    assert!(csv.text.contains(&format!("\"{shown}\",\"help\",\"'=HYPERLINK(\"\"")), "{}", csv.text);
    let json: Value =
        serde_json::from_str(&stranger.get("/board/data.json").await.text).expect("J");
    assert_eq!(json[0]["number"], shown.as_str());
    assert!(!json.to_string().contains(AUTHOR) && json[0].get("author").is_none());
    town.hub.stop().await;
}

/// A picture as a telephone makes it: a JPEG that says where it was taken.
fn photograph() -> Vec<u8> {
    let mut jpeg = std::io::Cursor::new(Vec::new());
    let image = image::RgbImage::from_pixel(64, 48, image::Rgb([120, 90, 60]));
    image.write_to(&mut jpeg, image::ImageFormat::Jpeg).expect("written");
    let jpeg = jpeg.into_inner();
    let place = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\0GPS 31.2304N 121.4737E";
    let length = u16::try_from(place.len() + 2).expect("short").to_be_bytes();
    let (begin, rest) = jpeg.split_at(2);
    [begin, &[0xFF, 0xE1], &length, place, rest].concat()
}

/// A part of a PNG.
fn chunk(name: &[u8], data: &[u8]) -> Vec<u8> {
    let mut sum = flate2::Crc::new();
    sum.update(name);
    sum.update(data);
    let length = u32::try_from(data.len()).expect("short").to_be_bytes();
    [&length[..], name, data, &sum.sum().to_be_bytes()].concat()
}

/// A PNG of some kilobytes with 900 million pixels.
fn bomb() -> Vec<u8> {
    let mut rows = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::Write::write_all(&mut rows, &vec![0; 3_751 * 1_000]).expect("written");
    let side = 30_000_u32.to_be_bytes();
    let header = [&side[..], &side, &[1, 0, 0, 0, 0]].concat();
    let (header, rows) = (chunk(b"IHDR", &header), chunk(b"IDAT", &rows.finish().expect("done")));
    [&b"\x89PNG\r\n\x1a\n"[..], &header, &rows, &chunk(b"IEND", b"")].concat()
}

/// A picture and the words for it.
type Chosen<'a> = (&'a [u8], &'a str);

/// Sends a post with pictures.
async fn send_with(
    town: &Town,
    browser: &mut TestBrowser,
    private: &str,
    pictures: &[Chosen<'_>],
) -> TestAnswer {
    let form = browser.get("/board/new?kind=help").await;
    let (cid, board) = (hidden(&form.text, "cid"), town.board.uuid().to_string());
    let fields = [
        ("kind", "help"),
        ("board", &board),
        ("title", TITLE),
        ("body", "村口主管漏水"),
        ("private", private),
        ("cid", &cid),
        ("step", "send"),
    ];
    browser.form_with_pictures("/board/new", &fields, pictures).await
}

#[tokio::test]
async fn pictures_are_made_anew_and_seen_where_and_by_whom_the_post_is_seen() {
    let town = town().await;
    let mut author = visitor(&town, AUTHOR).await;
    let photograph = photograph();
    let two = [(&photograph[..], "村口的水管"), (&[][..], "没有选"), (&photograph[..], "")];
    let sent = send_with(&town, &mut author, "", &two).await;
    assert_eq!(sent.status, 200, "{}", sent.text);
    let number = by_id(&sent.text, "number").replace('-', "");
    let public = format!("/board/{number}/picture/1");
    let (track, desk) = (format!("/track/{number}"), format!("/desk/board/{number}"));
    let (of_track, of_desk) = (format!("{track}/picture/1"), format!("{desk}/picture/1"));
    let mut stranger = paged(town.hub.browser());
    let mut reviewer = paged(town.hub.at_desk(REVIEWER).await);
    let mut office = paged(town.hub.at_desk(OFFICE).await);
    for hidden in [&public, &of_track] {
        assert_eq!(stranger.get(hidden).await.status, 404, "{hidden} before the review");
    }
    assert_eq!(office.get(&of_desk).await.status, 404);
    assert!(author.get(&track).await.text.contains(&of_track));
    assert_eq!(author.get(&of_track).await.status, 200);
    assert!(reviewer.get(&desk).await.text.contains(&of_desk), "seen before publishing");
    assert_eq!(reviewer.get(&of_desk).await.headers["content-type"], "image/jpeg");
    at_desk(&mut reviewer, &number, "review", &[("what", "publish")]).await;
    let page = stranger.get(&format!("/board/{number}")).await.text;
    for part in ["alt=\"村口的水管\"", "alt=\"图片2，共2张\"", "loading=\"lazy\" width=\"64\""]
    {
        assert!(page.contains(part), "{part} in {page}");
    }
    let picture = stranger.get(&public).await;
    assert_eq!(picture.status, 200);
    for (name, value) in [
        ("content-type", "image/jpeg"),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "default-src 'none'; sandbox"),
        ("cache-control", "private, max-age=31536000, immutable"),
    ] {
        assert_eq!(picture.headers[name], value);
    }
    assert!(photograph.windows(3).any(|part| part == b"GPS"));
    for gone in [&b"GPS"[..], b"Exif", b"31.2304N"] {
        assert!(!picture.bytes.windows(gone.len()).any(|part| part == gone));
    }
    for none in ["0", "3", "x", "99999999"] {
        let address = format!("/board/{number}/picture/{none}");
        assert_eq!(stranger.get(&address).await.status, 404, "{none}");
    }
    at_desk(&mut reviewer, &number, "hide", &[("ground", "insult")]).await;
    assert_eq!(stranger.get(&public).await.status, 404, "hidden with its post");
    town.hub.stop().await;
}

#[tokio::test]
async fn a_picture_of_a_private_post_is_not_there_for_a_stranger() {
    let town = town().await;
    let mut author = visitor(&town, AUTHOR).await;
    let photograph = photograph();
    let sent = send_with(&town, &mut author, "yes", &[(&photograph, "")]).await;
    let number = by_id(&sent.text, "number").replace('-', "");
    let mut reviewer = paged(town.hub.at_desk(REVIEWER).await);
    at_desk(&mut reviewer, &number, "review", &[("what", "accept_privately")]).await;
    let mut other = visitor(&town, "10000000206").await;
    for browser in [&mut paged(town.hub.browser()), &mut other] {
        for root in ["board", "track"] {
            let address = format!("/{root}/{number}/picture/1");
            assert_eq!(browser.get(&address).await.status, 404, "{address}");
        }
    }
    assert_eq!(author.get(&format!("/track/{number}/picture/1")).await.status, 200);
    town.hub.stop().await;
}

#[tokio::test]
async fn what_is_no_picture_or_too_much_is_refused_and_nothing_is_written() {
    let town = town().await;
    let mut author = visitor(&town, AUTHOR).await;
    let (photograph, bomb) = (photograph(), bomb());
    assert!(bomb.len() < 16 * 1024);
    let five = [(&photograph[..], ""); 5];
    let script = b"GIF89a/*\x01\x00*/=1;alert(1)//<script>";
    let large = vec![0xFF; signaling::limits::PICTURE_BYTES_MAX + 1];
    let long = "字".repeat(signaling::limits::PICTURE_ALT_CHARS_MAX + 1);
    let cases: [(&[Chosen<'_>], u16, &str); 6] = [
        (&five, 422, "最多4张图片"),
        (&[(script, "")], 422, "不是JPEG、PNG或WebP"),
        (&[(&photograph, ""), (&bomb, "")], 422, "像素太多"),
        (&[(photograph.get(..200).expect("longer"), "")], 422, "打不开"),
        (&[(&large, "")], 413, "不超过8MB"),
        (&[(&photograph, &long)], 400, "填写的内容不符合要求"),
    ];
    for (pictures, status, sentence) in cases {
        let refused = send_with(&town, &mut author, "", pictures).await;
        assert_eq!(refused.status, status, "{sentence}: {}", refused.text);
        assert!(refused.text.contains(sentence), "{sentence} in {}", refused.text);
        assert!(refused.text.contains(TITLE), "the text is still there");
    }
    let all = vec![0xFF; signaling::limits::PICTURES_FORM_BYTES_MAX];
    assert_eq!(send_with(&town, &mut author, "", &[(&all, "")]).await.status, 413);
    let posts = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM board_post");
    assert_eq!(posts.fetch_one(&town.hub.app.db).await.expect("counted"), 0);
    town.hub.stop().await;
}
