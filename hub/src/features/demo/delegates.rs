//! Delegates of the town with matters in every state, one of them overdue, a visitor, and a term
//! that is over.

use signaling::{OrganisationId, PersonId};
use time::Duration;
use uuid::Uuid;

use super::boards::report;
use super::making::Maker;
use super::people;
use crate::error::Result;
use crate::features::boards;
use crate::features::delegates::{self, Actor, Choice, Draft, Given, NewDelegate, Step, Taker};

/// Numbers and names, behind those of every member there can be.
pub(super) const DELEGATE: (usize, &str) = (90_002, "江可宁");
pub(super) const OTHER_DELEGATE: (usize, &str) = (90_003, "苏一川");
pub(super) const LIAISON: (usize, &str) = (90_004, "林朗安");
pub(super) const CONSTITUENT: (usize, &str) = (90_005, "韩溪禾");
const FORMER: (usize, &str) = (90_006, "欧阳可舟");

const STATION: &str = "听澜镇党代表工作站";

/// A matter and what was done with it.
struct Story {
    subject: &'static str,
    text: &'static str,
    /// Days before the start of the demo.
    days_ago: i64,
    steps: &'static [(Step, &'static str)],
}

const ANSWER: (Step, &str) = (Step::Write, "您好，情况我已经了解，会尽快去现场看一看。");
const OPINION: (Step, &str) =
    (Step::FormOpinion, "枫浦村口公交站距学校较远，建议在学校门口增设一个停靠点。");
const UNNAMED: (Step, &str) = (Step::Choose(Choice::Unnamed), "");
const NAMED: (Step, &str) = (Step::Choose(Choice::Named), "");
const OFFICE: (Step, &str) =
    (Step::OfficeAnswer, "已会同运输企业现场勘查，下月起在学校门口增设停靠点。");

const STORIES: &[Story] = &[
    Story {
        subject: "村口公交站离学校太远",
        text: "孩子上学要走二十分钟，能不能在学校门口加一站？",
        days_ago: 40,
        steps: &[
            ANSWER,
            OPINION,
            UNNAMED,
            OFFICE,
            (Step::Close, "单位答复下月起增设停靠点，我会到时去看落实情况。"),
            (Step::Rate(5), ""),
            (
                Step::OfferPublication,
                "群众反映公交站离学校远，经转交办理，已确定在学校门口增设停靠点。",
            ),
            (Step::AnswerPublication { agrees: true }, ""),
        ],
    },
    Story {
        subject: "三组水渠淤塞影响浇地",
        text: "水渠两年没有清，下游浇不上水。",
        days_ago: 14,
        steps: &[],
    },
    Story {
        subject: "想了解返乡创业的扶持政策",
        text: "我想回村办个小加工点，有哪些政策？",
        days_ago: 3,
        steps: &[ANSWER],
    },
    Story {
        subject: "卫生室周末没有人值班",
        text: "老人周末看病要去镇上。",
        days_ago: 4,
        steps: &[ANSWER, (Step::FormOpinion, "落霞村卫生室周末无人值班，建议安排轮值。")],
    },
    Story {
        subject: "进村路口缺少减速带",
        text: "路口车速快，放学时很危险。",
        days_ago: 9,
        steps: &[
            ANSWER,
            (Step::FormOpinion, "进村路口放学时段车速较快，建议加装减速带和提示牌。"),
            NAMED,
        ],
    },
    Story {
        subject: "文化广场晚上没有灯",
        text: "晚上跳舞看不清，容易摔倒。",
        days_ago: 12,
        steps: &[
            ANSWER,
            (Step::FormOpinion, "文化广场照明不足，建议补装路灯。"),
            UNNAMED,
            (Step::OfficeAnswer, "已列入本月维修计划，月底前装好。"),
        ],
    },
    Story {
        subject: "连续多次发来辱骂内容",
        text: "这里是一段不文明的话。",
        days_ago: 2,
        steps: &[(Step::End, "多次辱骂，已提醒无效。")],
    },
];

/// Makes the delegates; `office` is the one that answers opinions, with who answers for it.
pub(super) async fn delegates(
    maker: &mut Maker<'_>,
    town: OrganisationId,
    (office, handler): (OrganisationId, PersonId),
) -> Result<()> {
    let now = maker.change.now;
    let liaison = maker.officer(LIAISON).await?;
    let id = maker.change.ids.next();
    delegates::give_liaison(maker.change.connection(), id, (town, liaison), (None, now)).await?;
    let station = maker.change.ids.next();
    delegates::make_station(maker.change.connection(), station, (town, STATION), None).await?;
    let constituent = maker.account(CONSTITUENT.1, &people::phone(CONSTITUENT.0)).await?;
    let since = now - Duration::days(60);
    let account = ("枫浦学生家长", 1985);
    boards::agree_in(maker.change.connection(), constituent, account, since).await?;
    report(maker, constituent).await?;
    let term = (-700, 1_100);
    let (delegate, first) = appoint(maker, DELEGATE, (town, "落霞村、枫浦村", term)).await?;
    let (_, second) = appoint(maker, OTHER_DELEGATE, (town, "清泉村、杏汀村", term)).await?;
    // The clock of the hub ends this term, and the liaison office finds the matter.
    let (_, former) = appoint(maker, FORMER, (town, "竹影街道", (-1_800, -1))).await?;
    for (number, story) in (1..).zip(STORIES) {
        let who = [constituent, delegate, handler];
        tell(maker, (number, story), (first, station), who, office).await?;
    }
    let more = [
        (second, "活动室图书太旧", "能不能添一些适合孩子看的书？", 1),
        (former, "小区门口积水", "下雨就积水，出不了门。", 6),
    ];
    for (number, (of, subject, text, days_ago)) in (90..).zip(more) {
        let story = Story { subject, text, days_ago, steps: &[] };
        tell(maker, (number, &story), (of, station), [constituent; 3], office).await?;
    }
    let visitor = Draft {
        delegate: first,
        station: Some(station),
        cid: "demo-visitor".to_owned(),
        called: "王家老人".to_owned(),
        subject: "高龄补贴没有收到".to_owned(),
        text: "来访人没有手机。反映上月高龄补贴没有到账，已答应查问。".to_owned(),
    };
    let id = maker.change.ids.next();
    let at = now - Duration::days(1);
    let (connection, locked) = maker.change.parts();
    delegates::receive_in(connection, locked, (id, delegate), &visitor, at).await
}

/// A delegate with a term, in days from the start of the demo; the person and the term's id.
async fn appoint(
    maker: &mut Maker<'_>,
    who: (usize, &str),
    (organisation, area, (from, until)): (OrganisationId, &str, (i64, i64)),
) -> Result<(PersonId, Uuid)> {
    let person = maker.officer(who).await?;
    let id = maker.change.ids.next();
    let day = |days| maker.plan.start.saturating_add(Duration::days(days));
    let new = NewDelegate {
        person,
        organisation,
        area: area.to_owned(),
        duties: "联系选区党员和群众，收集、反映意见建议，推动办理并反馈结果。".to_owned(),
        contact_days: "每月10日、20日上午，听澜镇党代表工作站".to_owned(),
        term_from: day(from),
        term_until: day(until),
    };
    delegates::appoint_in(maker.change.connection(), id, &new, None).await?;
    Ok((person, id))
}

async fn tell(
    maker: &mut Maker<'_>,
    (number, story): (u32, &Story),
    (delegate, station): (Uuid, Uuid),
    [constituent, answering, handler]: [PersonId; 3],
    office: OrganisationId,
) -> Result<()> {
    let begun = maker.change.now - Duration::days(story.days_ago);
    let draft = Draft {
        delegate,
        station: Some(station),
        cid: format!("demo{number}"),
        called: "枫浦学生家长".to_owned(),
        subject: story.subject.to_owned(),
        text: story.text.to_owned(),
    };
    let id = maker.change.ids.next();
    let (connection, locked) = maker.change.parts();
    delegates::begin_in(connection, locked, (id, constituent), &draft, begun).await?;
    for (hours, (step, text)) in (1..).zip(story.steps) {
        let (actor, person) = match step {
            step if step.may(Actor::Delegate, false) => (Actor::Delegate, answering),
            step if step.may(Actor::Office, false) => (Actor::Office, handler),
            _ => (Actor::Constituent, constituent),
        };
        let cid = format!("demo-{hours}");
        let given =
            Given { text: Some(text), office: Some(office), cid: Some(&cid), ..Given::default() };
        let taker = Taker { actor, person: Some(person) };
        let at = begun + Duration::hours(hours);
        delegates::take_in((&mut *connection, &mut *locked), taker, (id, *step), given, at).await?;
    }
    Ok(())
}
