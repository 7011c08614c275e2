//! Invented people and what they say. Nobody of these names and numbers exists: numbers that begin
//! with 100 are given to no one.

use std::collections::HashSet;

use signaling::event::chat::RoomRole;

use super::Plan;
use crate::app::Chance;

/// Members of one party group.
pub(super) const GROUP_SIZE: usize = 12;

const SURNAMES: &[&str] = &["林", "沈", "韩", "江", "苏", "欧阳", "司徒"];
const SYLLABLES: &[&str] = &["一", "禾", "川", "舟", "可", "宁", "朗", "安", "溪", "然"];

/// Somebody to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct DemoPerson {
    pub role: RoomRole,
    pub name: String,
    pub phone: String,
}

/// Everyone of a plan; the first of each group leads it.
pub(super) fn people(plan: &Plan) -> Vec<DemoPerson> {
    let chance = Chance::seeded(plan.seed);
    let mut names = HashSet::new();
    (1..=usize::from(plan.members))
        .map(|serial| {
            let drawn = name(&chance);
            let name =
                if names.insert(drawn.clone()) { drawn } else { format!("{drawn}{serial:03}") };
            let leads = serial % GROUP_SIZE == 1;
            let role = if leads { RoomRole::Leader } else { RoomRole::Member };
            DemoPerson { role, name, phone: format!("100{serial:08}") }
        })
        .collect()
}

/// Title of a group by its number.
pub(super) fn title(number: usize) -> String {
    const NUMBERS: &[&str] = &["零", "一", "二", "三", "四", "五", "六", "七", "八", "九", "十"];
    let number = NUMBERS.get(number).map_or_else(|| number.to_string(), |&word| word.to_owned());
    format!("听澜镇落霞村第一支部 第{number}党小组")
}

fn name(chance: &Chance) -> String {
    let draw = |words: &[&'static str]| {
        let count = u64::try_from(words.len()).unwrap_or_default();
        let index = usize::try_from(chance.below(count)).unwrap_or_default();
        words.get(index).copied().unwrap_or_default()
    };
    let (surname, first) = (draw(SURNAMES), draw(SYLLABLES));
    let mut second = draw(SYLLABLES);
    while second == first {
        second = draw(SYLLABLES);
    }
    format!("{surname}{first}{second}")
}

/// Who says what, by place in the group; the leader is 0.
pub(super) const TALK: &[(usize, &str)] = &[
    (0, "各位好,这里是第一党小组的网上小组,外出的同志也请常来看看。"),
    (3, "收到。"),
    (5, "收到,我在村里,有事随时说。"),
    (1, "收到,我在海棠市务工,晚上八点以后有空。"),
    (0, "下周三晚七点半开小组会,主题是防汛值班安排,请回复能否参加。"),
    (1, "收到,我在海棠市,线上参加。"),
    (4, "能参加,现场。"),
    (2, "能参加,现场。"),
    (7, "那天在县里办事,线上参加。"),
    (6, "我值白班,会后能到。"),
    (0, "好。值班分三班,请在本周五前把方便的时段告诉我。"),
    (8, "我可以值夜班,周一、周四。"),
    (9, "周末白天我来。"),
    (3, "清泉村三组的饮水管昨天修好了,有同志问起,一并说一声。"),
    (10, "枫浦村活动室的投影仪借好了,周三能用。"),
    (11, "需要带材料吗?"),
    (0, "不用,议题我会先发在这里。"),
    (1, "外地的同志能提前看到议题就好,谢谢组长。"),
    (0, "议题:一、防汛值班表;二、村道路灯维修;三、流动党员联系情况。"),
    (2, "路灯坏了五盏,我拍了位置,会上说。"),
];
