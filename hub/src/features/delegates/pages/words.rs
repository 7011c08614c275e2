//! What the pages of threads call things, in both languages.

use time::Date;

use crate::features::delegates::queries::Told;
use crate::features::delegates::types::State;
use crate::features::pages::layout::Lang;
pub(super) use crate::features::pages::words::{day, moment};

pub(super) const fn state(lang: Lang, state: State) -> &'static str {
    match state {
        State::Waiting => lang.say("等待代表答复", "Waits for the delegate"),
        State::Talking => lang.say("代表已答复", "The delegate answered"),
        State::Opinion => lang.say("意见待群众确认", "Opinion waits for the constituent"),
        State::WithOffice => lang.say("已转交单位办理", "With an office"),
        State::Answered => lang.say("单位已答复，待代表反馈", "The office answered"),
        State::Closed => lang.say("已办结", "Closed"),
        State::Ended => lang.say("代表已终止", "Ended by the delegate"),
        State::Turned => lang.say("联络机构复核中", "Before the liaison office"),
        State::Withdrawn => lang.say("已撤回", "Withdrawn"),
    }
}

/// What is awaited and until when.
pub(super) fn awaited(lang: Lang, (at, due): (State, Option<Date>)) -> Option<String> {
    let by = day(lang, due?);
    let what = match at {
        State::Waiting => ("代表将答复，不晚于", "The delegate answers by "),
        State::Opinion => {
            ("请在此日前选择，逾期不选则不发送：", "To be chosen by this day, or nothing is sent: ")
        }
        State::WithOffice => ("承办单位将答复，不晚于", "The office answers by "),
        State::Answered => ("代表将反馈结果，不晚于", "The delegate tells the outcome by "),
        State::Closed => ("可以评价，截至", "May be rated until "),
        State::Ended => ("可向联络机构反映，截至", "The liaison office may be asked until "),
        State::Turned => ("联络机构将作出决定，不晚于", "The liaison office decides by "),
        State::Talking | State::Withdrawn => return None,
    };
    Some(format!("{}{by}", lang.say(what.0, what.1)))
}

/// Working days that are left, or how many are over.
pub(super) fn left(lang: Lang, (days, over): (u32, u32)) -> String {
    match (lang, days, over) {
        (Lang::Zh, _, over) if over > 0 => format!("已超期{over}个工作日"),
        (Lang::Zh, 0, _) => "今天到期".to_owned(),
        (Lang::Zh, days, _) => format!("还剩{days}个工作日"),
        (Lang::En, _, over) if over > 0 => format!("{over} working days overdue"),
        (Lang::En, 0, _) => "due today".to_owned(),
        (Lang::En, days, _) => format!("{days} working days left"),
    }
}

/// What a line of the history says.
pub(super) fn step(lang: Lang, told: &Told) -> &'static str {
    match told.step.as_str() {
        "begin" => lang.say("提出事项", "Begun"),
        "receive" => lang.say("代表接待并记录", "Noted by the delegate at a reception"),
        "write" if told.actor == "delegate" => lang.say("代表答复", "The delegate answered"),
        "write" => lang.say("继续反映", "The constituent wrote again"),
        "form_opinion" => lang.say("代表形成意见，待确认", "The delegate formed an opinion"),
        "take_back_opinion" => lang.say("代表收回意见稿", "The delegate took the draft back"),
        "send_named" => lang.say("同意署名发送", "Sent with the name"),
        "send_unnamed" => lang.say("同意不署名发送", "Sent without the name"),
        "do_not_send" => lang.say("选择不发送", "Not to be sent"),
        "office_answer" => lang.say("单位答复", "The office answered"),
        "extend" => lang.say("单位延长办理期限", "The office takes more time"),
        "decline" => lang.say("单位说明不属于其职责", "Not for this office"),
        "close" => lang.say("代表反馈结果，办结", "The delegate told the outcome"),
        "rate" => lang.say("评价", "Rated"),
        "offer_publication" => lang.say("代表征求公开意见", "Asked whether it may be published"),
        "agree_publication" => lang.say("同意公开", "May be published"),
        "decline_publication" => lang.say("不同意公开", "Not to be published"),
        "end" => lang.say("代表终止交流", "Ended by the delegate"),
        "turn" => lang.say("向联络机构反映", "Turned to the liaison office"),
        "ending_stands" => lang.say("联络机构：维持终止", "Liaison office: the ending stands"),
        "ending_lifted" => lang.say("联络机构：恢复交流", "Liaison office: the matter goes on"),
        "pass_on" => lang.say("联络机构转给代表：", "Given by the liaison office to "),
        "succeeded" => lang.say("代表任期结束，由继任代表接办：", "Term over; succeeded by "),
        "to_liaison" => {
            lang.say("代表任期结束，由联络机构接管", "Term over; the liaison office has it")
        }
        "withdraw" => lang.say("撤回事项", "Withdrawn"),
        "clock" if told.actor == "clock" => lang.say("到期提醒", "A time ran out"),
        _ => lang.say("更新", "Changed"),
    }
}
