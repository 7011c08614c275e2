//! Sentences of the record: what stands in the chain and, from there, in the draft of the minutes.
//! They are in Chinese whatever the reader's language, since the minutes are.

use signaling::http::meetings::{
    AgendaItem, MeetingKind, MinutesRole, RollPart, Venue, VoteChoice, VoteOutcome, VoteTally,
    VoteWay,
};
use signaling::limits::MINUTES_CHARS_MAX;
use time::OffsetDateTime;

use super::quorum::Figures;
use super::reading::{self, Known};
use super::types::{MeetingRow, RollRow, VoteRow};
use crate::features::audit::Record;
use crate::features::policies::local;

/// What a meeting of a kind is called.
pub(super) const fn kind(kind: MeetingKind) -> &'static str {
    match kind {
        MeetingKind::MembersMeeting => "党员大会",
        MeetingKind::CommitteeMeeting => "支委会",
        MeetingKind::GroupMeeting => "党小组会",
        MeetingKind::OrganisationLife => "组织生活会",
        MeetingKind::ThemeDay => "主题党日",
        MeetingKind::PartyLesson => "党课",
    }
}

/// A moment in the product's time zone, to the minute.
pub(super) fn moment(at: OffsetDateTime) -> String {
    let at = local(at);
    let (year, month, day) = (at.year(), u8::from(at.month()), at.day());
    format!("{year}年{month}月{day}日{:02}:{:02}", at.hour(), at.minute())
}

/// The figures of a moment in one line.
pub(super) fn figures(figures: &Figures) -> String {
    let Figures { expected, present, consulted, consulted_present, .. } = *figures;
    let mut line = match figures.needed {
        Some(needed) => format!("应到{expected}人，实到{present}人，需要{needed}人"),
        None => format!("到会{}人，不进行正式表决", figures.here),
    };
    if consulted > 0 {
        line = format!("{line}；参加人员{consulted}人，到会{consulted_present}人");
    }
    line
}

/// The notice went out.
pub(super) fn notified(
    row: &MeetingRow,
    (roll, agenda): (&[RollRow], &[AgendaItem]),
    count: &Figures,
) -> String {
    let items: Vec<String> =
        (1..).zip(agenda).map(|(number, item)| format!("{number}.{}", item.title)).collect();
    let late = row.late_reason.as_ref();
    let late = late.map(|reason| format!("；未提前规定天数，原因：{reason}")).unwrap_or_default();
    format!(
        "发出{}通知：《{}》，{}开始，主持人{}，记录人{}；通知{}人，应到{}人；议程：{}{late}",
        kind(row.kind),
        row.title,
        moment(row.starts_at),
        row.chair.name,
        row.recorder.name,
        roll.len(),
        count.expected,
        items.join("；"),
    )
}

/// It was cancelled.
pub(super) fn cancelled(reason: &str) -> String {
    format!("会议取消，原因：{reason}")
}

/// Somebody answered the notice; why somebody stays away is not for everybody.
pub(super) fn answered(name: &str, attends: bool) -> String {
    format!("{name}回复通知：{}", if attends { "参加" } else { "请假" })
}

/// How somebody is entered by another one, and why.
type Entered<'a> = (Option<&'a str>, Option<&'a str>);

fn entered((by, reason): Entered<'_>) -> String {
    let by = by.map(|by| format!("（{by}登记）")).unwrap_or_default();
    let reason = reason.map(|reason| format!("，原因：{reason}")).unwrap_or_default();
    format!("{by}{reason}")
}

fn called(line: &RollRow) -> String {
    match &line.office {
        Some(office) => format!("{}（列席，{office}）", line.name),
        None => line.name.clone(),
    }
}

/// Somebody came.
pub(super) fn signed_in(line: &RollRow, by: Entered<'_>, count: &Figures) -> String {
    format!("{}签到{}；{}", called(line), entered(by), figures(count))
}

/// Somebody left.
pub(super) fn signed_out(line: &RollRow, by: Entered<'_>, count: &Figures) -> String {
    format!("{}离会{}；{}", called(line), entered(by), figures(count))
}

/// Somebody goes on at another device.
pub(super) fn moved_device(name: &str) -> String {
    format!("{name}换设备签到")
}

/// The list of a venue.
pub(super) fn handed_in(venue: &Venue, names: &[&str], count: &Figures) -> String {
    let (name, head, people) = (&venue.name, &venue.head.name, names.join("、"));
    let number = names.len();
    format!("分会场{name}由{head}提交到会名单{number}人：{people}；{}", figures(count))
}

/// The sign-in opened.
pub(super) fn sign_in_opened(count: &Figures) -> String {
    format!("开始签到，应到{}人", count.expected)
}

/// The meeting opened.
pub(super) fn opened(chair: &str, count: &Figures) -> String {
    format!("{chair}宣布开会；{}", figures(count))
}

/// It was not held, or not to its end.
pub(super) fn adjourned(reason: &str, count: &Figures) -> String {
    format!("会议延期，原因：{reason}；{}", figures(count))
}

/// Why the clock adjourns a meeting.
pub(super) const QUORUM_MISSING: &str = "到会人数不足";

/// It ended.
pub(super) fn closed(chair: &str, count: &Figures) -> String {
    format!("{chair}宣布散会；{}", figures(count))
}

/// Somebody chairs instead of the chair.
pub(super) fn chair_taken(name: &str, chair: &str) -> String {
    format!("主持人{chair}未到会，由{name}主持")
}

/// Another item.
pub(super) fn item(item: Option<(u16, &str)>) -> String {
    match item {
        Some((number, title)) => format!("进入议程第{number}项：{title}"),
        None => "结束当前议程".to_owned(),
    }
}

/// The lamp changed while the meeting was open.
pub(super) fn lamp(reached: bool, count: &Figures) -> String {
    let word = if reached { "恢复到规定人数" } else { "低于规定人数，暂停表决" };
    format!("到会人数{word}；{}", figures(count))
}

const fn way(way: VoteWay) -> &'static str {
    match way {
        VoteWay::ShowOfHands => "举手表决",
        VoteWay::RollCall => "点名表决",
    }
}

const fn choice(choice: VoteChoice) -> &'static str {
    match choice {
        VoteChoice::Yes => "赞成",
        VoteChoice::No => "反对",
        VoteChoice::Abstain => "弃权",
    }
}

const fn effect(formal: bool) -> &'static str {
    if formal { "正式表决" } else { "征求意见" }
}

/// A vote was called.
pub(super) fn vote_called(chair: &str, vote: &VoteRow, count: &Figures) -> String {
    let (number, motion) = (vote.number, &vote.motion);
    let (effect, way) = (effect(vote.formal), way(vote.way));
    format!("{chair}提请第{number}次表决（{effect}，{way}）：{motion}；{}", figures(count))
}

/// Somebody cast openly.
pub(super) fn vote_cast(
    vote: &VoteRow,
    (name, part, chosen): (&str, RollPart, VoteChoice),
    by: Option<&str>,
) -> String {
    let apart = if vote.formal && part != RollPart::Entitled { "（征求意见）" } else { "" };
    let (number, chosen) = (vote.number, choice(chosen));
    format!("第{number}次表决：{name}{chosen}{apart}{}", entered((by, None)))
}

fn tally(tally: VoteTally) -> String {
    let VoteTally { yes, no, abstain } = tally;
    format!("赞成{yes}票，反对{no}票，弃权{abstain}票")
}

/// A vote closed.
pub(super) fn vote_closed(
    vote: &VoteRow,
    (formal, opinions): (VoteTally, VoteTally),
    outcome: Option<VoteOutcome>,
) -> String {
    let number = vote.number;
    let asked = if opinions == VoteTally::default() {
        String::new()
    } else {
        format!("；征求意见：{}", tally(opinions))
    };
    let Some(outcome) = outcome else {
        return format!("第{number}次表决（征求意见）结束{asked}");
    };
    let word = match outcome {
        VoteOutcome::Passed => "通过",
        VoteOutcome::NotPassed => "未通过",
        VoteOutcome::HalfExactly => "赞成恰为半数，未通过",
        VoteOutcome::NoQuorum => "人数不足，表决无效",
    };
    let (expected, present, cast) = (vote.expected, vote.present, tally(formal));
    format!("第{number}次表决结束：应到{expected}人，实到{present}人，{cast}，{word}{asked}")
}

/// A version of the minutes.
pub(super) fn minutes_written(name: &str, version: u16, hash: &str) -> String {
    format!("{name}保存会议记录第{version}版，校验值{hash}")
}

/// A signature.
pub(super) fn minutes_signed(
    (name, role): (&str, MinutesRole),
    version: u16,
    hash: &str,
) -> String {
    let role = match role {
        MinutesRole::Chair => "主持人",
        MinutesRole::Recorder => "记录人",
    };
    format!("{role}{name}签署会议记录第{version}版，校验值{hash}")
}

/// The superior sent them back.
pub(super) fn minutes_returned(reason: &str) -> String {
    format!("上级退回会议记录，原因：{reason}")
}

/// The superior took note of them.
pub(super) fn archived(name: &str) -> String {
    format!("上级{name}审阅，会议记录归档")
}

/// What of the record stands in the draft of the minutes.
const IN_DRAFT: &[&str] =
    &["open", "take_chair", "item", "call_vote", "close_vote", "lamp", "hand_in_venue", "close"];

/// The draft of the minutes, from the record.
pub(super) fn draft(known: &Known, agenda: &[AgendaItem], records: &[Record]) -> String {
    let Known { row, setting, roll, .. } = known;
    let at = row.ended_at.unwrap_or(row.starts_at);
    let figures_then = reading::figures(row, setting, (roll, at));
    let who = |holds: &dyn Fn(&RollRow) -> bool| {
        let names: Vec<String> = roll.iter().filter(|line| holds(line)).map(called).collect();
        if names.is_empty() { "无".to_owned() } else { names.join("、") }
    };
    let came = |line: &RollRow| line.signed_in_at.is_some();
    let place = row.place.as_deref().unwrap_or("视频会议");
    let chair = row.acting_chair.as_ref().unwrap_or(&row.chair);
    let mut lines = vec![
        format!("{}会议记录", row.title),
        format!("组织：{}", setting.organisation.title()),
        format!("类型：{}", kind(row.kind)),
        format!("时间：{} 至 {}", moment(row.opened_at.unwrap_or(row.starts_at)), moment(at)),
        format!("地点：{place}"),
        format!("主持人：{}　记录人：{}", chair.name, row.recorder.name),
        figures(&figures_then),
        format!("到会：{}", who(&|line| came(line) && !line.attendee.observer)),
        format!("请假：{}", who(&|line| !came(line) && line.attends == Some(false))),
        format!("缺席：{}", who(&|line| !came(line) && line.attends != Some(false))),
        format!("列席：{}", who(&|line| line.attendee.observer)),
        "议程：".to_owned(),
    ];
    lines.extend((1..).zip(agenda).map(|(number, item)| format!("{number}. {}", item.title)));
    lines.push("经过：".to_owned());
    let passed = records.iter().filter(|record| IN_DRAFT.contains(&record.action.as_str()));
    lines.extend(passed.map(|record| {
        let at = local(record.at);
        format!("{:02}:{:02} {}", at.hour(), at.minute(), record.detail)
    }));
    lines.push("决议：".to_owned());
    lines.join("\n").chars().take(MINUTES_CHARS_MAX).collect()
}
