//! What a hub in conformance mode answers to a session's asks: the same begins, reads and appends
//! as for members, under the rules of [`crate::conformance`].

use std::sync::Arc;

use bytes::Bytes;
use signaling::DeviceId;
use signaling::chat::codes::{Disconnect, ErrorCode};
use signaling::chat::command::{HistoryRequest, SubscribeRequest};
use signaling::chat::session::{Answer, Ask, Connected};

use super::asks::{Answered, Refuse, begin, history};
use super::connection::{Effect, Place, Seat, Who};
use crate::app::App;
use crate::conformance::channels::{self, Channel};
use crate::conformance::roster::Seen;
use crate::conformance::token::{self, BadToken, Claims};
use crate::conformance::{Conformance, Guest, Presence, Profile, person};
use crate::fanout::{self, Outbox};

/// One ask of a connection.
pub(super) struct Desk<'a> {
    pub app: &'a App,
    pub rules: &'a Conformance,
    pub outbox: &'a Arc<Outbox>,
}

impl Desk<'_> {
    /// Answers; `guest` is there once the connect was accepted.
    pub(super) async fn act(&self, guest: Option<Arc<Guest>>, ask: Ask) -> Answered {
        if let Some(code) = self.rules.orders.take(&ask) {
            return Err(code.into());
        }
        if let Ask::Connect { token, subs, .. } = ask {
            return self.connect(&token, subs).await;
        }
        let guest = guest.ok_or(ErrorCode::Unauthorized)?;
        match ask {
            Ask::Subscribe(request) => self.subscribe(&guest, &request).await,
            Ask::Publish { channel, data } => self.publish(&guest, &channel, &data).await,
            Ask::History(request) => self.history(&guest, &request).await,
            Ask::Presence { channel } => {
                self.may_look(&guest, &channel)?;
                let presence = self.rules.roster.presence(&channel);
                Ok((Answer::Presence(presence), Effect::None))
            }
            Ask::PresenceStats { channel } => {
                self.may_look(&guest, &channel)?;
                let stats = self.rules.roster.stats(&channel);
                Ok((Answer::PresenceStats(stats), Effect::None))
            }
            Ask::Refresh { token } => self.refresh(&guest, &token),
            Ask::SubRefresh { channel, token } => self.sub_refresh(&guest, &channel, &token),
            Ask::Rpc { .. } => Err(ErrorCode::NotAvailable.into()),
            Ask::Send { .. } => Ok((Answer::Published, Effect::None)),
            Ask::Connect { .. } => Err(ErrorCode::BadRequest.into()),
        }
    }

    /// Whoever connects is taken; a token must be one.
    async fn connect(
        &self,
        token: &str,
        mut held: std::collections::BTreeMap<String, SubscribeRequest>,
    ) -> Answered {
        let claims = self.connect_claims(token)?;
        let mut wanted = claims.channels.clone();
        if !claims.sub.is_empty() && self.rules.settings.profile == Profile::Jwt {
            wanted.push(channels::personal(&claims.sub));
        }
        let client = self.app.ids.next();
        let info = claims.info.as_ref().map(|info| Bytes::copy_from_slice(info.get().as_bytes()));
        let guest = Guest { user: claims.sub.clone(), client, info: info.unwrap_or_default() };
        let (mut subs, mut places) = (Vec::new(), Vec::new());
        for name in wanted {
            let channel = channels::channel(&name)?;
            let request = SubscribeRequest { channel: name, ..SubscribeRequest::default() };
            let request = match held.remove(&request.channel) {
                Some(held) => SubscribeRequest { channel: request.channel, ..held },
                None => request,
            };
            let (mut result, place) = self.begin(&guest, channel, &request).await?;
            // A client ignores the events of a connect reply that does not say so.
            result.recovered = result.recovered || !result.was_recovering;
            subs.push((request.channel, result, fanout::offset(place.start.next)));
            places.push(place);
        }
        let connected = Connected {
            client: client.to_string(),
            version: concat!("lianxin ", env!("CARGO_PKG_VERSION")).to_owned(),
            ttl_s: self.ttl_s(&claims),
            data: Bytes::new(),
            subs,
        };
        let who = Who { person: person(&guest.user), device: DeviceId(client) };
        let effect = Effect::SignedIn { who, guest: Some(Arc::new(guest)), places };
        Ok((Answer::Connected(connected), effect))
    }

    fn connect_claims(&self, token: &str) -> Result<Claims, Refuse> {
        if token.is_empty() && self.rules.settings.profile == Profile::Insecure {
            return Ok(Claims::default());
        }
        token::read(token, self.now()).map_err(|bad| match bad {
            BadToken::Invalid => Refuse::With(Answer::Disconnect(Disconnect::INVALID_TOKEN)),
            BadToken::Expired => ErrorCode::TokenExpired.into(),
        })
    }

    async fn subscribe(&self, guest: &Guest, request: &SubscribeRequest) -> Answered {
        let channel = channels::channel(&request.channel)?;
        let ttl_s = self.may_subscribe(guest, channel, request)?;
        let (mut result, place) = self.begin(guest, channel, request).await?;
        result.expires = ttl_s.is_some();
        result.ttl = ttl_s.unwrap_or_default();
        let next = fanout::offset(place.start.next);
        Ok((Answer::Subscribed { result, next }, Effect::Begins(place)))
    }

    /// The seconds of its token, where it needs one.
    fn may_subscribe(
        &self,
        guest: &Guest,
        channel: Channel,
        request: &SubscribeRequest,
    ) -> Result<Option<u32>, Refuse> {
        if self.rules.settings.profile == Profile::Insecure && request.token.is_empty() {
            return Ok(None);
        }
        if !request.token.is_empty() {
            let claims = self.subscription_claims(guest, &request.channel, &request.token)?;
            return Ok(self.ttl_s(&claims));
        }
        let own = request.channel == channels::personal(&guest.user);
        if (channel.private && !own) || channels::is_anothers(&request.channel, &guest.user) {
            return Err(ErrorCode::PermissionDenied.into());
        }
        Ok(None)
    }

    fn subscription_claims(
        &self,
        guest: &Guest,
        channel: &str,
        token: &str,
    ) -> Result<Claims, Refuse> {
        let claims = token::read(token, self.now()).map_err(|bad| match bad {
            BadToken::Invalid => ErrorCode::PermissionDenied,
            BadToken::Expired => ErrorCode::TokenExpired,
        })?;
        if claims.channel != channel || claims.sub != guest.user {
            return Err(ErrorCode::PermissionDenied.into());
        }
        Ok(claims)
    }

    async fn begin(
        &self,
        guest: &Guest,
        channel: Channel,
        request: &SubscribeRequest,
    ) -> Result<(signaling::chat::reply::SubscribeResult, Place), Refuse> {
        let name = request.channel.as_str();
        let seat = Seat::named(self.app, (channel.room, name), person(&guest.user), self.outbox);
        let standing = self.rules.standing(self.app, channel).await?;
        // Where a channel keeps little, what it no longer has is a loss and not a right.
        let first_missed = i64::try_from(request.offset).unwrap_or(i64::MAX).saturating_add(1);
        let lost = request.recover && first_missed < standing.visible_from;
        let offset = if lost { u64::MAX } else { request.offset };
        let asked = SubscribeRequest { offset, ..request.clone() };
        let begun = begin(self.app, channel.room, &asked, &standing).await?;
        let seen = Seen::new(self.app, name, guest.client_info(), self.outbox);
        let place = Place {
            channel: name.to_owned(),
            seat,
            start: begun.start,
            seen: Some(Box::new(seen)),
        };
        Ok((begun.result, place))
    }

    async fn publish(&self, guest: &Guest, name: &str, data: &Bytes) -> Answered {
        let channel = channels::channel(name)?;
        self.may_use(guest, name)?;
        let info = Some(guest.client_info());
        let appended = self.rules.publish(self.app, channel, data, info).await;
        appended.map_err(crate::error::Error::from)?;
        Ok((Answer::Published, Effect::None))
    }

    async fn history(&self, guest: &Guest, request: &HistoryRequest) -> Answered {
        let channel = channels::channel(&request.channel)?;
        self.may_use(guest, &request.channel)?;
        let standing = self.rules.standing(self.app, channel).await?;
        let result = history(self.app, channel.room, &standing, request).await?;
        Ok((Answer::History(result), Effect::None))
    }

    fn may_look(&self, guest: &Guest, name: &str) -> Result<(), Refuse> {
        channels::channel(name)?;
        if self.rules.settings.presence == Presence::Off {
            return Err(ErrorCode::NotAvailable.into());
        }
        self.may_use(guest, name)
    }

    /// With tokens, a channel is for those who are subscribed to it.
    fn may_use(&self, guest: &Guest, name: &str) -> Result<(), Refuse> {
        let subscribed = || self.rules.roster.has(name, &guest.client.to_string());
        if self.rules.settings.profile == Profile::Insecure || subscribed() {
            return Ok(());
        }
        Err(ErrorCode::PermissionDenied.into())
    }

    fn refresh(&self, guest: &Guest, token: &str) -> Answered {
        let claims = self.connect_claims(token)?;
        if claims.sub != guest.user {
            return Err(Refuse::With(Answer::Disconnect(Disconnect::INVALID_TOKEN)));
        }
        Ok((Answer::Refreshed { ttl_s: self.ttl_s(&claims) }, Effect::None))
    }

    fn sub_refresh(&self, guest: &Guest, channel: &str, token: &str) -> Answered {
        let claims = self.subscription_claims(guest, channel, token)?;
        Ok((Answer::Refreshed { ttl_s: self.ttl_s(&claims) }, Effect::None))
    }

    fn ttl_s(&self, claims: &Claims) -> Option<u32> {
        let left = || u32::try_from(claims.exp.saturating_sub(self.now())).unwrap_or(u32::MAX);
        (claims.exp != 0).then(left)
    }

    fn now(&self) -> i64 {
        self.app.clock.now().unix_timestamp()
    }
}
