//! One change of a meeting: a transaction under the head of its room, with what the room and the
//! inboxes are told and the records of the chain.

use signaling::event::EventKind;
use signaling::event::chat::{Joined, Left, RoleChanged, RoomRole};
use signaling::event::meetings::MeetingMoved;
use signaling::event::people::{Notice, NoticeKind};
use signaling::http::meetings::{Meeting, MeetingLamp};
use signaling::{MeetingId, PersonId, RefusalCode, RoomId};
use sqlx::{PgConnection, PgPool, Postgres, Transaction};
use time::OffsetDateTime;

use super::quorum::{Figures, is_present};
use super::reading::{self, Known};
use super::rules::{self, Effect, Moment, Step};
use super::setting::Setting;
use super::types::{MeetingRow, RollRow};
use super::{access, no_meeting, queries, roll_queries};
use crate::app::{App, Clock, Ids};
use crate::auth::{Granted, Role};
use crate::error::{Error, Fault, Result};
use crate::features::audit;
use crate::features::organisations;
use crate::timeline::{Append, Locked, Log};

/// Whom a change may tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// The room alone.
    Room,
    /// Everyone on the roll, and the superior, in their inboxes too.
    Inboxes,
}

/// What a command stands on: a running hub, or the demo with a clock of its own.
#[derive(Clone, Copy)]
pub struct Ground<'a> {
    pub db: &'a PgPool,
    pub timeline: &'a dyn Log,
    pub clock: &'a dyn Clock,
    pub ids: &'a Ids,
}

impl<'a> Ground<'a> {
    /// That of a hub.
    #[must_use]
    pub fn of(app: &'a App) -> Self {
        Self {
            db: &app.db,
            timeline: app.timeline.as_ref(),
            clock: app.clock.as_ref(),
            ids: &app.ids,
        }
    }
}

/// A change that goes on.
pub(super) struct Work<'a> {
    ground: Ground<'a>,
    transaction: Transaction<'static, Postgres>,
    pub locked: Locked,
    pub now: OffsetDateTime,
    pub row: MeetingRow,
    pub setting: Setting,
    pub roll: Vec<RollRow>,
}

impl<'a> Work<'a> {
    /// Takes the head of the room, and of the inboxes that may be told; heads are the first locks.
    pub async fn begin(ground: Ground<'a>, id: MeetingId, reach: Reach) -> Result<Self> {
        let now = ground.clock.now();
        let mut rooms = vec![id.room()];
        if reach == Reach::Inboxes {
            let mut connection = ground.db.acquire().await?;
            let (_, setting, roll) = reading::read(&mut connection, id, now).await?;
            rooms.extend(roll.iter().map(|line| line.person.inbox()));
            let above = superiors(&mut connection, &setting).await?;
            rooms.extend(above.into_iter().map(PersonId::inbox));
        }
        let mut transaction = ground.db.begin().await?;
        let locked = Locked::rooms(&mut transaction, &rooms).await?;
        let (row, setting, roll) = reading::read(&mut transaction, id, now).await?;
        Ok(Self { ground, transaction, locked, now, row, setting, roll })
    }

    pub fn connection(&mut self) -> &mut PgConnection {
        &mut self.transaction
    }

    /// Refuses whoever may not do what was granted, as if there were no such meeting; else what
    /// the person is over it.
    pub async fn admit(&mut self, person: PersonId, granted: &Granted) -> Result<Vec<Role>> {
        let on_roll = self.line_of(person).is_some();
        let about = (&self.row, &self.setting, on_roll);
        let roles = access::roles(&mut self.transaction, person, about).await?;
        if granted.0.allows_over(&roles) { Ok(roles) } else { Err(no_meeting()) }
    }

    /// The person on the roll.
    pub fn line_of(&self, person: PersonId) -> Option<&RollRow> {
        self.roll.iter().find(|line| line.person == person)
    }

    /// Whether somebody is there, within the grace.
    pub fn is_present(&self, person: PersonId) -> bool {
        let numbers = &self.setting.numbers;
        self.line_of(person).is_some_and(|line| is_present(&line.attendee, self.now, numbers))
    }

    pub fn figures(&self) -> Figures {
        reading::figures(&self.row, &self.setting, (&self.roll, self.now))
    }

    pub fn lamp(&self) -> MeetingLamp {
        reading::lamp(&self.figures())
    }

    /// Takes a step of the machine and does what follows inside the meeting; what people are told is
    /// left to the caller.
    pub async fn step(&mut self, by: Option<PersonId>, step: Step) -> Result<Vec<Effect>> {
        let figures = self.figures();
        let moment = moment(&figures, &self.setting, self.now);
        let (next, effects) = rules::step(&machine(&self.row), step, &moment)?;
        self.row.state = next.state;
        self.row.judged_at = next.judged_at;
        self.row.lamp = next.lamp;
        self.row.voting = next.voting;
        self.row.signatures = next.signatures;
        for effect in &effects {
            match effect {
                Effect::FixRoll => self.fix_roll().await?,
                Effect::CloseRoom => self.close_room(by).await?,
                Effect::TellRoll | Effect::TellSuperior | Effect::Lamp(_) => {}
            }
        }
        Ok(effects)
    }

    /// Makes somebody on the roll a member of the room; whoever runs the meeting leads there.
    pub async fn enter_room(&mut self, line: &RollRow) -> Result<()> {
        let room = self.row.id.room();
        let person = line.person;
        let runs = [self.row.chairs(), self.row.chair.person, self.row.recorder.person];
        let role = if runs.contains(&person) { RoomRole::Leader } else { RoomRole::Member };
        let present = organisations::role_in(&mut self.transaction, room, person).await?;
        if present == Some(role) {
            return Ok(());
        }
        let (name, now) = (line.name.clone(), self.now);
        self.locked.admit(&mut self.transaction, room, (person, role), now).await?;
        if present.is_some() {
            let changed = RoleChanged { person, name, role };
            return self.append(room, EventKind::RoleChanged, &changed).await;
        }
        self.append(room, EventKind::Joined, &Joined { person, name, role }).await
    }

    /// Ends somebody's membership of the room.
    pub async fn leave_room(
        &mut self,
        by: Option<PersonId>,
        (person, name): (PersonId, &str),
    ) -> Result<()> {
        let room = self.row.id.room();
        if !self.locked.dismiss(&mut self.transaction, room, person).await? {
            return Ok(());
        }
        let left = Left { person, name: name.to_owned(), removed: by != Some(person) };
        self.append(room, EventKind::Left, &left).await
    }

    /// Nobody is in the meeting any more; where everybody was when it ended stays on the roll.
    async fn close_room(&mut self, by: Option<PersonId>) -> Result<()> {
        for line in self.roll.clone() {
            self.leave_room(by, (line.person, &line.name)).await?;
        }
        Ok(())
    }

    /// Reads whom the meeting calls anew from the tables of members.
    async fn fix_roll(&mut self) -> Result<()> {
        let of = reading::roster_of(&self.row, &self.setting);
        let roster = roll_queries::roster(&mut self.transaction, of).await?;
        roll_queries::fix(&mut self.transaction, self.row.id, &roster).await?;
        self.read_roll().await
    }

    pub async fn read_roll(&mut self) -> Result<()> {
        self.roll = roll_queries::roll(&mut self.transaction, self.row.id, None).await?;
        Ok(())
    }

    /// Puts a record into the organisation's chain. `detail` is a sentence for the minutes.
    pub async fn note(
        &mut self,
        actor: Option<PersonId>,
        action: &str,
        detail: &str,
    ) -> Result<()> {
        let entry = audit::Entry {
            organisation: self.setting.branch.id,
            actor,
            action,
            object: self.row.id.uuid(),
            detail,
        };
        audit::record(&mut self.transaction, self.now, &entry).await
    }

    /// Tells everyone on the roll.
    pub async fn tell_roll(&mut self, kind: NoticeKind, reason: Option<&str>) -> Result<()> {
        let people: Vec<_> = self.roll.iter().map(|line| line.person).collect();
        for person in people {
            self.tell(person, kind, reason).await?;
        }
        Ok(())
    }

    /// Tells some of the roll.
    pub async fn tell_people(
        &mut self,
        people: &[PersonId],
        kind: NoticeKind,
        reason: Option<&str>,
    ) -> Result<()> {
        for person in people {
            self.tell(*person, kind, reason).await?;
        }
        Ok(())
    }

    /// Tells the room that the meeting stands elsewhere.
    pub async fn moved(&mut self, reason: Option<&str>) -> Result<()> {
        let lamp = self.lamp();
        self.row.shown = shown(&lamp);
        let event = MeetingMoved { state: self.row.state, reason: reason.map(str::to_owned), lamp };
        self.append(self.row.id.room(), EventKind::MeetingStep, &event).await
    }

    /// Tells those who answer for the organisation above.
    pub async fn tell_superiors(&mut self, kind: NoticeKind, reason: Option<&str>) -> Result<()> {
        for person in superiors(&mut self.transaction, &self.setting).await? {
            self.tell(person, kind, reason).await?;
        }
        Ok(())
    }

    async fn tell(
        &mut self,
        person: PersonId,
        kind: NoticeKind,
        reason: Option<&str>,
    ) -> Result<()> {
        let notice = Notice {
            notice: kind,
            organisation: self.row.organisation,
            title: self.row.title.clone(),
            join: None,
            person: None,
            name: None,
            reason: reason.map(str::to_owned),
            meeting: Some(self.row.id),
            starts_at: Some(self.row.starts_at),
            answer_by: None,
        };
        self.append(person.inbox(), EventKind::InboxNotice, &notice).await
    }

    /// Writes an event into the log of a held room.
    pub async fn append(
        &mut self,
        room: RoomId,
        kind: EventKind,
        body: &impl serde::Serialize,
    ) -> Result<()> {
        if self.locked.top(room).is_none() {
            let sentence = "this changed just now; look again and repeat";
            return Err(Error::refuse(RefusalCode::Conflict, sentence));
        }
        let append = Append {
            room,
            author: PersonId::SYSTEM,
            cid: format!("{}-{}", kind.word(), self.ground.ids.next().simple()),
            kind,
            reference: None,
            body: serde_json::to_string(body).map_err(Fault::new)?,
        };
        self.locked.append(&mut self.transaction, append).await?;
        Ok(())
    }

    /// Writes the meeting, commits and shows what was appended.
    pub async fn commit(mut self) -> Result<()> {
        let look_at = rules::due_at(&machine(&self.row), &self.setting.spans);
        queries::update(&mut self.transaction, &self.row, look_at).await?;
        self.transaction.commit().await?;
        self.ground.timeline.publish(self.locked.into_events()).await;
        Ok(())
    }

    /// As [`Self::commit`]; answers with the meeting as the person sees it now.
    pub async fn finish(self, person: PersonId) -> Result<Meeting> {
        let (ground, id) = (self.ground, self.row.id);
        self.commit().await?;
        let now = ground.clock.now();
        let mut connection = ground.db.acquire().await?;
        let (row, setting, roll) = reading::read(&mut connection, id, now).await?;
        let on_roll = roll.iter().any(|line| line.person == person);
        let roles = access::roles(&mut connection, person, (&row, &setting, on_roll)).await?;
        let known = Known { row, setting, roll, roles };
        reading::view(&mut connection, person, &known, now).await
    }
}

/// The figures that the room was told, to know whether they changed.
pub(super) fn shown(lamp: &MeetingLamp) -> String {
    let MeetingLamp { present, connected, consulted_present, here, .. } = lamp;
    format!("{present} {connected} {consulted_present} {here}")
}

/// What the machine is told of a moment.
pub(super) fn moment(figures: &Figures, setting: &Setting, now: OffsetDateTime) -> Moment {
    Moment { now, lamp: figures.lamp(), may_vote: figures.may_vote(), spans: setting.spans }
}

/// The meeting as the machine looks at it.
pub(super) fn machine(row: &MeetingRow) -> rules::Meeting {
    rules::Meeting {
        state: row.state,
        starts_at: row.starts_at,
        judged_at: row.judged_at,
        lamp: row.lamp,
        voting: row.voting,
        signatures: row.signatures,
    }
}

/// Those who answer for the organisation above the branch.
async fn superiors(connection: &mut PgConnection, setting: &Setting) -> Result<Vec<PersonId>> {
    match setting.branch.parent {
        Some(parent) => organisations::heads(connection, parent).await,
        None => Ok(Vec::new()),
    }
}
