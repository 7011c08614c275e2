//! Meetings: one that was held and archived, one whose motion had exactly half, one of the joint
//! branch of the kind network with both groups of voters, and that of next Wednesday. Each goes
//! through the commands and rights that people have, on a clock of its own.

use std::sync::Arc;

use http::Method;
use signaling::http::meetings::{
    AgendaItem, AnswerNotice, CallVote, CastVote, EnterOnSite, Exemption, HandInVenue, Meeting,
    MeetingKind, MeetingStep, PrepareMeeting, PrepareVenue, RollPart, SignMinutes, TakeMeetingStep,
    VoteChoice, VoteWay, WriteMinutes,
};
use signaling::{DeviceId, MeetingId, OrganisationId, PersonId, RefusalCode};
use time::{Duration, OffsetDateTime};

use super::{Place, Plan};
use crate::app::{Chance, Clock as _, Ids, MockClock};
use crate::auth::{Access, Caller, Granted, Session};
use crate::error::{Error, Fault, Result};
use crate::features::accounts;
use crate::features::meetings::{self, Ground};

/// Who meets.
pub(super) struct Called {
    pub branch: OrganisationId,
    /// Of the branch, in the order of the plan.
    pub members: Vec<PersonId>,
    pub secretary: PersonId,
    /// Who answers for the organisation above the branch.
    pub superior: PersonId,
    pub network: OrganisationId,
    pub network_head: PersonId,
    pub network_recorder: PersonId,
}

/// Place in the branch of the member who lives far away.
const MOBILE: usize = 1;
/// Of whoever writes the minutes, right behind the secretary.
const RECORDER: usize = super::people::SECRETARY + 1;
/// Of the head of the venue, and of those who are there.
const VENUE_HEAD: usize = 6;
const VENUE: std::ops::Range<usize> = 8..13;
/// Of who is formally exempted from the meeting that was held.
const EXEMPTED: usize = 20;

const AGENDA: &[&str] =
    &["清点人数，宣布应到实到", "通报上季度工作", "讨论村中事项", "表决", "宣读决议"];
const NETWORK_AGENDA: &[&str] =
    &["通报联合支部工作", "听取各单位意见", "讨论线上学习时间", "表决", "宣读决议"];
const AWAY: &str = "那天在县里办事，不能到会";

/// Makes all of them.
pub(super) async fn hold(place: Place<'_>, plan: &Plan, called: &Called) -> Result<()> {
    let mut holding = place.db.begin().await?;
    meetings::hold_clock(&mut holding).await?;
    let clock = Arc::new(MockClock::at(plan.morning() - Duration::days(18)));
    let chance = Arc::new(Chance::seeded(plan.seed.rotate_left(16)));
    let ids = Ids::new(Arc::<MockClock>::clone(&clock), chance);
    let ground =
        Ground { db: place.db, timeline: place.timeline, clock: clock.as_ref(), ids: &ids };
    let access = Access::embedded().map_err(Fault::new)?;
    let stage = Stage { ground, clock: &clock, access: &access, morning: plan.morning() };
    let held = stage.call(&stage.members_meeting(called, -12, held_lists(called))).await?;
    let half = stage.call(&stage.members_meeting(called, -5, (Vec::new(), Vec::new()))).await?;
    let network = stage.call(&stage.network_meeting(called, -4)).await?;
    stage.held(called, held).await?;
    stage.until(-11, 9, 0);
    stage.minutes(held, [called.secretary, called.at(RECORDER)?]).await?;
    stage.archive(called.superior, held).await?;
    stage.half(called, half).await?;
    stage.network(called, network).await?;
    stage.until(-3, 9, 0);
    stage.minutes(network, [called.network_head, called.network_recorder]).await?;
    stage.coming(called).await?;
    holding.commit().await?;
    Ok(())
}

/// Venue and exemption of the meeting that was held.
fn held_lists(called: &Called) -> (Vec<PrepareVenue>, Vec<Exemption>) {
    let at = |place: usize| called.members.get(place).copied();
    let venue = |head| PrepareVenue { name: "枫浦村活动室".to_owned(), head };
    let exempted =
        |person| Exemption { person, reason: "长期住院，上级党组织同意".to_owned() };
    (
        at(VENUE_HEAD).map(venue).into_iter().collect(),
        at(EXEMPTED).map(exempted).into_iter().collect(),
    )
}

impl Called {
    fn at(&self, place: usize) -> Result<PersonId> {
        let nobody = || Error::refuse(RefusalCode::NotFound, "the branch has too few members");
        self.members.get(place).copied().ok_or_else(nobody)
    }
}

/// Where the meetings are held, and when it is there.
struct Stage<'a> {
    ground: Ground<'a>,
    clock: &'a MockClock,
    access: &'a Access,
    morning: OffsetDateTime,
}

impl Stage<'_> {
    /// Time goes on until a moment in China, in days from the start of the demo.
    fn until(&self, days: i64, hour: i64, minute: i64) {
        let to = self.at(days, hour, minute);
        self.clock.advance((to - self.clock.now()).max(Duration::ZERO));
    }

    /// That moment; the morning is nine o'clock.
    fn at(&self, days: i64, hour: i64, minute: i64) -> OffsetDateTime {
        self.morning + Duration::days(days) + Duration::hours(hour - 9) + Duration::minutes(minute)
    }

    /// What the access file says of a route.
    fn granted(&self, method: &Method, path: &str) -> Result<Granted> {
        let action = self.access.http(method, path).cloned();
        let none = || Error::refuse(RefusalCode::NotFound, "the access file names no such route");
        Ok(Granted(action.ok_or_else(none)?))
    }

    /// A members' meeting of the branch in the evening of a day.
    fn members_meeting(
        &self,
        called: &Called,
        days: i64,
        (venues, exempted): (Vec<PrepareVenue>, Vec<Exemption>),
    ) -> PrepareMeeting {
        let starts_at = self.at(days, 19, 30);
        let quarter = usize::from((u8::from(starts_at.month()) - 1) / 3);
        let quarter = ["一", "二", "三", "四"].get(quarter).copied().unwrap_or_default();
        PrepareMeeting {
            organisation: called.branch,
            kind: MeetingKind::MembersMeeting,
            title: format!("第{quarter}季度党员大会"),
            starts_at,
            place: Some("落霞村活动室".to_owned()),
            closed: false,
            chair: called.secretary,
            recorder: called.members.get(RECORDER).copied().unwrap_or(called.superior),
            agenda: agenda(AGENDA),
            venues,
            exempted,
        }
    }

    /// A members' meeting of the joint branch of the kind network in the evening of a day.
    fn network_meeting(&self, called: &Called, days: i64) -> PrepareMeeting {
        PrepareMeeting {
            organisation: called.network,
            kind: MeetingKind::MembersMeeting,
            title: "网络联合党支部党员大会".to_owned(),
            starts_at: self.at(days, 20, 0),
            place: None,
            closed: false,
            chair: called.network_head,
            recorder: called.network_recorder,
            agenda: agenda(NETWORK_AGENDA),
            venues: Vec::new(),
            exempted: Vec::new(),
        }
    }

    /// Prepares a meeting and sends its notice.
    async fn call(&self, draft: &PrepareMeeting) -> Result<MeetingId> {
        let by = draft.chair;
        let granted = self.granted(&Method::POST, "/api/desk/meetings")?;
        let made = meetings::prepare(self.ground, (by, &granted), draft).await?;
        let id = made.summary.meeting;
        let granted = self.granted(&Method::POST, "/api/desk/meetings/{meeting}/notice")?;
        meetings::notify(self.ground, (by, &granted), (id, None)).await?;
        Ok(id)
    }

    async fn answer(&self, id: MeetingId, person: PersonId, reason: Option<&str>) -> Result<()> {
        let granted = self.granted(&Method::PUT, "/api/meetings/{meeting}/answer")?;
        let reason = reason.map(str::to_owned);
        let answer = AnswerNotice { attends: reason.is_none(), reason };
        meetings::answer(self.ground, (person, &granted), (id, &answer)).await?;
        Ok(())
    }

    async fn step(&self, id: MeetingId, by: PersonId, step: MeetingStep) -> Result<Meeting> {
        let granted = self.granted(&Method::POST, "/api/meetings/{meeting}/steps")?;
        let request = TakeMeetingStep { step, reason: None };
        meetings::take_step(self.ground, (by, &granted), (id, &request)).await
    }

    async fn item(&self, id: MeetingId, by: PersonId, item: u16) -> Result<()> {
        let granted = self.granted(&Method::PUT, "/api/meetings/{meeting}/item")?;
        meetings::set_item(self.ground, (by, &granted), (id, Some(item))).await?;
        Ok(())
    }

    /// Signs in at a device of the person's own, whose session is over by the time anybody looks.
    async fn online(&self, id: MeetingId, person: PersonId) -> Result<Caller> {
        let caller = Caller { person, device: DeviceId(self.ground.ids.next()) };
        self.keep(caller).await?;
        let granted = self.granted(&Method::POST, "/api/meetings/{meeting}/sign-in")?;
        meetings::sign_in(self.ground, (&caller, &granted), id).await?;
        Ok(caller)
    }

    async fn keep(&self, caller: Caller) -> Result<()> {
        let mut connection = self.ground.db.acquire().await?;
        let (who, now) = ((caller.person, caller.device), self.clock.now());
        accounts::keep_ended_session(&mut connection, who, "演示设备", now).await
    }

    /// Everyone at a device is heard of.
    async fn beat(&self, id: MeetingId, there: &[Caller]) -> Result<()> {
        let granted = self.granted(&Method::POST, "/api/meetings/{meeting}/presence")?;
        for caller in there {
            meetings::beat(self.ground, (caller, &granted), id).await?;
        }
        Ok(())
    }

    /// The secretary enters who is in the room.
    async fn on_site(&self, id: MeetingId, by: PersonId, person: PersonId) -> Result<()> {
        let path = "/api/meetings/{meeting}/on-site/{person}";
        let granted = self.granted(&Method::PUT, path)?;
        let present = EnterOnSite { present: true, reason: None };
        meetings::enter_on_site(self.ground, (by, &granted), (id, person, &present)).await?;
        Ok(())
    }

    /// Puts a motion to the vote; each choice with who enters it.
    async fn vote(
        &self,
        (id, by): (MeetingId, PersonId),
        (motion, item): (&str, Option<u16>),
        choices: &[(PersonId, PersonId, VoteChoice)],
    ) -> Result<()> {
        let granted = self.granted(&Method::POST, "/api/meetings/{meeting}/votes")?;
        let request = CallVote {
            cid: "demo-vote".to_owned(),
            motion: motion.to_owned(),
            way: VoteWay::RollCall,
            item,
            opinion: false,
        };
        let meeting = meetings::call_vote(self.ground, (by, &granted), (id, &request)).await?;
        let none = || Error::refuse(RefusalCode::NotFound, "there is no such vote");
        let vote = meeting.votes.first().ok_or_else(none)?.vote;
        let granted = self.granted(&Method::PUT, "/api/meetings/{meeting}/votes/{vote}/ballot")?;
        for (person, enters, choice) in choices {
            let cast = CastVote { choice: *choice, person: Some(*person) };
            meetings::cast_vote(self.ground, (*enters, &granted), (id, vote, &cast)).await?;
        }
        let granted = self.granted(&Method::POST, "/api/meetings/{meeting}/votes/{vote}/close")?;
        meetings::close_vote(self.ground, (by, &granted), (id, vote)).await?;
        Ok(())
    }

    /// Takes the draft of the minutes as it is; the recorder and whoever chaired sign it.
    async fn minutes(&self, id: MeetingId, [chair, recorder]: [PersonId; 2]) -> Result<()> {
        let granted = self.granted(&Method::GET, "/api/meetings/{meeting}/minutes")?;
        let draft = meetings::read_minutes(self.ground, (recorder, id), &granted).await?;
        let granted = self.granted(&Method::PUT, "/api/meetings/{meeting}/minutes")?;
        let text = WriteMinutes { version: draft.version, text: draft.text };
        let written =
            meetings::write_minutes(self.ground, (recorder, &granted), (id, &text)).await?;
        let granted = self.granted(&Method::POST, "/api/meetings/{meeting}/minutes/signature")?;
        let signature = SignMinutes { hash: written.hash };
        for person in [recorder, chair] {
            let caller = Caller { person, device: DeviceId(self.ground.ids.next()) };
            self.keep(caller).await?;
            let session = Session {
                caller,
                begun_at: self.clock.now(),
                by_code: true,
                desk_seen_at: None,
                proven_at: None,
                administrator: false,
            };
            let about = (id, &signature);
            meetings::sign_minutes(self.ground, (&session, &granted), about).await?;
        }
        Ok(())
    }

    async fn archive(&self, superior: PersonId, id: MeetingId) -> Result<()> {
        let path = "/api/desk/meetings/{meeting}/minutes/archive";
        let granted = self.granted(&Method::POST, path)?;
        meetings::archive_minutes(self.ground, (superior, &granted), id).await?;
        Ok(())
    }

    /// Twenty-three expected, nineteen present in three ways, fifteen in favour.
    async fn held(&self, called: &Called, id: MeetingId) -> Result<()> {
        let chair = called.secretary;
        self.answer(id, called.at(MOBILE)?, None).await?;
        self.answer(id, called.at(22)?, Some(AWAY)).await?;
        self.until(-12, 19, 10);
        self.step(id, chair, MeetingStep::OpenSignIn).await?;
        let venue_head = called.at(VENUE_HEAD)?;
        let there =
            [self.online(id, called.at(MOBILE)?).await?, self.online(id, venue_head).await?];
        let here = called.members.iter().copied().enumerate().take(19);
        let mut choices = Vec::new();
        for (place, person) in here {
            let enters = match place {
                MOBILE | VENUE_HEAD => person,
                place if VENUE.contains(&place) => venue_head,
                _ => {
                    self.on_site(id, chair, person).await?;
                    chair
                }
            };
            let choice = match place {
                0..15 => VoteChoice::Yes,
                15 | 16 => VoteChoice::No,
                _ => VoteChoice::Abstain,
            };
            choices.push((person, enters, choice));
        }
        let people = called.members.get(VENUE).unwrap_or_default().to_vec();
        let path = "/api/meetings/{meeting}/venues/{venue}";
        let granted = self.granted(&Method::PUT, path)?;
        let list = HandInVenue { people };
        meetings::hand_in(self.ground, (venue_head, &granted), (id, 1, &list)).await?;
        self.until(-12, 19, 30);
        self.evening((id, chair), &there, "同意维修村道路灯，费用从集体经济列支", &choices).await
    }

    /// Twenty-four expected, twelve present, all of them in favour: held, and exactly half fails.
    async fn half(&self, called: &Called, id: MeetingId) -> Result<()> {
        let chair = called.secretary;
        self.answer(id, called.at(21)?, Some(AWAY)).await?;
        self.until(-5, 19, 10);
        self.step(id, chair, MeetingStep::OpenSignIn).await?;
        let there = [self.online(id, called.at(MOBILE)?).await?];
        let mut choices = Vec::new();
        for (place, person) in called.members.iter().copied().enumerate().take(12) {
            if place != MOBILE {
                self.on_site(id, chair, person).await?;
            }
            let enters = if place == MOBILE { person } else { chair };
            choices.push((person, enters, VoteChoice::Yes));
        }
        self.until(-5, 19, 30);
        self.evening((id, chair), &there, "同意枫浦村活动室周末延长开放", &choices).await
    }

    /// Opens a meeting, goes through its agenda with one vote, and closes it.
    async fn evening(
        &self,
        (id, chair): (MeetingId, PersonId),
        there: &[Caller],
        motion: &str,
        choices: &[(PersonId, PersonId, VoteChoice)],
    ) -> Result<()> {
        self.beat(id, there).await?;
        self.step(id, chair, MeetingStep::Open).await?;
        for item in 1..=3 {
            self.item(id, chair, item).await?;
            self.clock.advance(Duration::minutes(8));
        }
        self.item(id, chair, 4).await?;
        self.beat(id, there).await?;
        self.vote((id, chair), (motion, Some(4)), choices).await?;
        self.clock.advance(Duration::minutes(5));
        self.beat(id, there).await?;
        self.item(id, chair, 5).await?;
        self.step(id, chair, MeetingStep::Close).await?;
        Ok(())
    }

    /// All at their own devices: those whose home it is decide, the others are asked.
    async fn network(&self, called: &Called, id: MeetingId) -> Result<()> {
        let (chair, recorder) = (called.network_head, called.network_recorder);
        self.until(-4, 19, 50);
        let meeting = self.step(id, chair, MeetingStep::OpenSignIn).await?;
        // One of the five whose home it is stays away.
        let mut decided = [VoteChoice::Yes, VoteChoice::Yes, VoteChoice::No].into_iter();
        let (mut there, mut choices) = (Vec::new(), Vec::new());
        for line in &meeting.roll {
            let person = line.person;
            let choice = match line.part {
                RollPart::Entitled if person == recorder => Some(VoteChoice::Yes),
                RollPart::Entitled => decided.next(),
                RollPart::Consulted if person == chair => Some(VoteChoice::Abstain),
                RollPart::Consulted => Some(VoteChoice::Yes),
                RollPart::Attends => None,
            };
            if let Some(choice) = choice {
                there.push(self.online(id, person).await?);
                choices.push((person, person, choice));
            }
        }
        self.until(-4, 20, 0);
        self.evening((id, chair), &there, "同意每周三晚八点线上学习", &choices).await
    }

    /// That of next Wednesday: the notice is out, and some have answered.
    async fn coming(&self, called: &Called) -> Result<()> {
        self.until(0, 9, 0);
        let draft = self.members_meeting(called, 9, (Vec::new(), Vec::new()));
        let id = self.call(&draft).await?;
        for place in [called.secretary, called.at(RECORDER)?, called.at(0)?, called.at(7)?] {
            self.answer(id, place, None).await?;
        }
        self.answer(id, called.at(12)?, Some(AWAY)).await
    }
}

fn agenda(titles: &[&str]) -> Vec<AgendaItem> {
    let item = |title: &&str| AgendaItem { title: (*title).to_owned(), minutes: Some(10) };
    titles.iter().map(item).collect()
}
