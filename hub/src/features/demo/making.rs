//! Makes the plan true: organisations, accounts, members, groups, posts and joint branches, all in
//! one transaction and through the commands that people use.

use signaling::http::joining::JoinGround;
use signaling::http::organisations::{JointKind, OrganisationKind, PostKind};
use signaling::{OrganisationId, PersonId, RoomId};
use time::{Date, Duration};

use super::meetings::Called;
use super::people::{DemoBranch, DemoPerson, SECRETARY};
use super::places::{self, UPPERS};
use super::{Plan, boards, delegates, second_factor, talk};
use crate::app::Chance;
use crate::error::Result;
use crate::features::accounts::{self, NewAccount};
use crate::features::joining::{self, Step};
use crate::features::organisations::{
    self, Change, Home, NewMember, NewOrganisation, Organisation,
};
use crate::keys::Keys;

/// What every decision of the demo rests on.
const REASON: &str = "演示数据";
/// Days that a member who is away has been so.
const DAYS_AWAY: i64 = 200;
/// Place in the first branch of whoever leads the joint branch, and the branch of those away.
const NETWORK_HEAD: usize = 6;
const MOBILE_HEAD: usize = 8;
/// Place in the first branch of the head of the first organisation above the branches.
const UPPER_HEADS_FROM: usize = 12;
/// Days and uses of the invitation to the joint branch.
const INVITATION: (i64, i16) = (30, 100);

/// Somebody with an account.
struct Known<'a> {
    person: PersonId,
    who: &'a DemoPerson,
}

/// A branch with its groups.
struct Made<'a> {
    organisation: Organisation,
    groups: Vec<Organisation>,
    sizes: Vec<usize>,
    people: Vec<Known<'a>>,
}

impl Made<'_> {
    fn is_network(&self) -> bool {
        self.organisation.joint == Some(JointKind::Network)
    }
}

/// What was made in the one transaction, for what follows it.
pub(super) struct Founded {
    /// Code of an invitation to the joint branch of the kind network.
    pub invitation: String,
    pub called: Option<Called>,
}

/// Who meets.
fn called(first: &Made<'_>, network: &Made<'_>, branches: &[DemoBranch]) -> Option<Called> {
    let at = |place: usize| first.people.get(place).map(|known| known.person);
    Some(Called {
        branch: first.organisation.id,
        members: first.people.iter().map(|known| known.person).collect(),
        secretary: at(SECRETARY)?,
        superior: at(UPPER_HEADS_FROM + branches.first()?.above.index())?,
        network: network.organisation.id,
        network_head: at(NETWORK_HEAD)?,
        network_recorder: network.people.first()?.person,
    })
}

/// Lines to be said in a room: who are there, in order.
pub(super) struct Talk {
    pub room: RoomId,
    pub people: Vec<PersonId>,
    pub lines: &'static [(usize, &'static str)],
}

/// Makes things in one transaction.
pub(super) struct Maker<'a> {
    pub change: &'a mut Change,
    pub keys: &'a Keys,
    pub plan: Plan,
    pub talks: Vec<Talk>,
    /// Organisations made so far.
    pub count: u32,
}

impl<'a> Maker<'a> {
    /// Everything that one transaction holds.
    pub(super) async fn all(&mut self, branches: &'a [DemoBranch]) -> Result<Founded> {
        let mut uppers: Vec<Organisation> = Vec::new();
        for upper in UPPERS {
            let above = upper.above.and_then(|above| uppers.get(above)).map(|above| above.id);
            uppers.push(self.found((upper.kind, upper.name), above, None).await?);
        }
        let mut made = Vec::new();
        for branch in branches {
            let above = uppers.get(branch.above.index()).map(|above| above.id);
            made.push(self.branch(branch, above).await?);
        }
        let (Some(first), Some(network)) = (made.first(), made.last()) else {
            return Ok(Founded { invitation: String::new(), called: None });
        };
        self.heads_of_uppers(&uppers, first).await?;
        let county = uppers.get(places::Above::County.index()).map(|county| county.id);
        let invitation = self.away(county, (first, network), &made).await?;
        for branch in made.iter().filter(|branch| !branch.is_network()) {
            self.talks_of(branch);
        }
        self.administrator().await?;
        let place = |place: usize| uppers.get(place).map(|place| place.id);
        let known = |place: usize| {
            first.people.get(place).map(|known| (known.person, known.who.phone.as_str()))
        };
        let staff = (known(boards::REVIEWER), known(boards::HANDLER), known(boards::DECIDER));
        if let (Some(reviewer), Some(handler), Some(decider)) = staff
            && let (Some(town), Some(office)) = (place(places::TOWN), place(places::BOARD_OFFICE))
        {
            boards::board(self, [reviewer, handler, decider], (town, office)).await?;
            delegates::delegates(self, town, (office, handler.0)).await?;
        }
        Ok(Founded { invitation, called: called(first, network, branches) })
    }

    async fn found(
        &mut self,
        (kind, name): (OrganisationKind, &str),
        parent: Option<OrganisationId>,
        joint: Option<JointKind>,
    ) -> Result<Organisation> {
        self.count += 1;
        let new = NewOrganisation {
            id: OrganisationId(self.change.ids.next()),
            kind,
            name: name.to_owned(),
            parent,
            code: (kind != OrganisationKind::PartyGroup).then(|| format!("999{:09}", self.count)),
            joint: joint.map(|kind| (kind, places::units(2))),
        };
        organisations::found(self.change, &new, REASON).await
    }

    pub(super) async fn account(&mut self, name: &str, phone: &str) -> Result<PersonId> {
        let person = PersonId(self.change.ids.next());
        let account = NewAccount { person, name: name.to_owned(), phone: accounts::phone(phone)? };
        let now = self.change.now;
        let (connection, locked) = self.change.parts();
        accounts::make_account(self.keys, connection, locked, (&account, now)).await?;
        Ok(person)
    }

    /// Somebody outside the branches with a desk.
    pub(super) async fn officer(&mut self, (number, name): (usize, &str)) -> Result<PersonId> {
        let phone = super::people::phone(number);
        let person = self.account(name, &phone).await?;
        self.second_factor(person, &phone).await?;
        Ok(person)
    }

    async fn branch(
        &mut self,
        branch: &'a DemoBranch,
        above: Option<OrganisationId>,
    ) -> Result<Made<'a>> {
        let what = (branch.kind, branch.name.as_str());
        let organisation = self.found(what, above, branch.joint).await?;
        let (mut groups, mut people) = (Vec::new(), Vec::new());
        for (number, members) in (1..).zip(branch.groups()) {
            let name = format!("第{}党小组", places::ordinal(number));
            let what = (OrganisationKind::PartyGroup, name.as_str());
            let group = self.found(what, Some(organisation.id), None).await?;
            for who in members {
                let person = self.account(&who.name, &who.phone).await?;
                self.register((person, who), &organisation).await?;
                organisations::enter_group(self.change, (person, &group)).await?;
                people.push(Known { person, who });
            }
            if let Some(leader) = people.len().checked_sub(members.len()) {
                self.post(people.get(leader), &group, PostKind::GroupLeader).await?;
            }
            groups.push(group);
        }
        let kinds = [
            PostKind::Secretary,
            PostKind::OrganizationOfficer,
            PostKind::PublicityOfficer,
            PostKind::DisciplineOfficer,
        ];
        // A branch of seven or more has a committee; who leads the network has the home elsewhere.
        let posts = match (branch.joint, people.len()) {
            (Some(JointKind::Network), _) => 0,
            (_, 7..) => kinds.len(),
            _ => 1,
        };
        for (place, kind) in (SECRETARY..).zip(kinds.into_iter().take(posts)) {
            self.post(people.get(place), &organisation, kind).await?;
        }
        let sizes = branch.groups().iter().map(|group| group.len()).collect();
        Ok(Made { organisation, groups, sizes, people })
    }

    async fn register(
        &mut self,
        (person, who): (PersonId, &DemoPerson),
        home: &Organisation,
    ) -> Result<()> {
        let away_since: Date = self.plan.start - Duration::days(DAYS_AWAY);
        let new = NewMember {
            person,
            standing: who.standing,
            home: Home::Here(home.id),
            mobile_since: who.mobile.then_some(away_since),
        };
        organisations::register(self.change, &new, REASON).await?;
        if !who.votes {
            organisations::set_votes(self.change.connection(), person, false).await?;
        }
        Ok(())
    }

    /// Gives a post; whoever has a desk by it gets a second factor.
    async fn post(
        &mut self,
        who: Option<&Known<'_>>,
        at: &Organisation,
        kind: PostKind,
    ) -> Result<()> {
        let Some(Known { person, who }) = who else { return Ok(()) };
        organisations::appoint(self.change, (*person, at), kind, REASON).await?;
        let desk = !matches!(
            kind,
            PostKind::GroupLeader | PostKind::PublicityOfficer | PostKind::DisciplineOfficer
        );
        if desk { self.second_factor(*person, &who.phone).await } else { Ok(()) }
    }

    pub(super) async fn second_factor(&mut self, person: PersonId, phone: &str) -> Result<()> {
        let (secret, now) = (second_factor(self.plan.seed, phone), self.change.now);
        let made = (person, &secret);
        let connection = self.change.connection();
        accounts::store_second_factor(self.keys, connection, made, (now, true)).await
    }

    async fn heads_of_uppers(&mut self, uppers: &[Organisation], first: &Made<'_>) -> Result<()> {
        for (number, upper) in uppers.iter().enumerate().skip(2) {
            let kind = match upper.kind {
                OrganisationKind::OrganizationDepartment => PostKind::DepartmentOfficer,
                _ => PostKind::Secretary,
            };
            self.post(first.people.get(UPPER_HEADS_FROM + number), upper, kind).await?;
        }
        Ok(())
    }

    /// The branch of those away, and who joined it and the joint branch of the kind network.
    async fn away(
        &mut self,
        county: Option<OrganisationId>,
        (first, network): (&Made<'_>, &Made<'_>),
        branches: &[Made<'_>],
    ) -> Result<String> {
        let network = &network.organisation;
        let what = (OrganisationKind::MobileBranch, places::MOBILE_BRANCH);
        let mobile = self.found(what, county, None).await?;
        let mut heads = Vec::new();
        for (place, branch) in [(NETWORK_HEAD, network), (MOBILE_HEAD, &mobile)] {
            let Some(head) = first.people.get(place) else { continue };
            self.join(head.person, branch, Stage::Confirmed).await?;
            self.post(Some(head), branch, PostKind::Secretary).await?;
            heads.push(head.person);
        }
        let away: Vec<PersonId> = branches
            .iter()
            .flat_map(|branch| &branch.people)
            .filter_map(|known| known.who.mobile.then_some(known.person))
            .collect();
        let (here, there) = away.split_at((away.len() / 2).max(1).min(away.len()));
        for (number, person) in here.iter().enumerate() {
            self.join(*person, network, Stage::of(number)).await?;
        }
        // One of them takes part in both.
        for person in here.get(1).into_iter().chain(there) {
            self.join(*person, &mobile, Stage::Confirmed).await?;
        }
        for (branch, head, others) in [(network, 0, here), (&mobile, 1, there)] {
            let people = heads.get(head).into_iter().chain(others).copied().collect();
            let Some(room) = branch.room else { continue };
            self.talks.push(Talk { room, people, lines: talk::BRANCH });
        }
        let Some(head) = heads.first() else { return Ok(String::new()) };
        let mut random = [0; 12];
        Chance::seeded(self.plan.seed).fill(&mut random);
        joining::invite(self.change, (*head, network), random, INVITATION).await
    }

    async fn join(&mut self, person: PersonId, host: &Organisation, stage: Stage) -> Result<()> {
        let who = (person, host);
        let note = Some("在海棠市务工");
        let id = joining::ask(self.change, who, ("", note)).await?;
        if stage == Stage::Asked {
            return Ok(());
        }
        let ground = Some(JoinGround::Mobile);
        let accepts = Step::HostAccepts { identity_checked: true, ground };
        joining::advance(self.change, who, (id, accepts), None).await?;
        if stage == Stage::Accepted {
            return Ok(());
        }
        joining::advance(self.change, who, (id, Step::HomeConfirms), None).await
    }

    fn talks_of(&mut self, branch: &Made<'_>) {
        let mut people = branch.people.iter().map(|known| known.person);
        if let Some(room) = branch.organisation.room {
            let people = people.clone().collect();
            self.talks.push(Talk { room, people, lines: talk::BRANCH });
        }
        let shown = self.talks.iter().all(|talk| talk.lines != talk::FIRST_GROUP);
        let sizes = branch.groups.iter().zip(branch.sizes.iter().copied());
        for (number, (group, size)) in sizes.enumerate() {
            let people: Vec<PersonId> = people.by_ref().take(size).collect();
            let Some(room) = group.room else { continue };
            let lines = if shown && number == 0 { talk::FIRST_GROUP } else { talk::GROUP };
            self.talks.push(Talk { room, people, lines });
        }
    }

    async fn administrator(&mut self) -> Result<()> {
        let phone = super::people::phone(0);
        let person = self.account(super::ADMINISTRATOR, &phone).await?;
        let now = self.change.now;
        accounts::make_administrator(self.change.connection(), person, now).await?;
        self.second_factor(person, &phone).await
    }
}

/// How far a request to join has come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Asked,
    Accepted,
    Confirmed,
}

impl Stage {
    /// Most take part; some wait for the home branch, some for the leader.
    const fn of(number: usize) -> Self {
        match number % 8 {
            6 => Self::Accepted,
            7 => Self::Asked,
            _ => Self::Confirmed,
        }
    }
}
