//! Meetings as people see them.

use signaling::http::meetings::{
    DeskMeetings, Meeting, MeetingAnswer, MeetingLamp, MeetingList, MeetingOrganiser, MeetingState,
    MeetingSummary, MyPlace, PersonName, RollLine,
};
use signaling::http::organisations::{OrganisationName, PostKind};
use signaling::limits::MEETING_BEAT_S;
use signaling::{MeetingId, PersonId};
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::queries::{self, Meetings};
use super::quorum::{self, Figures};
use super::roll_queries::{self, Roster};
use super::setting::{Setting, setting};
use super::steps::Ground;
use super::types::{MeetingRow, RollRow, roll_of};
use super::{access, no_meeting, preparing, vote_queries, voting};
use crate::app::App;
use crate::auth::{Granted, Role};
use crate::error::Result;
use crate::features::organisations::{self, Organisation};

/// How many of those that are over a list shows.
const OVER_MAX: usize = 50;

/// A meeting as it was read, and what the reader is over it.
pub(super) struct Known {
    pub row: MeetingRow,
    pub setting: Setting,
    pub roll: Vec<RollRow>,
    pub roles: Vec<Role>,
}

/// Reads a meeting with its roll; of a draft the roll that it would have.
pub(super) async fn read(
    connection: &mut PgConnection,
    id: MeetingId,
    now: OffsetDateTime,
) -> Result<(MeetingRow, Setting, Vec<RollRow>)> {
    let which = Meetings { id: Some(id), ..Meetings::default() };
    let found = queries::meetings(connection, &which).await?.into_iter().next();
    let row = found.ok_or_else(no_meeting)?;
    let at = row.ended_at.unwrap_or(now);
    let setting = setting(connection, row.organisation, at).await?;
    let roll = match row.state {
        MeetingState::Draft => {
            let roster = roll_queries::roster(connection, roster_of(&row, &setting)).await?;
            roll_of(roster)
        }
        _ => roll_queries::roll(connection, id, None).await?,
    };
    Ok((row, setting, roll))
}

/// Where the roster of a meeting is read from.
pub(super) fn roster_of(row: &MeetingRow, setting: &Setting) -> Roster {
    let group = (setting.organisation.id != setting.branch.id).then_some(setting.organisation.id);
    Roster { branch: setting.branch.id, group, kind: row.kind, meeting: row.id }
}

/// Reads a meeting of which the person may know, in the words of the access file.
pub(super) async fn known(
    connection: &mut PgConnection,
    (person, id): (PersonId, MeetingId),
    (granted, now): (&Granted, OffsetDateTime),
) -> Result<Known> {
    let (row, setting, roll) = read(connection, id, now).await?;
    let on_roll = roll.iter().any(|line| line.person == person);
    let roles = access::roles(connection, person, (&row, &setting, on_roll)).await?;
    if granted.0.allows_over(&roles) {
        Ok(Known { row, setting, roll, roles })
    } else {
        Err(no_meeting())
    }
}

/// A meeting as somebody may see it who may know of it.
pub(super) async fn one(
    ground: Ground<'_>,
    (person, id): (PersonId, MeetingId),
    granted: &Granted,
) -> Result<Meeting> {
    let now = ground.clock.now();
    let mut connection = ground.db.acquire().await?;
    let known = known(&mut connection, (person, id), (granted, now)).await?;
    if known.roll.iter().any(|line| line.person == person && line.delivered_at.is_none()) {
        roll_queries::deliver(&mut connection, person, (&[id.uuid()], now)).await?;
    }
    view(&mut connection, person, &known, now).await
}

/// The view of what was read.
pub(super) async fn view(
    connection: &mut PgConnection,
    person: PersonId,
    known: &Known,
    now: OffsetDateTime,
) -> Result<Meeting> {
    let Known { row, setting, roll, roles } = known;
    let at = row.ended_at.unwrap_or(now);
    let mine = roll.iter().find(|line| line.person == person);
    let whole = roles.iter().any(|role| matches!(role, Role::Leader | Role::Secretary));
    let figures = figures(row, setting, (roll, at));
    let lines = roll.iter().map(|one| line(one, (row, setting, at), whole || one.person == person));
    let votes = vote_queries::votes(connection, row.id).await?;
    let ballots = vote_queries::ballots(connection, row.id).await?;
    let votes = voting::views((votes, &ballots), (row, setting, roll), (person, at));
    let venues = queries::venues(connection, row.id).await?;
    let heads: Vec<PersonId> = venues.iter().map(|venue| venue.head.person).collect();
    let present = access::Present {
        votes: votes.iter().any(|vote| vote.missing.iter().any(|one| one.person == person)),
        heads_venue: heads.contains(&person),
        chair: roll.iter().any(|one| {
            one.person == row.chairs() && quorum::is_present(&one.attendee, at, &setting.numbers)
        }),
    };
    Ok(Meeting {
        summary: summary(row, setting, mine),
        room: row.id.room(),
        chair: row.chair.clone(),
        acting_chair: row.acting_chair.clone(),
        recorder: row.recorder.clone(),
        agenda: queries::items(connection, row.id).await?,
        item: row.item,
        venues,
        notified_at: row.notified_at,
        late_reason: row.late_reason.clone(),
        sign_in_at: row.starts_at - setting.spans.sign_in,
        opened_at: row.opened_at,
        ended_at: row.ended_at,
        ended_reason: row.ended_reason.clone(),
        lamp: lamp(&figures),
        roll: lines.collect(),
        votes,
        beat_s: MEETING_BEAT_S,
        rights: access::rights(person, (row, roles), mine, present),
    })
}

/// The figures of a roll at a moment.
pub(super) fn figures(
    row: &MeetingRow,
    setting: &Setting,
    (roll, at): (&[RollRow], OffsetDateTime),
) -> Figures {
    let attendees: Vec<_> = roll.iter().map(|line| line.attendee).collect();
    quorum::figures(&attendees, (row.kind, setting.host), at, &setting.numbers)
}

/// The figures in the words of the contract.
pub(super) fn lamp(figures: &Figures) -> MeetingLamp {
    MeetingLamp {
        state: figures.lamp(),
        expected: figures.expected,
        present: figures.present,
        connected: figures.connected,
        needed: figures.needed,
        consulted: figures.consulted,
        consulted_present: figures.consulted_present,
        here: figures.here,
        no_formal: figures.no_formal,
        may_vote: figures.may_vote(),
    }
}

fn line(
    one: &RollRow,
    (row, setting, at): (&MeetingRow, &Setting, OffsetDateTime),
    whole: bool,
) -> RollLine {
    let meeting = (row.kind, setting.host);
    let answer = one.attends.map(|attends| MeetingAnswer {
        attends,
        reason: one.answer_reason.clone().filter(|_| whole),
    });
    RollLine {
        person: one.person,
        name: one.name.clone(),
        part: one.part(meeting, &setting.numbers),
        not_counted: one.not_counted(meeting, &setting.numbers),
        office: one.office.clone(),
        answer,
        delivered_at: one.delivered_at.filter(|_| whole),
        place: one.place(),
        venue: one.venue,
        present: quorum::is_present(&one.attendee, at, &setting.numbers),
        connected: quorum::is_connected(&one.attendee, at, &setting.numbers),
        signed_in_at: one.signed_in_at,
        late: one.late,
    }
}

fn summary(row: &MeetingRow, setting: &Setting, mine: Option<&RollRow>) -> MeetingSummary {
    let mine = mine.filter(|_| row.state != MeetingState::Draft).map(|mine| MyPlace {
        part: mine.part((row.kind, setting.host), &setting.numbers),
        answer: mine
            .attends
            .map(|attends| MeetingAnswer { attends, reason: mine.answer_reason.clone() }),
        place: mine.place(),
    });
    MeetingSummary {
        meeting: row.id,
        kind: row.kind,
        state: row.state,
        title: row.title.clone(),
        organisation: short(&setting.organisation),
        starts_at: row.starts_at,
        place: row.place.clone(),
        closed: row.closed,
        mine,
    }
}

fn short(of: &Organisation) -> OrganisationName {
    OrganisationName { organisation: of.id, kind: of.kind, name: of.title() }
}

/// What a person is called to; the notices count as delivered.
pub(super) async fn list(app: &App, person: PersonId) -> Result<MeetingList> {
    let now = app.clock.now();
    let mut connection = app.db.acquire().await?;
    let which = |over| Meetings { called: Some(person), over: Some(over), ..Meetings::default() };
    let mut coming = queries::meetings(&mut connection, &which(false)).await?;
    coming.reverse();
    let mut over = queries::meetings(&mut connection, &which(true)).await?;
    over.truncate(OVER_MAX);
    let ids: Vec<_> = coming.iter().chain(&over).map(|row| row.id.uuid()).collect();
    roll_queries::deliver(&mut connection, person, (&ids, now)).await?;
    Ok(MeetingList {
        coming: summaries(&mut connection, person, coming, now).await?,
        over: summaries(&mut connection, person, over, now).await?,
    })
}

async fn summaries(
    connection: &mut PgConnection,
    person: PersonId,
    rows: Vec<MeetingRow>,
    now: OffsetDateTime,
) -> Result<Vec<MeetingSummary>> {
    let mut summaries = Vec::new();
    for row in rows {
        let setting = setting(connection, row.organisation, row.ended_at.unwrap_or(now)).await?;
        let mine = roll_queries::roll(connection, row.id, Some(person)).await?;
        summaries.push(summary(&row, &setting, mine.first()));
    }
    Ok(summaries)
}

/// Meetings of the organisations whose desk a person keeps, and where one can be called.
pub(super) async fn desk(app: &App, person: PersonId) -> Result<DeskMeetings> {
    let now = app.clock.now();
    let mut connection = app.db.acquire().await?;
    let of = queries::desk_of(&mut connection, person).await?;
    let mut places = Vec::new();
    for id in &of {
        let setting = setting(&mut connection, *id, now).await?;
        places.push(organiser(&mut connection, setting).await?);
    }
    places.sort_by(|a, b| a.organisation.name.cmp(&b.organisation.name));
    let which = Meetings { of, ..Meetings::default() };
    let rows = queries::meetings(&mut connection, &which).await?;
    let meetings = summaries(&mut connection, person, rows, now).await?;
    Ok(DeskMeetings { meetings, places })
}

async fn organiser(connection: &mut PgConnection, setting: Setting) -> Result<MeetingOrganiser> {
    let group = (setting.organisation.id != setting.branch.id).then_some(setting.organisation.id);
    let of = Roster {
        branch: setting.branch.id,
        group,
        kind: signaling::http::meetings::MeetingKind::MembersMeeting,
        meeting: MeetingId(uuid::Uuid::nil()),
    };
    let roster = roll_queries::roster(connection, of).await?;
    let people: Vec<PersonName> =
        roster.into_iter().map(|row| PersonName { person: row.person, name: row.name }).collect();
    let posts = organisations::posts_of(connection, setting.organisation.id).await?;
    let leads = |one: &&PersonName| {
        let posts = posts.get(&one.person);
        posts.is_some_and(|posts| {
            posts.iter().any(|post| matches!(post, PostKind::Secretary | PostKind::GroupLeader))
        })
    };
    Ok(MeetingOrganiser {
        organisation: short(&setting.organisation),
        kinds: preparing::kinds_of(setting.organisation.kind).to_vec(),
        chair: people.iter().find(leads).cloned(),
        people,
        notice_days: setting.notice_days,
    })
}
