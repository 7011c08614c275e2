//! A board of the town with a post in every state, who works on it, and one post that is overdue.

use image::{DynamicImage, Rgb, RgbImage};
use signaling::{OrganisationId, PersonId};
use time::Duration;

use super::making::Maker;
use super::people;
use crate::error::{Fault, Result};
use crate::features::boards::{
    self, Actor, Assignment, Attached, Draft, Duty, Given, Ground, Kind, Step, Taker,
};
use crate::features::pictures::Picture;

/// Number and name of the author, behind those of every member there can be.
pub(super) const AUTHOR: (usize, &str) = (90_001, "沈溪然");
/// Places in the first branch of whoever reviews, answers for the office, and decides.
pub(super) const REVIEWER: usize = 9;
pub(super) const HANDLER: usize = 10;
pub(super) const DECIDER: usize = 11;

/// A post and what was done with it, with the words that came with it.
struct Story {
    kind: Kind,
    title: &'static str,
    body: &'static str,
    /// Days before the start of the demo.
    days_ago: i64,
    private: bool,
    steps: &'static [(Step, &'static str)],
}

const PUBLISH: (Step, &str) = (Step::Publish, "");
const ASSIGN: (Step, &str) = (Step::Assign(Assignment { is_subject: false }), "");
const ACCEPT: (Step, &str) = (Step::Accept, "");
const DRAFT: (Step, &str) = (Step::DraftReply, "您好，您反映的情况已经核实并安排办理。");
const APPROVE: (Step, &str) = (Step::ApproveReply, "");

const fn story(
    (kind, title, body): (Kind, &'static str, &'static str),
    days_ago: i64,
    steps: &'static [(Step, &'static str)],
) -> Story {
    Story { kind, title, body, days_ago, private: false, steps }
}

const WATER: (Kind, &str, &str) =
    (Kind::Help, "枫浦村三组饮水管漏水已五天", "三组村口的饮水管从上周起漏水，晚上没有水用。");
const TRANSFER: (Kind, &str, &str) = (
    Kind::Enquiry,
    "组织关系转回落霞村要带什么材料",
    "请问组织关系从海棠市转回落霞村需要带什么材料？",
);
const ROOM: (Kind, &str, &str) =
    (Kind::Suggestion, "枫浦村活动室周末延长开放", "建议活动室周末延长开放到晚上八点。");

/// One post for each state; the first is overdue.
const STORIES: &[Story] = &[
    story(WATER, 30, &[PUBLISH, ASSIGN, ACCEPT]),
    story(TRANSFER, 1, &[]),
    story(
        (Kind::Complaint, "有人长期占用公共晒谷场地", "占了很久，希望管一管。"),
        3,
        &[(Step::Refuse(Ground::NoFacts), "请写明时间和地点。")],
    ),
    story(
        (Kind::Complaint, "村口路灯坏了多次无人理会", "十月起报修三次，没有人来。"),
        4,
        &[
            (Step::Refuse(Ground::Duplicate), "与另一条留言重复。"),
            (Step::Appeal, "那一条说的是另一盏灯。"),
        ],
    ),
    story(ROOM, 2, &[PUBLISH]),
    Story {
        kind: Kind::Help,
        title: "家中老人申请救助的进展",
        body: "上月递交了材料，想知道到哪一步了。",
        days_ago: 2,
        private: true,
        steps: &[(Step::AcceptPrivately, "")],
    },
    story(
        (Kind::Enquiry, "镇上图书角什么时候开放", "想带孩子去看书，请问开放时间。"),
        3,
        &[PUBLISH, ASSIGN],
    ),
    story(
        (Kind::Help, "进村公交站牌被风吹倒了", "站牌倒在路边，天黑时容易绊倒人。"),
        4,
        &[PUBLISH, ASSIGN, (Step::NotOurs, "公交站牌由街道管理。")],
    ),
    story(
        (Kind::Help, "清泉桥栏杆松动请尽快修", "桥中间一段栏杆松动，孩子上学要走。"),
        3,
        &[PUBLISH, ASSIGN, ACCEPT],
    ),
    story(
        (Kind::Help, "排水沟堵塞下雨就漫水", "雨大时水漫到院子里。"),
        5,
        &[PUBLISH, ASSIGN, ACCEPT, (Step::AskBack, "请问是哪一段排水沟？")],
    ),
    story(
        (Kind::Suggestion, "建议在卫生室加一把长椅", "排队的老人多，没有地方坐。"),
        4,
        &[PUBLISH, ASSIGN, ACCEPT, DRAFT],
    ),
    story(
        (Kind::Enquiry, "流动党员怎样参加线上小组会", "我在海棠市务工，想参加小组会。"),
        6,
        &[PUBLISH, ASSIGN, ACCEPT, DRAFT, APPROVE],
    ),
    story(
        (Kind::Help, "村道坑洼下雨天难以通行", "二组到学校一段坑多。"),
        8,
        &[PUBLISH, ASSIGN, ACCEPT, DRAFT, APPROVE, (Step::Unsatisfied, "只填了一半，还是有坑。")],
    ),
    story(
        (Kind::Thanks, "感谢驻村干部连夜抢修线路", "停电当晚就修好了，谢谢。"),
        9,
        &[PUBLISH, ASSIGN, ACCEPT, DRAFT, APPROVE, (Step::Rate(5), "很快，谢谢。")],
    ),
    story(
        (Kind::Suggestion, "建议集市换到周六上午举办", "周日人太多。"),
        2,
        &[(Step::Withdraw, "")],
    ),
    story(
        (Kind::Complaint, "这条留言公开后被人举报", "公开后发现含有他人信息。"),
        7,
        &[
            PUBLISH,
            (Step::Hide(Ground::PersonalData), ""),
            (Step::ReviewHiding { stands: true }, "确有他人电话，维持隐藏。"),
        ],
    ),
    story(
        (Kind::Complaint, "快递点占道堆放影响通行", "门口堆了很多包裹，推车过不去。"),
        1,
        &[PUBLISH, (Step::Hide(Ground::Insult), "先隐藏，请复核标题用语。")],
    ),
];

/// Makes the board: the town reviews, a village's office answers. `staff` are reviewer, handler and
/// decider with their numbers.
pub(super) async fn board(
    maker: &mut Maker<'_>,
    staff: [(PersonId, &str); 3],
    (town, office): (OrganisationId, OrganisationId),
) -> Result<()> {
    let duties = [(town, Actor::Reviewer), (office, Actor::Office), (town, Actor::Decider)];
    for ((person, phone), (organisation, actor)) in staff.into_iter().zip(duties) {
        maker.second_factor(person, phone).await?;
        let (id, now) = (maker.change.ids.next(), maker.change.now);
        let duty = (person, Duty { organisation, actor });
        boards::give_duty(maker.change.connection(), id, duty, (None, now)).await?;
    }
    let author = maker.account(AUTHOR.1, &people::phone(AUTHOR.0)).await?;
    let since = maker.change.now - Duration::days(60);
    boards::agree_in(maker.change.connection(), author, ("落霞村民", 1968), since).await?;
    let [(reviewer, _), (handler, _), (decider, _)] = staff;
    for (number, story) in (1..).zip(STORIES) {
        tell(maker, (number, story), [author, reviewer, handler, decider], (town, office)).await?;
    }
    Ok(())
}

/// A reader holds that one of the posts should not stand there.
pub(super) async fn report(maker: &mut Maker<'_>, reader: PersonId) -> Result<()> {
    let (number, now) = (7, maker.change.now);
    let begun = now - Duration::days(3);
    let id = maker.change.ids.next();
    let what = (id, reader, boards::first_number(begun) + number);
    let words = (Ground::Duplicate, "上周已有同样的留言。");
    boards::report_in(maker.change.connection(), what, words, now).await
}

/// The picture of the overdue post: a pipe over a puddle.
fn puddle() -> Result<Attached> {
    let drawn = RgbImage::from_fn(480, 320, |x, y| {
        let (across, down) = (i64::from(x) - 240, i64::from(y) - 260);
        let wet = across * across + down * down * 16 < 22_500;
        match y {
            _ if wet => Rgb([74, 124, 178]),
            90..=129 => Rgb([122, 128, 134]),
            130..=219 if (233..248).contains(&x) => Rgb([150, 190, 226]),
            0..=199 => Rgb([222, 230, 236]),
            _ => Rgb([168, 142, 108]),
        }
    });
    let picture = Picture::of(&DynamicImage::from(drawn), 80).map_err(Fault::new)?;
    Ok(Attached {
        picture, alt: Some("村口的水管在漏水，地上积了一片水".to_owned())
    })
}

async fn tell(
    maker: &mut Maker<'_>,
    (number, story): (i64, &Story),
    [author, reviewer, handler, decider]: [PersonId; 4],
    (board, office): (OrganisationId, OrganisationId),
) -> Result<()> {
    let begun = maker.change.now - Duration::days(story.days_ago);
    let draft = Draft {
        board,
        about: None,
        cid: format!("demo{number}"),
        kind: story.kind,
        title: story.title.to_owned(),
        body: story.body.to_owned(),
        private: story.private,
        pictures: if story.title == WATER.1 { vec![puddle()?] } else { Vec::new() },
    };
    let id = maker.change.ids.next();
    let connection = maker.change.connection();
    let first = boards::first_number(begun);
    let post = boards::submit_in(connection, (id, first + number), (author, &draft), begun).await?;
    for (hours, (step, text)) in (1..).zip(story.steps) {
        let (actor, person) = match step {
            step if step.may(Actor::Author) => (Actor::Author, author),
            Step::Hide(_) => (Actor::Reviewer, reviewer),
            Step::ReviewHiding { .. } => (Actor::Decider, decider),
            step if step.may(Actor::Office) => (Actor::Office, handler),
            _ => (Actor::Reviewer, reviewer),
        };
        let taker = Taker { actor, person: Some(person) };
        let given = Given { text: Some(text), office: Some(office), edit: None };
        let at = begun + Duration::hours(hours);
        boards::take_in(connection, taker, (post, *step), given, at).await?;
    }
    Ok(())
}
