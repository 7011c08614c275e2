//! Minutes: drafted from the record, written in versions, signed by whoever chaired and the recorder
//! over the hash of what was on the screen, taken note of by the superior.

use std::fmt::Write as _;

use signaling::event::people::NoticeKind;
use signaling::http::meetings::{
    Meeting, MeetingLogLine, MeetingState, Minutes, MinutesRole, SignMinutes, WriteMinutes,
};
use signaling::limits::MINUTES_CHARS_MAX;
use signaling::{MeetingId, PersonId, RefusalCode};
use sqlx::PgConnection;

use super::minutes_queries::{self, Version};
use super::reading::{self, Known};
use super::rules::Step;
use super::steps::{Ground, Reach, Work};
use super::{access, queries, words};
use crate::auth::{Granted, Session};
use crate::error::{Error, Result};
use crate::features::{accounts, audit, organisations};

/// Bytes in hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// What is signed: meeting, version and text.
fn hash(of: MeetingId, version: u16, text: &str) -> Vec<u8> {
    audit::digest(&[of.0.as_bytes(), &version.to_be_bytes(), text.as_bytes()])
}

/// The minutes as somebody may read them.
pub async fn read(
    ground: Ground<'_>,
    (person, id): (PersonId, MeetingId),
    granted: &Granted,
) -> Result<Minutes> {
    let now = ground.clock.now();
    let mut connection = ground.db.acquire().await?;
    let known = reading::known(&mut connection, (person, id), (granted, now)).await?;
    view(&mut connection, person, &known).await
}

async fn view(connection: &mut PgConnection, person: PersonId, known: &Known) -> Result<Minutes> {
    use MeetingState as State;
    let Known { row, roll, roles, .. } = known;
    if !matches!(row.state, State::Closed | State::MinutesDraft | State::Signed | State::Archived) {
        let sentence = "there are minutes once the meeting is closed";
        return Err(Error::refuse(RefusalCode::StepNotAllowed, sentence));
    }
    let id = row.id;
    let records = audit::of_object(connection, id.uuid()).await?;
    let latest = minutes_queries::latest(connection, id).await?;
    let version = latest.as_ref().map_or(0, |version| version.number);
    let text = match &latest {
        Some(version) => version.text.clone(),
        None => {
            let agenda = queries::items(connection, id).await?;
            words::draft(known, &agenda, &records)
        }
    };
    let end = records.last().map(|record| hex(&record.h)).unwrap_or_default();
    let mine = roll.iter().find(|line| line.person == person);
    Ok(Minutes {
        meeting: id,
        state: row.state,
        version,
        hash: hex(&hash(id, version, &text)),
        text,
        written_by: latest.as_ref().map(|version| version.written_by.clone()),
        written_at: latest.as_ref().map(|version| version.written_at),
        signatures: minutes_queries::signatures(connection, (id, version)).await?,
        returned_reason: row.returned_reason.clone(),
        log: records
            .into_iter()
            .map(|record| MeetingLogLine { at: record.at, text: record.detail })
            .collect(),
        audit_code: end.get(..16).unwrap_or_default().to_owned(),
        rights: access::rights(person, (row, roles), mine, access::Present::default()),
    })
}

/// As what somebody may sign; refuses everybody else.
fn role_of(work: &Work<'_>, person: PersonId) -> Result<MinutesRole> {
    if work.row.chairs() == person {
        Ok(MinutesRole::Chair)
    } else if work.row.recorder.person == person {
        Ok(MinutesRole::Recorder)
    } else {
        let sentence = "whoever chaired and the recorder write and sign the minutes";
        Err(Error::refuse(RefusalCode::NotAllowed, sentence))
    }
}

/// Writes a version; signatures under the earlier one are void by that.
pub async fn write(
    ground: Ground<'_>,
    (by, granted): (PersonId, &Granted),
    (id, request): (MeetingId, &WriteMinutes),
) -> Result<Minutes> {
    let mut work = Work::begin(ground, id, Reach::Room).await?;
    work.admit(by, granted).await?;
    role_of(&work, by)?;
    let latest = minutes_queries::latest(work.connection(), id).await?;
    let version = latest.map_or(0, |version| version.number);
    if version != request.version {
        let sentence = "somebody wrote another version meanwhile; read it and repeat";
        return Err(Error::refuse(RefusalCode::Conflict, sentence));
    }
    let text = request.text.replace("\r\n", "\n").trim().to_owned();
    if text.is_empty() {
        return Err(Error::refuse(RefusalCode::TextEmpty, "write the minutes"));
    }
    if text.chars().count() > MINUTES_CHARS_MAX {
        let sentence = format!("minutes have at most {MINUTES_CHARS_MAX} characters");
        return Err(Error::refuse(RefusalCode::TextTooLong, sentence));
    }
    work.step(Some(by), Step::WriteMinutes).await?;
    add(&mut work, by, (version.saturating_add(1), text)).await?;
    work.commit().await?;
    read(ground, (by, id), granted).await
}

async fn add(work: &mut Work<'_>, by: PersonId, (number, text): (u16, String)) -> Result<()> {
    let id = work.row.id;
    let name = organisations::name_of(work.connection(), by).await?;
    let hash = hash(id, number, &text);
    let detail = words::minutes_written(&name, number, &hex(&hash));
    let written_by = signaling::http::meetings::PersonName { person: by, name };
    let version = Version { number, text, hash, written_by, written_at: work.now };
    minutes_queries::insert(work.connection(), id, &version).await?;
    work.note(Some(by), "write_minutes", &detail).await
}

/// Signs the version that was on the screen, after a fresh proof of who it is.
pub async fn sign(
    ground: Ground<'_>,
    (session, granted): (&Session, &Granted),
    (id, request): (MeetingId, &SignMinutes),
) -> Result<Minutes> {
    let (by, device) = (session.caller.person, session.caller.device);
    let mut work = Work::begin(ground, id, Reach::Room).await?;
    work.admit(by, granted).await?;
    let role = role_of(&work, by)?;
    accounts::check_fresh(work.connection(), session, ground.clock.now()).await?;
    let step = match role {
        MinutesRole::Chair => Step::SignAsChair,
        MinutesRole::Recorder => Step::SignAsRecorder,
    };
    work.step(Some(by), step).await?;
    let latest = minutes_queries::latest(work.connection(), id).await?;
    let latest = latest.filter(|version| hex(&version.hash) == request.hash).ok_or_else(|| {
        let sentence = "the minutes are another version by now; read them and sign again";
        Error::refuse(RefusalCode::Conflict, sentence)
    })?;
    let about = (id, latest.number);
    let now = work.now;
    minutes_queries::sign(work.connection(), about, (role, by, device), (&latest.hash, now))
        .await?;
    let name = organisations::name_of(work.connection(), by).await?;
    let detail = words::minutes_signed((&name, role), latest.number, &request.hash);
    work.note(Some(by), "sign_minutes", &detail).await?;
    work.commit().await?;
    read(ground, (by, id), granted).await
}

/// The superior sends the minutes back: they are a new version, to be signed anew.
pub(super) async fn send_back(
    ground: Ground<'_>,
    (by, granted): (PersonId, &Granted),
    (id, reason): (MeetingId, &str),
) -> Result<Meeting> {
    let mut work = Work::begin(ground, id, Reach::Inboxes).await?;
    work.admit(by, granted).await?;
    let reason = organisations::reason(reason)?;
    work.step(Some(by), Step::Return).await?;
    let latest = minutes_queries::latest(work.connection(), id).await?;
    if let Some(Version { number, text, written_by, .. }) = latest {
        add(&mut work, written_by.person, (number.saturating_add(1), text)).await?;
    }
    work.row.returned_reason = Some(reason.clone());
    let people = [work.row.chairs(), work.row.recorder.person];
    work.tell_people(&people, NoticeKind::MinutesReturned, Some(&reason)).await?;
    work.note(Some(by), "return_minutes", &words::minutes_returned(&reason)).await?;
    work.finish(by).await
}

/// The superior takes note of the minutes; nothing changes any more.
pub async fn archive(
    ground: Ground<'_>,
    (by, granted): (PersonId, &Granted),
    id: MeetingId,
) -> Result<Meeting> {
    let mut work = Work::begin(ground, id, Reach::Room).await?;
    work.admit(by, granted).await?;
    work.step(Some(by), Step::Archive).await?;
    let name = organisations::name_of(work.connection(), by).await?;
    work.note(Some(by), "archive", &words::archived(&name)).await?;
    work.finish(by).await
}
