//! Words of every page: days, moments, refusals.

use signaling::RefusalCode;
use time::{Date, OffsetDateTime, UtcOffset};

use super::layout::Lang;
use crate::features::policies::day_of;

/// A day: `11月30日（周一）`.
pub(in crate::features) fn day(lang: Lang, day: Date) -> String {
    const DAYS: [(&str, &str); 7] = [
        ("周一", "Mon"),
        ("周二", "Tue"),
        ("周三", "Wed"),
        ("周四", "Thu"),
        ("周五", "Fri"),
        ("周六", "Sat"),
        ("周日", "Sun"),
    ];
    let place = usize::from(day.weekday().number_days_from_monday());
    let (zh, en) = DAYS.get(place).copied().unwrap_or_default();
    match lang {
        Lang::Zh => format!("{}月{}日（{zh}）", u8::from(day.month()), day.day()),
        Lang::En => format!("{en} {} {}", day.day(), day.month()),
    }
}

/// A moment: day and time in Asia/Shanghai.
pub(in crate::features) fn moment(lang: Lang, at: OffsetDateTime) -> String {
    let local = at.to_offset(UtcOffset::from_hms(8, 0, 0).unwrap_or(UtcOffset::UTC));
    format!("{} {:02}:{:02}", day(lang, day_of(at)), local.hour(), local.minute())
}

/// A refusal in the words of the reader; what has no sentence of its own keeps the contract's.
pub(in crate::features) fn refusal(lang: Lang, code: RefusalCode, detail: &str) -> String {
    if lang == Lang::En {
        return match code {
            RefusalCode::WordsNotAllowed => {
                format!("Change or leave out, then send it again: {detail}")
            }
            _ => detail.to_owned(),
        };
    }
    let zh = match code {
        RefusalCode::NotFound => "没有可供您查看的内容。请核对编号或口令。",
        RefusalCode::SignInRequired | RefusalCode::FreshSignInRequired => "请先登录。",
        RefusalCode::SecondFactorRequired => "请先输入动态验证码，打开工作台。",
        RefusalCode::SecondFactorWrong => "动态验证码不对，或已经用过，请等下一个。",
        RefusalCode::TooManyRequests => "次数太多，请稍后再试。",
        RefusalCode::TextEmpty | RefusalCode::ReasonRequired => "请写几句话，不能留空。",
        RefusalCode::InvalidInput => {
            "填写的内容不符合要求：请看每一栏下面的说明，选项请从列表中选。"
        }
        RefusalCode::StepNotAllowed => "现在不能这样做：状态已经变了，或次数已用完。请刷新后再看。",
        RefusalCode::PlaceNotAllowed => "投诉不能交给被投诉的单位办理，请选择上一级单位。",
        RefusalCode::NotAllowed => "您不能这样做，须由另一位工作人员决定；未满14周岁不能留言。",
        RefusalCode::WordsNotAllowed => {
            return format!("文中有公开页面不接受的词，请修改或删去后再提交：{detail}");
        }
        RefusalCode::TooLarge => "太大：每张图片不超过8MB，整份表单不超过20MB；文字请缩短。",
        RefusalCode::TooManyPictures => "最多4张图片，请去掉几张。",
        RefusalCode::NotAPicture => "有一个文件不是JPEG、PNG或WebP图片，请换一张。",
        RefusalCode::TooManyPixels => "有一张图片的像素太多，请缩小后再选。",
        RefusalCode::PictureUnreadable => "有一张图片打不开或无法处理，请换一张。",
        RefusalCode::CodeWrong => "验证码不对或已过期，请重新获取。",
        RefusalCode::PhoneInvalid => "手机号不正确。",
        RefusalCode::NameRequired => "请填写显示名，并同意留言规则。",
        RefusalCode::TooLate => "期限已过，不能再延长。",
        RefusalCode::AccountDisabled => "该账号已停用。",
        _ => "现在办不到，请稍后再试。",
    };
    zh.to_owned()
}
