//! Members: the record, the one home, participation elsewhere, party groups.

use signaling::event::people::{Notice, NoticeKind};
use signaling::http::organisations::{AffiliationKind, OrganisationKind};
use signaling::{OrganisationId, PersonId, RefusalCode, RoomId};
use sqlx::PgConnection;

use super::types::{Home, NewMember, Organisation};
use super::{Change, found_organisation, post_queries, posts, queries, rules};
use crate::error::{Error, Result};

/// The rooms that a change of a person's place in an organisation writes to: its own, that of the
/// person's group in it, the inbox.
pub async fn rooms_of_place(
    connection: &mut PgConnection,
    person: PersonId,
    of: &Organisation,
) -> Result<Vec<RoomId>> {
    let mut rooms = vec![person.inbox()];
    rooms.extend(of.room);
    if let Some(group) = queries::group_in(connection, person, of.branch()).await? {
        rooms.extend(found_organisation(connection, group).await?.room);
    }
    rooms.sort_unstable();
    rooms.dedup();
    Ok(rooms)
}

/// Opens the record of a member, with the one home.
pub async fn register(change: &mut Change, new: &NewMember, reason: &str) -> Result<()> {
    let now = change.now;
    if queries::member(change.connection(), new.person).await?.is_some() {
        return Err(Error::refuse(RefusalCode::Conflict, "the person is a member already"));
    }
    queries::insert_member(change.connection(), new, now).await?;
    match new.home {
        Home::Here(home) => {
            let home = found_organisation(change.connection(), home).await?;
            affiliate(change, (new.person, &home), AffiliationKind::Home, reason).await
        }
        Home::Elsewhere(_) => Ok(()),
    }
}

/// Begins an affiliation and opens the room of the branch to the person.
pub async fn affiliate(
    change: &mut Change,
    (person, to): (PersonId, &Organisation),
    kind: AffiliationKind,
    reason: &str,
) -> Result<()> {
    let reason = rules::reason(reason)?;
    let (id, by, now) = (change.ids.next(), change.by, change.now);
    let decision = (by, reason.as_str(), now);
    let begun = queries::insert_affiliation(change.connection(), id, (person, to), kind, decision);
    begun.await.map_err(rules::broken)?;
    change.settle(to, person).await
}

/// Ends an affiliation with what rests on it: the group and the posts in the branch, and its rooms.
/// A home ends only by [`move_home`].
pub async fn end_affiliation(
    change: &mut Change,
    (person, of): (PersonId, &Organisation),
    reason: &str,
) -> Result<()> {
    let reason = rules::reason(reason)?;
    let (by, now) = (change.by, change.now);
    if let Some(group) = queries::group_in(change.connection(), person, of.id).await? {
        let group = found_organisation(change.connection(), group).await?;
        leave_group(change, (person, &group), &reason).await?;
    }
    for post in post_queries::posts_at(change.connection(), person, of.id).await? {
        posts::end_held(change, post, &reason).await?;
    }
    let decision = (by, reason.as_str(), now);
    if !queries::end_affiliation(change.connection(), (person, of.id), decision).await? {
        return Err(Error::refuse(RefusalCode::NotFound, "the person does not belong to it"));
    }
    change.settle(of, person).await
}

/// Moves a member's home in one transaction; from outside this installation too.
pub async fn move_home(
    change: &mut Change,
    (person, to): (PersonId, &Organisation),
    reason: &str,
) -> Result<()> {
    let member = queries::member(change.connection(), person).await?;
    let member = member.ok_or_else(|| {
        Error::refuse(RefusalCode::NotFound, "there is no member's record of this person")
    })?;
    if member.home == Some(to.id) {
        return Err(Error::refuse(RefusalCode::Conflict, "the home is there already"));
    }
    // A participation at the new home becomes the home: one ends where the other begins, and the
    // group and the room stay.
    let stays = queries::affiliation(change.connection(), person, to.id).await?.is_some();
    let group = queries::group_in(change.connection(), person, to.id).await?;
    let (by, now) = (change.by, change.now);
    let decision = (by, reason, now);
    if stays {
        if let Some(group) = group {
            queries::end_group_member(change.connection(), (person, group), decision).await?;
        }
        queries::end_affiliation(change.connection(), (person, to.id), decision).await?;
    }
    match member.home {
        Some(from) => {
            let from = found_organisation(change.connection(), from).await?;
            end_affiliation(change, (person, &from), reason).await?;
        }
        None => queries::home_is_here(change.connection(), person).await?,
    }
    affiliate(change, (person, to), AffiliationKind::Home, reason).await?;
    if stays && let Some(group) = group {
        let place = (person, group, to.id);
        let id = change.ids.next();
        queries::insert_group_member(change.connection(), id, place, (by, now)).await?;
    }
    let notice = notice(NoticeKind::HomeMoved, to, reason);
    change.notify(person, &notice).await
}

/// Puts a member of the branch into one of its groups.
pub async fn enter_group(
    change: &mut Change,
    (person, group): (PersonId, &Organisation),
) -> Result<()> {
    let Some(branch) = group.parent.filter(|_| group.kind == OrganisationKind::PartyGroup) else {
        return Err(Error::refuse(RefusalCode::PlaceNotAllowed, "this is no party group"));
    };
    let (by, now) = (change.by, change.now);
    let place = (person, group.id, branch);
    let id = change.ids.next();
    let begun = queries::insert_group_member(change.connection(), id, place, (by, now)).await;
    begun.map_err(rules::broken)?;
    change.settle(group, person).await
}

/// Takes a member out of a group; the member stays in the branch.
pub async fn leave_group(
    change: &mut Change,
    (person, group): (PersonId, &Organisation),
    reason: &str,
) -> Result<()> {
    let reason = rules::reason(reason)?;
    let (by, now) = (change.by, change.now);
    for post in post_queries::posts_at(change.connection(), person, group.id).await? {
        posts::end_held(change, post, &reason).await?;
    }
    let decision = (by, reason.as_str(), now);
    if !queries::end_group_member(change.connection(), (person, group.id), decision).await? {
        return Err(Error::refuse(RefusalCode::NotFound, "the person is not in the group"));
    }
    change.settle(group, person).await
}

/// A notice about an organisation to the person it concerns.
pub(super) fn notice(kind: NoticeKind, about: &Organisation, reason: &str) -> Notice {
    Notice {
        notice: kind,
        organisation: about.id,
        title: about.title(),
        join: None,
        person: None,
        name: None,
        reason: Some(reason.to_owned()),
        answer_by: None,
        meeting: None,
        starts_at: None,
    }
}

/// The rooms that [`move_home`] writes to.
pub async fn rooms_of_move(
    connection: &mut PgConnection,
    person: PersonId,
    to: OrganisationId,
) -> Result<Vec<RoomId>> {
    let to = found_organisation(connection, to).await?;
    let mut rooms = rooms_of_place(connection, person, &to).await?;
    if let Some(from) = queries::member(connection, person).await?.and_then(|member| member.home) {
        let from = found_organisation(connection, from).await?;
        rooms.extend(rooms_of_place(connection, person, &from).await?);
    }
    Ok(rooms)
}

/// The notice to a person whose whole number somebody looked at.
pub(super) fn phone_seen(by: PersonId, name: String, reason: String) -> Notice {
    Notice {
        notice: NoticeKind::PhoneSeen,
        organisation: OrganisationId(uuid::Uuid::nil()),
        title: String::new(),
        join: None,
        person: Some(by),
        name: Some(name),
        reason: Some(reason),
        answer_by: None,
        meeting: None,
        starts_at: None,
    }
}
