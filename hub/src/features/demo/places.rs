//! The invented county: its committees, villages and streets.

use signaling::http::organisations::{JointUnit, OrganisationKind as Kind};

/// An organisation above the branches.
#[derive(Clone, Copy, Debug)]
pub(super) struct Upper {
    pub kind: Kind,
    pub name: &'static str,
    /// Place in [`UPPERS`] of the one above.
    pub above: Option<usize>,
}

const fn upper(kind: Kind, name: &'static str, above: usize) -> Upper {
    Upper { kind, name, above: Some(above) }
}

/// Every organisation above the branches, each after the one above it.
pub(super) const UPPERS: &[Upper] = &[
    Upper { kind: Kind::ProvinceCommittee, name: "中共青岚省委员会", above: None },
    upper(Kind::CityCommittee, "中共雁渚市委员会", 0),
    upper(Kind::CountyCommittee, "中共云禾县委员会", 1),
    upper(Kind::OrganizationDepartment, "中共云禾县委组织部", 2),
    upper(Kind::GrassrootsCommittee, "中共云禾县听澜镇委员会", 2),
    upper(Kind::GrassrootsCommittee, "中共云禾县雁归镇委员会", 2),
    upper(Kind::WorkCommittee, "中共云禾县竹影街道工作委员会", 2),
    upper(Kind::GeneralBranch, "中共云禾县听澜镇落霞村总支部委员会", 4),
    upper(Kind::GeneralBranch, "中共云禾县听澜镇枫浦村总支部委员会", 4),
    upper(Kind::GeneralBranch, "中共云禾县雁归镇清泉村总支部委员会", 5),
    upper(Kind::GeneralBranch, "中共云禾县雁归镇杏汀村总支部委员会", 5),
];

/// Place in [`UPPERS`] of the town that has a board, and of the village whose office answers.
pub(super) const TOWN: usize = 4;
pub(super) const BOARD_OFFICE: usize = 8;

/// What stands directly above a branch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Above {
    County,
    Street,
    /// General branch of a village, by its place in [`UPPERS`].
    Village(usize),
}

impl Above {
    /// Place in [`UPPERS`].
    pub(super) const fn index(self) -> usize {
        match self {
            Self::County => 2,
            Self::Street => 6,
            Self::Village(index) => index,
        }
    }
}

/// The joint branch that is the home of its members.
pub(super) const HOME_JOINT: &str = "竹影街道快运家政联合党支部";
/// The joint branch whose members have their homes elsewhere.
pub(super) const NETWORK_JOINT: &str = "云上云禾第一网络联合党支部";
/// The branch of those who work in the city of 海棠.
pub(super) const MOBILE_BRANCH: &str = "云禾驻海棠市流动党员党支部";
/// Sixty characters, the longest name there can be.
pub(super) const LONG_NAME: &str = "中共云禾县雁归镇清泉村生态农业示范合作社与清泉村乡村旅游服务示范中心以及清泉村防汛值守综合协调示范站联合组建的支部委员会";

/// The units of both joint branches, each with so many full members.
pub(super) fn units(full_members: u16) -> Vec<JointUnit> {
    ["云禾快运示例公司", "青岚电商示例协会", "竹影家政示例社"]
        .into_iter()
        .map(|name| JointUnit { name: name.to_owned(), full_members })
        .collect()
}

/// Where branches stand.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// 0 to [`PLACES`] - 1.
    pub index: usize,
    pub above: Above,
    name: &'static str,
}

/// How many places there are.
pub(super) const PLACES: usize = 5;

/// The place of a branch by its number.
pub(super) const fn place(number: usize) -> Place {
    let (above, name) = match number % PLACES {
        0 => (Above::Village(7), "落霞村"),
        1 => (Above::Village(8), "枫浦村"),
        2 => (Above::Village(9), "清泉村"),
        3 => (Above::Village(10), "杏汀村"),
        _ => (Above::Street, "竹影街道"),
    };
    Place { index: number % PLACES, above, name }
}

impl Place {
    /// Name of its branch with this number, from 1.
    pub(super) fn branch_name(self, number: usize) -> String {
        format!("中共{}第{}支部委员会", self.name, ordinal(number))
    }
}

/// A number from 1 to 99 in words; larger ones in digits.
pub(super) fn ordinal(number: usize) -> String {
    const DIGITS: [&str; 10] = ["", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    let digit = |at: usize| DIGITS.get(at).copied().unwrap_or_default();
    match (number / 10, number % 10) {
        (0, ones) => digit(ones).to_owned(),
        (1, ones) => format!("十{}", digit(ones)),
        (tens @ 2..=9, ones) => format!("{}十{}", digit(tens), digit(ones)),
        _ => number.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_people_write_them() {
        for (number, word) in
            [(1, "一"), (10, "十"), (12, "十二"), (20, "二十"), (99, "九十九"), (100, "100")]
        {
            assert_eq!(ordinal(number), word);
        }
    }

    #[test]
    fn everything_stands_below_something_that_was_founded_before_it() {
        for (index, upper) in UPPERS.iter().enumerate() {
            assert!(upper.above.is_none_or(|above| above < index), "{}", upper.name);
        }
    }
}
