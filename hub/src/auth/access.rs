//! The access file, parsed once into a table.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use figment::Figment;
use figment::providers::{Format as _, Toml};
use serde::Deserialize;
use signaling::event::chat::RoomRole;

const FILE: &str = include_str!("../../../config/access.toml");

/// What a caller is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Anyone, signed in or not.
    Public,
    /// Whoever is signed in; in a room: its members.
    Member,
    /// In a room: its leaders. Over an organisation: its secretary and deputy, a group's leader.
    Leader,
    /// Officers of the branch: secretary, deputy, organisation officer.
    Secretary,
    /// Officers of an organisation above, and of its organisation department.
    Superior,
    /// Administrators of the installation.
    Admin,
    /// Of a board: whoever reviews its posts.
    Reviewer,
    /// Of a board: whoever decides appeals and disputes.
    Decider,
    /// Of a board post or a delegate's opinion: whoever answers for the office that has it.
    Handler,
    /// Of a thread: the delegate who has it.
    Delegate,
    /// Of a thread: the liaison office of its delegate.
    Liaison,
}

impl From<RoomRole> for Role {
    fn from(role: RoomRole) -> Self {
        match role {
            RoomRole::Member => Self::Member,
            RoomRole::Leader => Self::Leader,
        }
    }
}

/// On which objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// All of them.
    Public,
    /// Those of the caller.
    Own,
    /// Those of rooms in which the caller has the role.
    Room,
    /// Those of the caller's branch and its groups.
    Branch,
    /// Those of the caller's organisation and the ones below it.
    Below,
    /// Those of the whole installation.
    All,
    /// Those of the board or office where the caller has the duty.
    Board,
    /// Threads of the delegate, office or liaison office that the caller is.
    Thread,
}

/// One line of the access file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Action {
    pub name: String,
    pub object: String,
    /// Routes as `METHOD /path/{parameter}`.
    #[serde(default)]
    pub http: Vec<String>,
    /// Methods of the chat socket.
    #[serde(default)]
    pub rpc: Vec<String>,
    pub allow: BTreeMap<Role, Scope>,
    /// Mounted only in some configurations.
    #[serde(default)]
    pub optional: bool,
    /// Asks for a second factor in the last half hour of use.
    #[serde(default)]
    pub desk: bool,
    /// Asks for a second factor in the last five minutes.
    #[serde(default)]
    pub proof: bool,
}

impl Action {
    /// On which objects `role` may do this; `None`: not at all.
    #[must_use]
    pub fn scope(&self, role: Role) -> Option<Scope> {
        self.allow.get(&Role::Public).or_else(|| self.allow.get(&role)).copied()
    }

    /// Whether somebody who is all of `roles` over an object may do it there.
    #[must_use]
    pub fn allows_over(&self, roles: &[Role]) -> bool {
        roles.iter().any(|&role| {
            matches!(
                (role, self.scope(role)),
                (_, Some(Scope::Public))
                    | (Role::Member | Role::Leader, Some(Scope::Room))
                    | (Role::Secretary, Some(Scope::Branch))
                    | (Role::Superior, Some(Scope::Below))
                    | (Role::Admin, Some(Scope::All))
            )
        })
    }

    /// Whether a member of a room with this role may do it there.
    #[must_use]
    pub fn allows_in_room(&self, role: RoomRole) -> bool {
        matches!(self.scope(role.into()), Some(Scope::Room | Scope::Public))
    }
}

/// The whole file as a table.
#[derive(Debug)]
pub struct Access {
    actions: Vec<Arc<Action>>,
    http: BTreeMap<String, Arc<Action>>,
    rpc: BTreeMap<String, Arc<Action>>,
}

/// Why the hub does not start with this access file.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    #[error("read the access file: {0}")]
    Unreadable(Box<figment::Error>),
    #[error("the access file names {0} twice")]
    Twice(String),
    #[error("the access file does not name {0}")]
    Unlisted(String),
    #[error("the access file names {0}, which is not mounted")]
    Unmounted(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    action: Vec<Action>,
}

impl Access {
    /// The file of this program.
    pub fn embedded() -> Result<Self, AccessError> {
        Self::parse(FILE)
    }

    /// The file in `text`.
    pub fn parse(text: &str) -> Result<Self, AccessError> {
        let file: File = Figment::from(Toml::string(text))
            .extract()
            .map_err(|error| AccessError::Unreadable(Box::new(error)))?;
        let mut access = Self { actions: Vec::new(), http: BTreeMap::new(), rpc: BTreeMap::new() };
        let mut names = BTreeSet::new();
        for action in file.action {
            if !names.insert(action.name.clone()) {
                return Err(AccessError::Twice(action.name));
            }
            let action = Arc::new(action);
            insert_all(&mut access.http, &action.http, &action)?;
            insert_all(&mut access.rpc, &action.rpc, &action)?;
            access.actions.push(action);
        }
        Ok(access)
    }

    /// The action behind a route, by its method and its path as mounted.
    #[must_use]
    pub fn http(&self, method: &http::Method, path: &str) -> Option<&Arc<Action>> {
        // What may be read may be asked about.
        let method = if method == http::Method::HEAD { &http::Method::GET } else { method };
        self.http.get(&format!("{method} {path}"))
    }

    /// The action behind a method of the chat socket.
    #[must_use]
    pub fn rpc(&self, method: &str) -> Option<&Arc<Action>> {
        self.rpc.get(method)
    }

    /// Every action, in the order of the file.
    #[must_use]
    pub fn actions(&self) -> &[Arc<Action>] {
        &self.actions
    }

    /// Compares the file with what is mounted: `routes` as `METHOD /path`, `methods` of the chat
    /// socket. Both must name the same, but for optional lines.
    pub fn check_mounted(
        &self,
        routes: &BTreeSet<String>,
        methods: &BTreeSet<String>,
    ) -> Result<(), AccessError> {
        compare(&self.http, routes)?;
        compare(&self.rpc, methods)
    }
}

fn insert_all(
    table: &mut BTreeMap<String, Arc<Action>>,
    names: &[String],
    action: &Arc<Action>,
) -> Result<(), AccessError> {
    for name in names {
        if table.insert(name.clone(), Arc::clone(action)).is_some() {
            return Err(AccessError::Twice(name.clone()));
        }
    }
    Ok(())
}

fn compare(
    listed: &BTreeMap<String, Arc<Action>>,
    mounted: &BTreeSet<String>,
) -> Result<(), AccessError> {
    if let Some(name) = mounted.iter().find(|name| !listed.contains_key(*name)) {
        return Err(AccessError::Unlisted(name.clone()));
    }
    let missing = listed.iter().find(|(name, action)| !action.optional && !mounted.contains(*name));
    match missing {
        Some((name, _)) => Err(AccessError::Unmounted(name.clone())),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = r#"
        [[action]]
        name = "message.write"
        object = "room"
        rpc = ["msg.send"]
        allow = { member = "room", leader = "room" }

        [[action]]
        name = "member.remove"
        object = "room"
        rpc = ["member.remove"]
        allow = { leader = "room" }

        [[action]]
        name = "sign_in"
        object = "account"
        http = ["POST /api/sign-in"]
        allow = { public = "public" }

        [[action]]
        name = "codes"
        object = "account"
        http = ["GET /dev/codes"]
        allow = { public = "public" }
        optional = true
    "#;

    fn names(list: &[&str]) -> BTreeSet<String> {
        list.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn the_embedded_file_is_readable() {
        let access = Access::embedded().expect("readable");
        assert!(!access.actions().is_empty());
    }

    #[test]
    fn a_role_may_do_what_its_line_says_and_nothing_else() {
        let access = Access::parse(SMALL).expect("readable");
        let write = access.rpc("msg.send").expect("listed");
        assert!(write.allows_in_room(RoomRole::Member));
        assert_eq!(write.scope(Role::Public), None);
        assert_eq!(write.scope(Role::Admin), None);
        let remove = access.rpc("member.remove").expect("listed");
        assert!(remove.allows_in_room(RoomRole::Leader));
        assert!(!remove.allows_in_room(RoomRole::Member));
        let sign_in = access.http(&http::Method::POST, "/api/sign-in").expect("listed");
        assert_eq!(sign_in.scope(Role::Admin), Some(Scope::Public));
        assert!(access.http(&http::Method::GET, "/api/sign-in").is_none());
        assert!(access.rpc("msg.unknown").is_none());
    }

    #[test]
    fn a_route_or_call_that_the_file_does_not_name_is_found() {
        let access = Access::parse(SMALL).expect("readable");
        let methods = names(&["msg.send", "member.remove"]);
        let routes = names(&["POST /api/sign-in"]);
        access.check_mounted(&routes, &methods).expect("the same");
        let more = names(&["POST /api/sign-in", "GET /api/secrets"]);
        let error = access.check_mounted(&more, &methods).expect_err("unlisted");
        assert!(matches!(&error, AccessError::Unlisted(name) if name == "GET /api/secrets"));
        let error = access.check_mounted(&routes, &names(&["msg.send"])).expect_err("unmounted");
        assert!(matches!(&error, AccessError::Unmounted(name) if name == "member.remove"));
    }

    #[test]
    fn a_name_stands_once() {
        let twice = format!(
            "{SMALL}\n[[action]]\nname = \"x\"\nobject = \"room\"\n\
             rpc = [\"msg.send\"]\nallow = {{ member = \"room\" }}\n"
        );
        assert!(
            matches!(Access::parse(&twice), Err(AccessError::Twice(name)) if name == "msg.send")
        );
    }
}
