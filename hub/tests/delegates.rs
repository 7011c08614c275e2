//! A matter with a delegate through the doors of a whole hub: a code of a station, talk, the exact
//! text of an opinion, an office and back, and who is told that there is nothing.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that fails may end")]

use std::sync::Arc;

use hub::app::MockClock;
use hub::features::boards::{self, Actor, Duty};
use hub::features::chat;
use hub::features::delegates::{self, NewDelegate};
use hub::testing::{TestAnswer, TestBrowser, TestHub, found};
use serde_json::Value;
use signaling::{OrganisationId, PersonId};
use time::macros::{date, datetime};
use time::{Date, Duration};
use uuid::Uuid;

const ADMIN: &str = "10000000100";
const DELEGATE: &str = "10000000401";
const OTHER: &str = "10000000402";
const OFFICE: &str = "10000000403";
const OTHER_OFFICE: &str = "10000000404";
const LIAISON: &str = "10000000405";
const CONSTITUENT: &str = "10000000406";
const STRANGER: &str = "10000000407";

const SUBJECT: &str = "村口公交站离学校太远";
const FIRST: &str = "孩子上学要走二十分钟";
const OPINION: &str = "建议在学校门口增设停靠点";
const NOTE: &str = "这家人情绪较急";

struct Town {
    hub: TestHub,
    clock: Arc<MockClock>,
    station: Uuid,
    office: OrganisationId,
    organisation: OrganisationId,
    delegate: Uuid,
}

fn id(of: &Value) -> OrganisationId {
    OrganisationId(of.as_str().expect("an id").parse().expect("an id"))
}

async fn officer(hub: &TestHub, name: &str, phone: &str) -> PersonId {
    let person = hub.account(name, phone).await;
    hub.give_second_factor(person).await;
    person
}

async fn appoint(
    hub: &TestHub,
    person: PersonId,
    (organisation, area, until): (OrganisationId, &str, Date),
) -> Uuid {
    let new = NewDelegate {
        person,
        organisation,
        area: area.to_owned(),
        duties: "联系群众".to_owned(),
        contact_days: "每月10日上午".to_owned(),
        term_from: date!(2024 - 01 - 01),
        term_until: until,
    };
    let id = hub.app.ids.next();
    let mut connection = hub.app.db.acquire().await.expect("connected");
    delegates::appoint_in(&mut connection, id, &new, None).await.expect("appointed");
    id
}

/// A town with two delegates of different areas, two offices and a liaison office.
async fn town() -> Town {
    let (hub, clock) = TestHub::start_at(datetime!(2026-11-24 01:00 UTC)).await;
    hub.administrator("司徒宁安", ADMIN).await;
    let mut admin = hub.at_desk(ADMIN).await;
    let county = found(&mut admin, "county_committee", "中共云禾县委员会", &Value::Null).await;
    let town = found(&mut admin, "grassroots_committee", "中共云禾县听澜镇委员会", &county).await;
    let bus = found(&mut admin, "branch", "听澜镇交通服务站支部", &town).await;
    let water = found(&mut admin, "branch", "听澜镇水务服务站支部", &town).await;
    let (organisation, office) = (id(&town), id(&bus));
    let duty = |organisation| Duty { organisation, actor: Actor::Office };
    hub.board_staff(("江可宁", OFFICE), duty(office)).await;
    hub.board_staff(("苏朗溪", OTHER_OFFICE), duty(id(&water))).await;
    let one = officer(&hub, "林禾川", DELEGATE).await;
    let two = officer(&hub, "韩一舟", OTHER).await;
    let liaison = officer(&hub, "沈宁安", LIAISON).await;
    let until = date!(2027 - 12 - 31);
    let delegate = appoint(&hub, one, (organisation, "枫浦村", until)).await;
    appoint(&hub, two, (organisation, "清泉村", until)).await;
    let station = hub.app.ids.next();
    let mut connection = hub.app.db.acquire().await.expect("connected");
    let name = (organisation, "听澜镇党代表工作站");
    delegates::make_station(&mut connection, station, name, None).await.expect("made");
    let (duty, now) = (hub.app.ids.next(), hub.app.clock.now());
    let who = (organisation, liaison);
    delegates::give_liaison(&mut connection, duty, who, (None, now)).await.expect("given");
    for (name, phone) in [("枫浦家长", CONSTITUENT), ("另一位群众", STRANGER)] {
        let person = hub.account(name, phone).await;
        boards::agree(&hub.app, person, (name, 1985)).await.expect("agreed");
    }
    drop(connection);
    Town { hub, clock, station, office, organisation, delegate }
}

/// A browser that asks for pages.
fn paged(mut browser: TestBrowser) -> TestBrowser {
    browser.headers.insert("accept", "text/html".parse().expect("a header"));
    browser
}

async fn reader(town: &Town, phone: &str) -> TestBrowser {
    paged(town.hub.signed_in(phone).await)
}

async fn at_desk(town: &Town, phone: &str) -> TestBrowser {
    paged(town.hub.at_desk(phone).await)
}

fn hidden(page: &str, name: &str) -> String {
    let mark = format!("name=\"{name}\" value=\"");
    let rest = page.split(&mark).nth(1).unwrap_or_else(|| panic!("no {name} in {page}"));
    rest.split('"').next().unwrap_or_default().to_owned()
}

fn place(answer: &TestAnswer) -> String {
    let to = answer.headers.get("location").and_then(|to| to.to_str().ok());
    to.unwrap_or_default().to_owned()
}

/// Begins a matter from the code of the station; its id.
async fn begin(town: &Town, browser: &mut TestBrowser) -> String {
    let code = delegates::code_of(&town.hub.app.keys, town.delegate, town.station);
    let form = browser.get(&format!("/threads/new?to={code}")).await;
    assert_eq!(form.status, 200, "{}", form.text);
    let cid = hidden(&form.text, "cid");
    let fields = [
        ("to", code.as_str()),
        ("cid", &cid),
        ("called", "枫浦家长"),
        ("subject", SUBJECT),
        ("text", FIRST),
    ];
    let made = browser.form("/threads/new", &fields).await;
    assert_eq!(made.status, 303, "{}", made.text);
    let again = browser.form("/threads/new", &fields).await;
    assert_eq!(place(&again), place(&made), "a form that is sent twice is one matter");
    place(&made).rsplit('/').next().expect("an id").to_owned()
}

/// Presses a button of a matter's page.
async fn press(browser: &mut TestBrowser, root: &str, id: &str, fields: &[(&str, &str)]) {
    let done = browser.form(&format!("{root}/{id}/step"), fields).await;
    assert_eq!(done.status, 303, "{fields:?}: {}", done.text);
}

const DESK: &str = "/desk/delegate";

/// The delegate answers and lays an opinion before the constituent.
async fn opinion(town: &Town, desk: &mut TestBrowser, id: &str) {
    let office = town.office.uuid().to_string();
    press(desk, DESK, id, &[("what", "write"), ("text", "我去看看"), ("cid", "a1")]).await;
    let form = [("what", "opinion"), ("text", OPINION), ("office", &office)];
    press(desk, DESK, id, &form).await;
}

#[tokio::test]
async fn a_matter_goes_from_a_code_at_a_station_to_an_office_and_back() {
    let town = town().await;
    let code = delegates::code_of(&town.hub.app.keys, town.delegate, town.station);
    let mut visitor = paged(town.hub.browser());
    let link = format!("/delegates/at/{code}");
    let profile = visitor.get(&link).await;
    assert!(profile.text.contains("林禾川") && profile.text.contains("听澜镇党代表工作站"));
    assert!(visitor.get(&format!("{link}/qr.svg")).await.text.contains("<svg"));
    let forged = format!("/delegates/at/{}", code.replace(&code[..4], "AAAA"));
    assert_eq!(place(&visitor.get(&forged).await), "/delegates", "only what we signed leads on");
    let asked = visitor.get(&format!("/threads/new?to={code}")).await;
    assert_eq!(place(&asked), format!("/board/sign-in?to=/threads/new?to={code}"));

    let mut constituent = reader(&town, CONSTITUENT).await;
    let id = begin(&town, &mut constituent).await;
    let page = format!("/threads/{id}");
    let mut desk = at_desk(&town, DELEGATE).await;
    let list = desk.get(DESK).await.text;
    assert!(list.contains(SUBJECT) && list.contains("还剩5个工作日"), "{list}");
    opinion(&town, &mut desk, &id).await;
    let mut office = at_desk(&town, OFFICE).await;
    let at_office = format!("/desk/opinions/{id}");
    assert_eq!(office.get(&at_office).await.status, 404, "nothing is sent before the choice");
    let shown = constituent.get(&page).await.text;
    assert!(shown.contains(OPINION) && shown.contains("反映人：枫浦家长"), "{shown}");
    press(&mut constituent, "/threads", &id, &[("what", "unnamed")]).await;
    let opened = office.get(&at_office).await.text;
    assert!(opened.contains(OPINION) && opened.contains("不署名"), "{opened}");
    for secret in ["枫浦家长", FIRST, SUBJECT, "我去看看"] {
        assert!(!opened.contains(secret), "the office reads {secret}: {opened}");
    }
    press(&mut office, "/desk/opinions", &id, &[("what", "answer"), ("text", "下月增设")]).await;
    press(&mut desk, DESK, &id, &[("what", "close"), ("text", "单位答复下月增设")]).await;
    let closed = constituent.get(&page).await.text;
    assert!(closed.contains("下月增设") && closed.contains("已办结"), "{closed}");
    press(&mut constituent, "/threads", &id, &[("what", "rate"), ("stars", "5")]).await;
    let steps = format!("{page}/step");
    let twice = constituent.form(&steps, &[("what", "rate"), ("stars", "1")]).await;
    assert_eq!(twice.status, 409, "rated once");
    let late = [("what", "write"), ("text", "再说一句"), ("cid", "z")];
    assert_eq!(constituent.form(&steps, &late).await.status, 409);
    let publish = [("what", "publish"), ("text", "公交站已增设,电话10012345678")];
    press(&mut desk, DESK, &id, &publish).await;
    let public = format!("/delegates/{}", town.delegate);
    assert!(!visitor.get(&public).await.text.contains("公交站已增设"));
    press(&mut constituent, "/threads", &id, &[("what", "agree")]).await;
    let published = visitor.get(&public).await.text;
    assert!(published.contains("公交站已增设") && !published.contains("10012345678"));
    town.hub.stop().await;
}

#[tokio::test]
async fn nobody_but_the_two_of_them_reads_a_matter_and_notes_are_their_writers_alone() {
    let town = town().await;
    let mut constituent = reader(&town, CONSTITUENT).await;
    let id = begin(&town, &mut constituent).await;
    let mut desk = at_desk(&town, DELEGATE).await;
    let note = desk.form(&format!("{DESK}/{id}/note"), &[("text", NOTE)]).await;
    assert_eq!(note.status, 303, "{}", note.text);
    assert!(desk.get(&format!("{DESK}/{id}")).await.text.contains(NOTE));
    opinion(&town, &mut desk, &id).await;
    press(&mut constituent, "/threads", &id, &[("what", "named")]).await;
    let roots = ["/threads", DESK, "/desk/opinions", "/desk/liaison"];
    // The administrator's code of the second factor was used when the town was made.
    town.clock.advance(Duration::MINUTE);
    for phone in [STRANGER, OTHER, OTHER_OFFICE, LIAISON, ADMIN] {
        let mut browser = match phone {
            STRANGER => reader(&town, phone).await,
            _ => at_desk(&town, phone).await,
        };
        for root in roots {
            let page = browser.get(&format!("{root}/{id}")).await;
            let closed = phone == STRANGER && root != "/threads";
            let expected = if closed { 401 } else { 404 };
            assert_eq!(page.status, expected, "{phone} at {root}");
            let write = [("what", "write"), ("text", "x")];
            let step = browser.form(&format!("{root}/{id}/step"), &write).await;
            assert_eq!(step.status, expected, "{phone} steps at {root}");
        }
        let rooms = ["/threads", DESK, "/desk/opinions", "/desk/liaison"];
        for list in rooms {
            assert!(!browser.get(list).await.text.contains(SUBJECT), "{phone} lists {list}");
        }
    }
    let mut office = at_desk(&town, OFFICE).await;
    let opened = office.get(&format!("/desk/opinions/{id}")).await.text;
    assert!(opened.contains("枫浦家长") && !opened.contains(FIRST), "{opened}");
    for (browser, page) in [
        (&mut constituent, format!("/threads/{id}")),
        (&mut office, format!("/desk/opinions/{id}")),
    ] {
        assert!(!browser.get(&page).await.text.contains(NOTE));
    }
    // No call of the chat reaches the room: not even its two people are its members.
    for phone in [CONSTITUENT, DELEGATE, ADMIN] {
        let mut me = town.hub.signed_in(phone).await;
        let person: PersonId =
            serde_json::from_value(me.get("/api/me").await.body["person"].clone()).expect("an id");
        let ask = format!("{{\"room\":\"{id}\"}}");
        let page = chat::call(&town.hub.app, person, "messages.page", ask.as_bytes()).await;
        page.expect_err("no such room");
        let rooms = chat::call(&town.hub.app, person, "room.list", b"{}").await.expect("listed");
        assert!(!String::from_utf8_lossy(&rooms).contains(&id));
    }
    town.hub.stop().await;
}

#[tokio::test]
async fn what_is_not_to_be_sent_is_not_and_an_office_may_decline_in_time() {
    let town = town().await;
    let mut constituent = reader(&town, CONSTITUENT).await;
    let id = begin(&town, &mut constituent).await;
    let mut desk = at_desk(&town, DELEGATE).await;
    let mut office = at_desk(&town, OFFICE).await;
    opinion(&town, &mut desk, &id).await;
    press(&mut constituent, "/threads", &id, &[("what", "not_sent")]).await;
    assert_eq!(office.get(&format!("/desk/opinions/{id}")).await.status, 404);
    opinion(&town, &mut desk, &id).await;
    // Silence is no consent.
    town.clock.advance(Duration::days(20));
    assert_eq!(delegates::run_due(&town.hub.app).await.expect("looked"), 1);
    let mut constituent = reader(&town, CONSTITUENT).await;
    let step = constituent.form(&format!("/threads/{id}/step"), &[("what", "named")]).await;
    assert_eq!(step.status, 409, "the time to choose is over");
    let mut desk = at_desk(&town, DELEGATE).await;
    opinion(&town, &mut desk, &id).await;
    press(&mut constituent, "/threads", &id, &[("what", "named")]).await;
    let mut office = at_desk(&town, OFFICE).await;
    let why = [("what", "decline"), ("text", "由县交通局负责")];
    press(&mut office, "/desk/opinions", &id, &why).await;
    assert_eq!(office.get(&format!("/desk/opinions/{id}")).await.status, 404, "given back");
    let page = constituent.get(&format!("/threads/{id}")).await.text;
    assert!(page.contains("由县交通局负责"), "{page}");
    town.hub.stop().await;
}

#[tokio::test]
async fn an_ended_talk_goes_to_the_liaison_office_once_and_it_reads_no_word_of_it() {
    let town = town().await;
    let mut constituent = reader(&town, CONSTITUENT).await;
    let id = begin(&town, &mut constituent).await;
    let mut desk = at_desk(&town, DELEGATE).await;
    press(&mut desk, DESK, &id, &[("what", "end"), ("text", "多次辱骂")]).await;
    let page = constituent.get(&format!("/threads/{id}")).await.text;
    assert!(page.contains("多次辱骂"), "the reason is told");
    let mut liaison = at_desk(&town, LIAISON).await;
    assert_eq!(liaison.get(&format!("/desk/liaison/{id}")).await.status, 404, "not asked yet");
    press(&mut constituent, "/threads", &id, &[("what", "turn"), ("text", "我没有骂人")]).await;
    let opened = liaison.get(&format!("/desk/liaison/{id}")).await.text;
    assert!(opened.contains("我没有骂人") && opened.contains("多次辱骂"), "{opened}");
    assert!(!opened.contains(FIRST), "the talk is not the liaison office's");
    let told = desk.get(&format!("{DESK}/{id}")).await.text;
    assert!(!told.contains("我没有骂人"), "what is told about a delegate is not the delegate's");
    let lift = [("what", "lifted"), ("text", "未见辱骂")];
    press(&mut liaison, "/desk/liaison", &id, &lift).await;
    assert_eq!(liaison.get(&format!("/desk/liaison/{id}")).await.status, 404, "decided");
    press(&mut desk, DESK, &id, &[("what", "end"), ("text", "又骂了")]).await;
    let again = [("what", "turn"), ("text", "再申诉")];
    let again = constituent.form(&format!("/threads/{id}/step"), &again).await;
    assert_eq!(again.status, 409, "once");
    town.hub.stop().await;
}

#[tokio::test]
async fn a_term_that_ends_passes_its_matters_on_and_the_former_delegate_reads_them_no_more() {
    let town = town().await;
    let mut constituent = reader(&town, CONSTITUENT).await;
    let id = begin(&town, &mut constituent).await;
    let mut desk = at_desk(&town, DELEGATE).await;
    desk.form(&format!("{DESK}/{id}/note"), &[("text", NOTE)]).await;
    let mut liaison = at_desk(&town, LIAISON).await;
    let end = format!("/desk/liaison/delegates/{}/end", town.delegate);
    let ended = liaison.form(&end, &[("text", "工作调动")]).await;
    assert_eq!(ended.status, 303, "{}", ended.text);
    for page in [DESK.to_owned(), format!("{DESK}/{id}")] {
        assert_eq!(desk.get(&page).await.status, 404, "a former delegate at {page}");
    }
    let page = constituent.get(&format!("/threads/{id}")).await.text;
    assert!(page.contains("由联络机构接管"), "both sides are told: {page}");
    let opened = liaison.get(&format!("/desk/liaison/{id}")).await.text;
    assert!(opened.contains(SUBJECT) && !opened.contains(FIRST) && !opened.contains(NOTE));
    let other = opened.split("<option value=\"").nth(1).expect("a delegate to give it to");
    let other = other.split('"').next().expect("an id").to_owned();
    press(&mut liaison, "/desk/liaison", &id, &[("what", "pass_on"), ("delegate", &other)]).await;
    let mut next = at_desk(&town, OTHER).await;
    let opened = next.get(&format!("{DESK}/{id}")).await.text;
    assert!(opened.contains(FIRST) && !opened.contains(NOTE), "notes do not travel: {opened}");
    // A term that ends by its day, with a successor of the same area: no liaison office is needed.
    let person = town.hub.account("欧阳可舟", "10000000409").await;
    town.hub.give_second_factor(person).await;
    let until = date!(2028 - 12 - 31);
    let heir = appoint(&town.hub, person, (town.organisation, "清泉村", until)).await;
    town.clock.advance(Duration::days(500));
    delegates::run_due(&town.hub.app).await.expect("looked");
    let mut heir_desk = at_desk(&town, "10000000409").await;
    assert_eq!(heir_desk.get(&format!("{DESK}/{id}")).await.status, 200);
    let mut visitor = paged(town.hub.browser());
    let old = visitor.get(&format!("/delegates/{other}")).await.text;
    assert!(old.contains(&heir.to_string()), "an old link leads to the successor: {old}");
    town.hub.stop().await;
}

#[tokio::test]
async fn a_visitor_without_a_telephone_is_noted_and_the_delegate_notes_the_choice() {
    let town = town().await;
    let mut desk = at_desk(&town, DELEGATE).await;
    let page = desk.get(DESK).await.text;
    let (cid, delegate) = (hidden(&page, "cid"), hidden(&page, "delegate"));
    let station = town.station.to_string();
    let fields = [
        ("cid", cid.as_str()),
        ("delegate", &delegate),
        ("station", &station),
        ("called", "王家老人"),
        ("subject", "高龄补贴没有收到"),
        ("text", "上月没有到账"),
    ];
    let made = desk.form("/desk/delegate/reception", &fields).await;
    assert_eq!(made.status, 303, "{}", made.text);
    let id = place(&made).rsplit('/').next().expect("an id").to_owned();
    opinion(&town, &mut desk, &id).await;
    press(&mut desk, DESK, &id, &[("what", "named")]).await;
    let mut office = at_desk(&town, OFFICE).await;
    assert!(office.get(&format!("/desk/opinions/{id}")).await.text.contains("王家老人"));
    let mut other = at_desk(&town, OTHER).await;
    let foreign = other.form("/desk/delegate/reception", &fields).await;
    assert_eq!(foreign.status, 404, "nobody notes a visitor for somebody else");
    town.hub.stop().await;
}

#[tokio::test]
async fn an_answer_that_is_late_is_reminded_of_and_one_account_begins_three_matters_a_day() {
    let town = town().await;
    let mut constituent = reader(&town, CONSTITUENT).await;
    begin(&town, &mut constituent).await;
    assert_eq!(delegates::run_due(&town.hub.app).await.expect("looked"), 0);
    // Tuesday; five working days end on the next Tuesday.
    town.clock.advance(Duration::days(7));
    assert_eq!(delegates::run_due(&town.hub.app).await.expect("looked"), 0);
    town.clock.advance(Duration::DAY);
    assert_eq!(delegates::run_due(&town.hub.app).await.expect("looked"), 1);
    assert_eq!(delegates::run_due(&town.hub.app).await.expect("looked"), 0, "each once");
    let mut desk = at_desk(&town, DELEGATE).await;
    let list = desk.get(DESK).await.text;
    assert!(list.contains("已超期1个工作日") && list.contains("已提醒"), "{list}");
    let mut constituent = reader(&town, CONSTITUENT).await;
    for _ in 0..3 {
        begin(&town, &mut constituent).await;
    }
    let to = town.delegate.to_string();
    let more = [
        ("to", to.as_str()),
        ("cid", "four"),
        ("called", "甲"),
        ("subject", SUBJECT),
        ("text", FIRST),
    ];
    assert_eq!(constituent.form("/threads/new", &more).await.status, 429);
    town.hub.stop().await;
}
