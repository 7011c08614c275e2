//! Posts with their terms.

use signaling::event::people::NoticeKind;
use signaling::http::organisations::{OrganisationKind, PostKind};
use signaling::{PersonId, PostId, RefusalCode};
use time::{Date, Month};

use super::post_queries::NewPost;
use super::types::Organisation;
use super::{Change, found_organisation, members, post_queries, queries, rules};
use crate::error::{Error, Result};
use crate::features::policies::{self, PolicyKey, day_of};

/// Gives a post. A group leader is a member of the group; the room follows.
pub async fn appoint(
    change: &mut Change,
    (person, at): (PersonId, &Organisation),
    kind: PostKind,
    reason: &str,
) -> Result<PostId> {
    let reason = rules::reason(reason)?;
    if kind == PostKind::GroupLeader {
        let group = queries::group_in(change.connection(), person, at.branch()).await?;
        if group != Some(at.id) {
            let sentence = "a group is led by one of its members";
            return Err(Error::refuse(RefusalCode::NotOfBranch, sentence));
        }
    }
    let term = term(change, at, kind).await?;
    let id = PostId(change.ids.next());
    let by = change.by;
    let post = NewPost { id, at, person, kind, term };
    let given = post_queries::insert_post(change.connection(), &post, (by, &reason)).await;
    given.map_err(rules::broken)?;
    change.settle(at, person).await?;
    change.notify(person, &members::notice(NoticeKind::PostGiven, at, &reason)).await?;
    Ok(id)
}

/// First and last day of a term that begins today; group leaders and department officers have none.
async fn term(
    change: &mut Change,
    at: &Organisation,
    kind: PostKind,
) -> Result<(Date, Option<Date>)> {
    let today = day_of(change.now);
    if matches!(kind, PostKind::GroupLeader | PostKind::DepartmentOfficer) {
        return Ok((today, None));
    }
    let key = match (at.kind, at.parent_kind) {
        (OrganisationKind::Branch, Some(OrganisationKind::GeneralBranch)) => PolicyKey::TermVillage,
        (kind, _) if rules::is_branch(kind) => PolicyKey::TermBranch,
        _ => PolicyKey::TermCommittee,
    };
    let years = policies::value(change.connection(), key, at.id, today).await?;
    Ok((today, Some(years_later(today, i32::try_from(years).unwrap_or_default()))))
}

/// The same day some years later; 28 February for a leap day.
fn years_later(day: Date, years: i32) -> Date {
    let year = day.year().saturating_add(years);
    let later = Date::from_calendar_date(year, day.month(), day.day());
    later.or_else(|_| Date::from_calendar_date(year, Month::February, 28)).unwrap_or(day)
}

/// Ends a post; the room follows.
pub async fn end(change: &mut Change, post: PostId, reason: &str) -> Result<()> {
    let reason = rules::reason(reason)?;
    end_held(change, post, &reason).await
}

/// As [`end`], with a reason that was checked.
pub(super) async fn end_held(change: &mut Change, post: PostId, reason: &str) -> Result<()> {
    let held = post_queries::post(change.connection(), post).await?;
    let Some((at, person, _)) = held else {
        return Err(Error::refuse(RefusalCode::NotFound, "nobody holds this post"));
    };
    let at = found_organisation(change.connection(), at).await?;
    let (by, now) = (change.by, change.now);
    post_queries::end_post(change.connection(), post, (by, reason, now)).await?;
    change.settle(&at, person).await?;
    change.notify(person, &members::notice(NoticeKind::PostEnded, &at, reason)).await
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    #[test]
    fn a_term_that_begins_on_a_leap_day_ends_on_28_february() {
        assert_eq!(years_later(date!(2028 - 02 - 29), 3), date!(2031 - 02 - 28));
        assert_eq!(years_later(date!(2028 - 02 - 29), 4), date!(2032 - 02 - 29));
        assert_eq!(years_later(date!(2026 - 11 - 24), 5), date!(2031 - 11 - 24));
    }
}
