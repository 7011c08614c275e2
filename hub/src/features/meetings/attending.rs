//! What those do who are called: answer the notice, come and go.

use std::collections::BTreeSet;

use signaling::event::EventKind;
use signaling::event::meetings::AttendanceChanged;
use signaling::http::meetings::{
    AnswerNotice, EnterOnSite, HandInVenue, Meeting, MeetingBeat, MeetingPlace, MeetingState,
};
use signaling::limits::VENUE_PEOPLE_MAX;
use signaling::{MeetingId, PersonId, RefusalCode};

use super::roll_queries::Arrival;
use super::rules::takes_sign_ins;
use super::steps::{Ground, Reach, Work};
use super::types::RollRow;
use super::{no_meeting, queries, reading, roll_queries, words};
use crate::auth::{Caller, Granted, Role};
use crate::error::{Error, Result};
use crate::features::organisations;

/// Answers the notice; a later answer replaces the earlier one.
pub async fn answer(
    ground: Ground<'_>,
    (person, granted): (PersonId, &Granted),
    (id, request): (MeetingId, &AnswerNotice),
) -> Result<Meeting> {
    let mut work = Work::begin(ground, id, Reach::Room).await?;
    work.admit(person, granted).await?;
    let line = work.line_of(person).filter(|line| !line.attendee.observer);
    let name = line.ok_or_else(no_meeting)?.name.clone();
    if !matches!(work.row.state, MeetingState::Notified | MeetingState::SignIn) {
        let sentence = "a notice is answered before the meeting opens";
        return Err(Error::refuse(RefusalCode::StepNotAllowed, sentence));
    }
    let reason = match &request.reason {
        _ if request.attends => None,
        Some(reason) => Some(organisations::reason(reason)?),
        None => {
            let sentence = "say why you can not come";
            return Err(Error::refuse(RefusalCode::ReasonRequired, sentence));
        }
    };
    let given = (request.attends, reason.as_deref());
    roll_queries::answer(work.connection(), (id, person), given).await?;
    work.note(Some(person), "answer", &words::answered(&name, request.attends)).await?;
    work.finish(person).await
}

/// Signs in at a device: the person is there, and in the room. An officer above comes as an observer.
pub async fn sign_in(
    ground: Ground<'_>,
    (caller, granted): (&Caller, &Granted),
    id: MeetingId,
) -> Result<Meeting> {
    let person = caller.person;
    let mut work = Work::begin(ground, id, Reach::Room).await?;
    let roles = work.admit(person, granted).await?;
    check_live(&work)?;
    if work.line_of(person).is_none() {
        if !roles.contains(&Role::Superior) {
            return Err(no_meeting());
        }
        let branch = work.setting.branch.id;
        let office = organisations::office_over(work.connection(), person, branch).await?;
        roll_queries::insert_observer(work.connection(), (id, person), &office).await?;
        work.read_roll().await?;
    }
    let line = work.line_of(person).ok_or_else(no_meeting)?.clone();
    match line.place() {
        MeetingPlace::OnSite | MeetingPlace::Venue => {
            let sentence = "you are entered in the room or at a venue; be taken off there first";
            return Err(Error::refuse(RefusalCode::StepNotAllowed, sentence));
        }
        MeetingPlace::Away | MeetingPlace::Online => {}
    }
    let arrival = Arrival {
        place: MeetingPlace::Online,
        device: Some(caller.device),
        venue: None,
        late: work.row.state == MeetingState::Open,
    };
    let came = line.place() == MeetingPlace::Away;
    let now = work.now;
    roll_queries::place(work.connection(), (id, person), arrival, now).await?;
    work.enter_room(&line).await?;
    work.read_roll().await?;
    if came {
        changed(&mut work, &line, (None, None)).await?;
        let detail = words::signed_in(&line, (None, None), &work.figures());
        work.note(Some(person), "sign_in", &detail).await?;
    } else if line.device != Some(caller.device) {
        work.note(Some(person), "move_device", &words::moved_device(&line.name)).await?;
    }
    work.finish(person).await
}

/// Signs out at whatever device.
pub(super) async fn sign_out(
    ground: Ground<'_>,
    (person, granted): (PersonId, &Granted),
    id: MeetingId,
) -> Result<Meeting> {
    let mut work = Work::begin(ground, id, Reach::Room).await?;
    work.admit(person, granted).await?;
    let line = work.line_of(person).ok_or_else(no_meeting)?.clone();
    if line.place() == MeetingPlace::Away {
        return work.finish(person).await;
    }
    check_live(&work)?;
    if line.place() != MeetingPlace::Online {
        let sentence = "you are entered in the room or at a venue; be taken off there";
        return Err(Error::refuse(RefusalCode::StepNotAllowed, sentence));
    }
    leave(&mut work, &line).await?;
    work.leave_room(Some(person), (person, &line.name)).await?;
    changed(&mut work, &line, (None, None)).await?;
    let detail = words::signed_out(&line, (None, None), &work.figures());
    work.note(Some(person), "sign_out", &detail).await?;
    work.finish(person).await
}

/// A sign of life from the device at which somebody signed in.
pub async fn beat(
    ground: Ground<'_>,
    (caller, granted): (&Caller, &Granted),
    id: MeetingId,
) -> Result<MeetingBeat> {
    let now = ground.clock.now();
    let mut connection = ground.db.acquire().await?;
    let (person, device) = (caller.person, caller.device);
    if !roll_queries::hear(&mut connection, (id, person), (device, now)).await? {
        // Says whether there is such a meeting for the person at all.
        reading::known(&mut connection, (person, id), (granted, now)).await?;
        let sentence = "you are not signed in at this device any more; sign in again";
        return Err(Error::refuse(RefusalCode::StepNotAllowed, sentence));
    }
    let (row, setting, roll) = reading::read(&mut connection, id, now).await?;
    let figures = reading::figures(&row, &setting, (&roll, now));
    Ok(MeetingBeat { state: row.state, lamp: reading::lamp(&figures) })
}

/// Enters that somebody without an own device is in the room, or is not.
pub async fn enter_on_site(
    ground: Ground<'_>,
    (by, granted): (PersonId, &Granted),
    (id, person, request): (MeetingId, PersonId, &EnterOnSite),
) -> Result<Meeting> {
    let mut work = Work::begin(ground, id, Reach::Room).await?;
    work.admit(by, granted).await?;
    check_live(&work)?;
    let line = work.line_of(person).filter(|line| !line.attendee.observer);
    let line = line.cloned().ok_or_else(|| {
        Error::refuse(RefusalCode::NotFound, "there is nobody like that on the roll")
    })?;
    let given = request.reason.as_deref().filter(|reason| !reason.trim().is_empty());
    let reason = given.map(organisations::reason).transpose()?;
    if work.row.state == MeetingState::Open && reason.is_none() {
        let sentence = "the meeting is open; say why the sign-in sheet changes";
        return Err(Error::refuse(RefusalCode::ReasonRequired, sentence));
    }
    let right = if request.present { MeetingPlace::Away } else { MeetingPlace::OnSite };
    let there = if request.present { MeetingPlace::OnSite } else { MeetingPlace::Away };
    if line.place() == there {
        return work.finish(by).await;
    }
    if line.place() != right {
        let sentence = "the person is signed in elsewhere; sign out there first";
        return Err(Error::refuse(RefusalCode::Conflict, sentence));
    }
    let by_name = organisations::name_of(work.connection(), by).await?;
    let entered = (Some(by_name.as_str()), reason.as_deref());
    if request.present {
        arrive(&mut work, &line, (MeetingPlace::OnSite, None)).await?;
        changed(&mut work, &line, entered).await?;
        let detail = words::signed_in(&line, entered, &work.figures());
        work.note(Some(by), "enter_on_site", &detail).await?;
    } else {
        leave(&mut work, &line).await?;
        changed(&mut work, &line, entered).await?;
        let detail = words::signed_out(&line, entered, &work.figures());
        work.note(Some(by), "take_off_on_site", &detail).await?;
    }
    work.finish(by).await
}

/// The head of a venue hands in the whole list of who is there; handing it in signs it.
pub async fn hand_in(
    ground: Ground<'_>,
    (head, granted): (PersonId, &Granted),
    (id, number, request): (MeetingId, u16, &HandInVenue),
) -> Result<Meeting> {
    let mut work = Work::begin(ground, id, Reach::Room).await?;
    work.admit(head, granted).await?;
    let venues = queries::venues(work.connection(), id).await?;
    let venue = usize::from(number).checked_sub(1).and_then(|place| venues.get(place));
    let venue = venue.filter(|venue| venue.head.person == head).ok_or_else(|| {
        Error::refuse(RefusalCode::NotFound, "you head no such venue of this meeting")
    })?;
    check_live(&work)?;
    let own = work.line_of(head).map(|line| (line.place(), line.venue));
    if !matches!(own, Some((MeetingPlace::Online | MeetingPlace::Venue, _))) {
        let sentence = "sign in yourself first, then hand in the list";
        return Err(Error::refuse(RefusalCode::StepNotAllowed, sentence));
    }
    let wanted = wanted(&work, number, request)?;
    let (mut came, mut left) = (Vec::new(), Vec::new());
    for line in work.roll.clone() {
        let is_there = line.venue == Some(number);
        if wanted.contains(&line.person) && !is_there {
            arrive(&mut work, &line, (MeetingPlace::Venue, Some(number))).await?;
            came.push(line);
        } else if is_there && !wanted.contains(&line.person) {
            leave(&mut work, &line).await?;
            left.push(line);
        }
    }
    for line in came.iter().chain(&left) {
        changed(&mut work, line, (Some(&venue.head.name), None)).await?;
    }
    let now = work.now;
    queries::sign_venue(work.connection(), (id, number), now).await?;
    let names: Vec<&str> = work
        .roll
        .iter()
        .filter(|line| line.venue == Some(number))
        .map(|line| line.name.as_str())
        .collect();
    let detail = words::handed_in(venue, &names, &work.figures());
    work.note(Some(head), "hand_in_venue", &detail).await?;
    work.finish(head).await
}

/// Who is to be at a venue; all of the roll, and none of them elsewhere. The head's own device
/// stays where it is.
fn wanted(work: &Work<'_>, number: u16, request: &HandInVenue) -> Result<BTreeSet<PersonId>> {
    if request.people.len() > VENUE_PEOPLE_MAX {
        let sentence = format!("a venue has at most {VENUE_PEOPLE_MAX} people");
        return Err(Error::refuse(RefusalCode::InvalidInput, sentence));
    }
    let mut wanted = BTreeSet::new();
    for person in &request.people {
        let line = work.line_of(*person).filter(|line| !line.attendee.observer);
        let line = line.ok_or_else(|| {
            let sentence = "somebody on the list is not on the roll; take the name off";
            Error::refuse(RefusalCode::InvalidInput, sentence)
        })?;
        let here = line.venue == Some(number);
        if !here && line.place() != MeetingPlace::Away {
            let sentence = format!("{} is signed in elsewhere; take the name off", line.name);
            return Err(Error::refuse(RefusalCode::Conflict, sentence));
        }
        wanted.insert(*person);
    }
    Ok(wanted)
}

fn check_live(work: &Work<'_>) -> Result<()> {
    if takes_sign_ins(work.row.state) {
        return Ok(());
    }
    let sentence = "people sign in shortly before the meeting and until it ends";
    Err(Error::refuse(RefusalCode::StepNotAllowed, sentence))
}

async fn arrive(
    work: &mut Work<'_>,
    line: &RollRow,
    (place, venue): (MeetingPlace, Option<u16>),
) -> Result<()> {
    let late = work.row.state == MeetingState::Open;
    let arrival = Arrival { place, device: None, venue, late };
    let (about, now) = ((work.row.id, line.person), work.now);
    roll_queries::place(work.connection(), about, arrival, now).await?;
    work.read_roll().await
}

async fn leave(work: &mut Work<'_>, line: &RollRow) -> Result<()> {
    arrive(work, line, (MeetingPlace::Away, None)).await
}

/// Tells the room where somebody is now, with the lamp.
async fn changed(
    work: &mut Work<'_>,
    was: &RollRow,
    (entered_by, reason): (Option<&str>, Option<&str>),
) -> Result<()> {
    let line = work.line_of(was.person).ok_or_else(no_meeting)?;
    let meeting = (work.row.kind, work.setting.host);
    let event = AttendanceChanged {
        person: line.person,
        name: line.name.clone(),
        part: line.part(meeting, &work.setting.numbers),
        place: line.place(),
        office: line.office.clone(),
        entered_by: entered_by.map(str::to_owned),
        reason: reason.map(str::to_owned),
        lamp: work.lamp(),
    };
    let room = work.row.id.room();
    work.append(room, EventKind::MeetingAttendance, &event).await
}
