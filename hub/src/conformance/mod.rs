//! The conformance mode: the shipping session, fan-out and log under the access rules that the
//! public SDK suites expect, with channels of any name and no people behind them.
//!
//! It is a command of its own, never a setting of the product: nothing here runs in a hub that
//! serves members. [`channels`] says which names there are, [`token`] what the suites' tokens are,
//! [`roster`] who is subscribed; [`Conformance`] holds them. The door of this mode is
//! `door::conformance`, its answers to the session `door::chat_socket::guests`.

pub mod channels;
pub mod orders;
pub mod roster;
mod server;
pub mod token;

use std::collections::HashSet;

use signaling::chat::push::ClientInfo;
use signaling::event::EventKind;
use signaling::event::chat::RoomRole;
use signaling::rpc::chat::RoomKind;
use signaling::{PersonId, RoomId};
use tokio::sync::Mutex;
use uuid::Uuid;

pub use self::server::{ConformanceServer, StartError};

use self::channels::Channel;
use self::orders::Orders;
use self::roster::Roster;
use crate::app::App;
use crate::timeline::{Append, AppendError, Appended, NewRoom, Standing, create_room, raw};

/// Which rules hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Profile {
    /// Everything is allowed, without tokens and without a subscription.
    Insecure,
    /// Connects need a token, private channels one of their own; publishing needs a subscription.
    Jwt,
}

/// Where the log is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum StoreKind {
    Memory,
    /// A throw-away embedded cluster.
    Postgres,
}

/// Whether presence is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Presence {
    On,
    /// Presence requests get error 108.
    Off,
}

/// What the command line chooses.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    pub profile: Profile,
    pub store: StoreKind,
    pub presence: Presence,
}

/// The rules of a hub in this mode.
#[derive(Debug)]
pub struct Conformance {
    pub settings: Settings,
    pub roster: Roster,
    /// Errors that a suite ordered.
    pub orders: Orders,
    /// Rooms that exist in the store.
    opened: Mutex<HashSet<RoomId>>,
}

/// Someone who is connected.
#[derive(Clone, Debug, Default)]
pub struct Guest {
    /// Empty where there was no token.
    pub user: String,
    /// Id of the connection.
    pub client: Uuid,
    /// JSON of the token, for others to see; empty for none.
    pub info: bytes::Bytes,
}

impl Guest {
    /// What others see.
    #[must_use]
    pub fn client_info(&self) -> ClientInfo {
        ClientInfo {
            user: self.user.clone(),
            client: self.client.to_string(),
            conn_info: self.info.clone(),
            ..ClientInfo::default()
        }
    }
}

/// The person under which a user's connections are kept.
#[must_use]
pub fn person(user: &str) -> PersonId {
    PersonId(Uuid::new_v5(&Uuid::NAMESPACE_OID, user.as_bytes()))
}

impl Conformance {
    /// Rules with nobody connected.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        let (roster, orders) = (Roster::default(), Orders::default());
        Self { settings, roster, orders, opened: Mutex::default() }
    }

    /// Whether subscribers are told who comes and goes.
    #[must_use]
    pub fn tells_of_joins(&self) -> bool {
        self.settings.profile == Profile::Jwt
    }

    /// What everyone may see of a channel, and where it stands.
    pub async fn standing(&self, app: &App, channel: Channel) -> Result<Standing, sqlx::Error> {
        self.open(app, channel.room).await?;
        // No event lies beyond the last number: only the top is read.
        let slice = app.timeline.since(channel.room, i64::MAX, 1).await?;
        let top = slice.ok_or(sqlx::Error::RowNotFound)?.top;
        let visible_from = channel.keep.map_or(1, |keep| {
            let first = top.seq.saturating_sub(keep).saturating_add(1);
            first.max(1)
        });
        Ok(Standing { role: RoomRole::Member, visible_from, top })
    }

    /// Writes a publication.
    pub async fn publish(
        &self,
        app: &App,
        channel: Channel,
        data: &[u8],
        info: Option<ClientInfo>,
    ) -> Result<Appended, AppendError> {
        let room = channel.room;
        let fault = |error| AppendError::Fault(std::sync::Arc::new(error));
        self.open(app, room).await.map_err(fault)?;
        let append = Append {
            room,
            author: PersonId::SYSTEM,
            cid: app.ids.next().to_string(),
            kind: EventKind::Raw,
            reference: None,
            body: raw::body(data, info),
        };
        app.timeline.append(append).await
    }

    /// Makes the room of a channel in a store that wants one.
    async fn open(&self, app: &App, room: RoomId) -> Result<(), sqlx::Error> {
        if self.settings.store == StoreKind::Memory {
            return Ok(());
        }
        let mut opened = self.opened.lock().await;
        if opened.contains(&room) {
            return Ok(());
        }
        let new = NewRoom {
            id: room,
            kind: RoomKind::PartyGroup,
            title: String::new(),
            history_days: None,
            created_at: app.clock.now(),
        };
        create_room(&app.db, &new).await?;
        opened.insert(room);
        Ok(())
    }
}
