//! The layer before every route, and what handlers take from it.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, FromRequestParts, MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::header::{CACHE_CONTROL, SET_COOKIE};
use http::request::Parts;
use http::{Extensions, HeaderMap, HeaderValue, StatusCode};
use signaling::{DeviceId, PersonId, RefusalCode};

use super::access::{Action, Role};
use super::address::client_address;
use super::cookie::Cookie;
use super::origin::may_change;
use super::session::Session;
use crate::app::App;
use crate::error::{Error, Fault, Result};
use crate::features::accounts;

/// The signed-in person behind a request, and the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller {
    pub person: PersonId,
    pub device: DeviceId,
}

/// Whoever sent a request. Who is signed in is known only where an action names members.
#[derive(Clone, Debug)]
pub struct Visitor {
    pub caller: Option<Caller>,
    pub address: IpAddr,
    /// The browser's mark, where it brought one.
    pub mark: Option<[u8; 16]>,
}

/// The action under which the request was let in, for handlers whose object is a room: the
/// caller's role in that room is known only there.
#[derive(Clone, Debug)]
pub struct Granted(pub Arc<Action>);

/// Lets a request through to its handler, or answers it.
pub async fn guard(State(app): State<App>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let path = parts.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str);
    let Some(action) = app.access.http(&parts.method, path).cloned() else {
        return unlisted();
    };
    let admitted = match admit(&app, action, &parts).await {
        Ok(admitted) => admitted,
        Err(error) => return error.into_response(),
    };
    let renewed = admitted.renewed;
    admitted.attach(&mut parts.extensions);
    let mut response = next.run(Request::from_parts(parts, body)).await;
    // What a person was shown stays in no shared or disk cache.
    let caching = response.headers_mut().entry(CACHE_CONTROL);
    caching.or_insert(HeaderValue::from_static("no-store"));
    if let Some(secret) = renewed
        && !response.headers().contains_key(SET_COOKIE)
        && let Some(cookie) = app.cookies.set(Cookie::Session, &secret)
    {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

struct Admitted {
    granted: Granted,
    session: Option<Session>,
    visitor: Visitor,
    /// The session's secret, where its cookie should live on.
    renewed: Option<[u8; 32]>,
}

impl Admitted {
    fn attach(self, extensions: &mut Extensions) {
        extensions.insert(self.granted);
        if let Some(session) = self.session {
            extensions.insert(session.caller);
            extensions.insert(session);
        }
        extensions.insert(self.visitor);
    }
}

async fn admit(app: &App, action: Arc<Action>, request: &Parts) -> Result<Admitted> {
    let headers = &request.headers;
    if !may_change(&request.method, headers, &app.config.http.origins) {
        return Err(Error::refuse(
            RefusalCode::NotAllowed,
            "send JSON from a page of this site; requests of other sites are refused",
        ));
    }
    // What is the same for everyone needs to know nobody: no read of the store before a sign-in.
    let open = action.scope(Role::Public).is_some() && action.scope(Role::Member).is_none();
    let (session, renewed) = if open { (None, None) } else { session_of(app, headers).await? };
    if !may_enter(&action, session.as_ref()) {
        return Err(match session {
            None => Error::refuse(RefusalCode::SignInRequired, "sign in first"),
            Some(_) => Error::refuse(RefusalCode::NotFound, "there is nothing here for you"),
        });
    }
    if let Some(session) = &session {
        check_desk(app, &action, session).await?;
    }
    let caller = session.map(|session| session.caller);
    let peer = request.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    let visitor = Visitor {
        caller,
        address: client_address(peer, headers, &app.config.http.trusted_proxies),
        mark: app.cookies.read(Cookie::Visitor, headers),
    };
    Ok(Admitted { granted: Granted(action), session, visitor, renewed })
}

/// Routes of the desk ask for a second factor, the most sensitive ones for a recent one. Using the
/// desk keeps it open.
async fn check_desk(app: &App, action: &Action, session: &Session) -> Result<()> {
    let now = app.clock.now();
    if action.desk && !session.desk_is_open(now) {
        let sentence = "open your desk with the code of your authenticator application first";
        return Err(Error::refuse(RefusalCode::SecondFactorRequired, sentence));
    }
    if action.proof && !session.is_proven(now) {
        let sentence = "give the code of your authenticator application again for this";
        return Err(Error::refuse(RefusalCode::SecondFactorRequired, sentence));
    }
    if action.desk && session.desk_is_due(now) {
        accounts::see_desk(app, session.caller.device).await?;
    }
    Ok(())
}

/// A method that this path does not have: routes and file are the same, or the hub would not run.
fn unlisted() -> Response {
    let refusal = Error::refuse(RefusalCode::NotFound, "this address does not know that method");
    let mut response = refusal.into_response();
    *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
    response
}

/// Whether a caller reaches the handler. What a person is over a room or an organisation is known
/// only there, so what leaders and officers may do lets every member through to that check.
fn may_enter(action: &Action, session: Option<&Session>) -> bool {
    let may = |role| action.scope(role).is_some();
    match session {
        None => may(Role::Public),
        Some(session) => {
            let over_something = [
                Role::Member,
                Role::Leader,
                Role::Secretary,
                Role::Superior,
                Role::Reviewer,
                Role::Decider,
                Role::Handler,
                Role::Delegate,
                Role::Liaison,
            ];
            over_something.into_iter().any(may) || (session.administrator && may(Role::Admin))
        }
    }
}

async fn session_of(app: &App, headers: &HeaderMap) -> Result<(Option<Session>, Option<[u8; 32]>)> {
    let Some(secret) = app.cookies.read(Cookie::Session, headers) else {
        return Ok((None, None));
    };
    let session = accounts::open_session(app, &secret).await?;
    let renewed = session.is_some_and(|session| session.renewed).then_some(secret);
    Ok((session.map(|session| session.session), renewed))
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let caller = parts.extensions.get::<Self>().copied();
        caller.ok_or_else(|| Error::refuse(RefusalCode::SignInRequired, "sign in first"))
    }
}

impl<S: Sync> FromRequestParts<S> for Visitor {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let visitor = parts.extensions.get::<Self>().cloned();
        Ok(visitor.ok_or_else(|| Fault::new("a route stands outside the guard"))?)
    }
}

impl<S: Sync> FromRequestParts<S> for Granted {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let granted = parts.extensions.get::<Self>().cloned();
        Ok(granted.ok_or_else(|| Fault::new("a route stands outside the guard"))?)
    }
}
