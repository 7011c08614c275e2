//! What pages call things, in both languages.

use time::Date;

use super::layout::Lang;
use crate::features::boards::reading::Told;
use crate::features::boards::{Actor, Ground, Kind, State};
pub(super) use crate::features::pages::words::{day, moment, refusal};

pub(super) const fn kind(lang: Lang, kind: Kind) -> &'static str {
    match kind {
        Kind::Enquiry => lang.say("咨询", "Enquiry"),
        Kind::Suggestion => lang.say("建言", "Suggestion"),
        Kind::Help => lang.say("求助", "Help"),
        Kind::Complaint => lang.say("投诉", "Complaint"),
        Kind::Thanks => lang.say("感谢", "Thanks"),
    }
}

pub(super) const fn state(lang: Lang, state: State) -> &'static str {
    match state {
        State::Pending => lang.say("待审核", "Waits for review"),
        State::Refused => lang.say("未予公开", "Not published"),
        State::Appealed => lang.say("申诉复核中", "Appeal under review"),
        State::Published => lang.say("已公开，待转办", "Published, to be assigned"),
        State::Accepted => {
            lang.say("已受理（不公开），待转办", "Accepted privately, to be assigned")
        }
        State::Assigned => lang.say("已转办，待受理", "Assigned, not yet accepted"),
        State::Reassigned => lang.say("重新转办中", "Being assigned anew"),
        State::InProgress => lang.say("办理中", "In progress"),
        State::AwaitingAuthor => lang.say("等待留言人补充", "Waits for its author"),
        State::ReplyReview => lang.say("答复审核中", "Reply under review"),
        State::Replied => lang.say("已答复，待评价", "Answered, to be rated"),
        State::Reopened => lang.say("留言人不满意，重新办理", "Reopened"),
        State::Closed => lang.say("已办结", "Closed"),
        State::Withdrawn => lang.say("已撤回", "Withdrawn"),
        State::HidingReview => lang.say("已隐藏，复核中", "Hidden, under review"),
        State::Hidden => lang.say("已隐藏", "Hidden"),
    }
}

pub(super) const fn ground(lang: Lang, ground: Ground) -> &'static str {
    match ground {
        Ground::OutOfScope => lang.say("不属于本留言板受理范围", "Outside what this board is for"),
        Ground::InCourt => lang.say("已进入诉讼、仲裁等程序", "Before a court or in arbitration"),
        Ground::Duplicate => lang.say("与已有留言重复", "The same as another post"),
        Ground::NoFacts => lang.say("没有具体事实", "States no facts"),
        Ground::Insult => lang.say("含有侮辱、谩骂内容", "Insults somebody"),
        Ground::Unlawful => lang.say("含有违法内容", "Unlawful"),
        Ground::Secret => lang.say("涉及国家秘密或内部资料", "Secret or internal matter"),
        Ground::PersonalData => lang.say("含有他人个人信息", "Personal data of others"),
    }
}

pub(super) fn ground_of(lang: Lang, word: &str) -> &'static str {
    Ground::of(word).map_or("", |value| ground(lang, value))
}

/// What a line of the history says.
pub(super) fn step(lang: Lang, told: &Told) -> &'static str {
    match told.step.as_str() {
        "submit" => lang.say("提交留言", "Sent"),
        "publish" => lang.say("审核通过，公开", "Reviewed and published"),
        "accept_privately" => lang.say("审核通过，不公开受理", "Accepted, not published"),
        "refuse" => lang.say("未予公开", "Not published"),
        "edit" => lang.say("修改后再次提交", "Changed and sent again"),
        "withdraw" => lang.say("撤回", "Withdrawn"),
        "appeal" => lang.say("提出申诉", "Appeal"),
        "appeal_fails" => lang.say("申诉复核：维持原决定", "Appeal: the decision stands"),
        "appeal_succeeds" => lang.say("申诉复核：撤销原决定", "Appeal: the decision is lifted"),
        "assign" => lang.say("转办", "Assigned"),
        "accept" => lang.say("承办单位受理", "Accepted by the office"),
        "not_ours" => lang.say("承办单位提出不属于本单位职责", "Not for this office"),
        "ask_back" => lang.say("请留言人补充情况", "The office asks its author"),
        "add" => lang.say("留言人补充", "Its author added"),
        "extend" => lang.say("延长办理期限", "More time for the answer"),
        "draft_reply" => lang.say("拟好答复，送审", "Reply sent to review"),
        "return_reply" => lang.say("答复退回修改", "Reply returned"),
        "approve_reply" => lang.say("答复", "Answered"),
        "rate" => lang.say("留言人评价", "Rated by its author"),
        "unsatisfied" => lang.say("留言人不满意，重新办理", "Its author was not satisfied"),
        "hide" => lang.say("紧急隐藏，待另一人复核", "Hidden at once, another person reviews it"),
        "hiding_stands" => lang.say("复核：维持隐藏", "Review: it stays hidden"),
        "hiding_lifted" => lang.say("复核：恢复公开", "Review: public again"),
        "clock" if told.actor == "clock" => lang.say("到期提醒", "A time ran out"),
        _ => lang.say("更新", "Changed"),
    }
}

pub(super) const fn actor(lang: Lang, actor: Actor) -> &'static str {
    match actor {
        Actor::Author => lang.say("留言人", "Author"),
        Actor::Reviewer => lang.say("审核人员", "Reviewer"),
        Actor::Office => lang.say("承办单位", "Office"),
        Actor::Decider => lang.say("上级复核", "Superior"),
        Actor::Clock => lang.say("系统计时", "Clock"),
    }
}

/// A number as people read it: `261124-482913`.
pub(super) fn number(number: i64) -> String {
    let (day, rest) = (number.div_euclid(1_000_000), number.rem_euclid(1_000_000));
    format!("{day:06}-{rest:06}")
}

/// What a wait is for and until when.
pub(super) fn awaited(lang: Lang, (at, due): (State, Option<Date>)) -> Option<String> {
    let by = day(lang, due?);
    let what = match at {
        State::Pending => ("审核结果将不晚于", "The review is due by "),
        State::Appealed => ("复核结果将不晚于", "The decision on the appeal is due by "),
        State::Published | State::Accepted | State::Reassigned | State::Reopened => {
            ("将转交承办单位，不晚于", "It is given to an office by ")
        }
        State::Assigned => ("承办单位将决定是否受理，不晚于", "The office accepts it by "),
        State::InProgress => ("承办单位将答复，不晚于", "The office answers by "),
        State::AwaitingAuthor => ("等待留言人补充，截至", "Its author may add until "),
        State::HidingReview => {
            ("另一位工作人员将复核是否继续隐藏，不晚于", "Another person reviews the hiding by ")
        }
        State::ReplyReview => ("答复正在审核，不晚于", "The reply is reviewed by "),
        State::Replied => ("留言人可以评价，截至", "Its author may rate until "),
        State::Refused | State::Closed | State::Withdrawn | State::Hidden => return None,
    };
    Some(format!("{}{by}", lang.say(what.0, what.1)))
}
