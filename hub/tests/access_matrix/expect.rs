//! What the access file says about one cell, worked out from its words alone.

use hub::auth::{Action, Role, Scope};

use crate::samples::Object;
use crate::world::{Desk, Subject};

/// How the hub has to answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// As the sample says for those who may.
    Allowed,
    /// 401.
    SignIn,
    /// The desk has to be opened, or the proof be given anew.
    SecondFactor,
    /// 404: the caller may not know of it.
    Unknown,
    /// The caller knows of it and may not: 403 or 404.
    Forbidden,
}

pub fn expected(action: &Action, subject: &Subject, object: Object) -> Expected {
    if action.allow.contains_key(&Role::Public) {
        return Expected::Allowed;
    }
    if subject.person.is_none() {
        return Expected::SignIn;
    }
    let only_admin = action.allow.keys().all(|role| *role == Role::Admin);
    if only_admin && !subject.roles.contains(&Role::Admin) {
        return Expected::Unknown;
    }
    if action.desk && subject.desk == Desk::Closed {
        return Expected::SecondFactor;
    }
    if action.proof && subject.desk != Desk::Open {
        return Expected::SecondFactor;
    }
    let may = match object {
        Object::None | Object::Own => true,
        Object::Of(owner) => owner == subject.name,
        Object::Target => subject.roles.iter().any(|role| {
            let scope = action.allow.get(role);
            match role {
                Role::Public => false,
                Role::Member | Role::Leader => scope == Some(&Scope::Room),
                Role::Secretary => scope == Some(&Scope::Branch),
                Role::Superior => scope == Some(&Scope::Below),
                Role::Admin => scope == Some(&Scope::All),
                Role::Reviewer | Role::Decider => scope == Some(&Scope::Board),
                Role::Handler => matches!(scope, Some(Scope::Board | Scope::Thread)),
                Role::Delegate | Role::Liaison => scope == Some(&Scope::Thread),
            }
        }),
    };
    match (may, subject.inside) {
        (true, _) => Expected::Allowed,
        (false, true) => Expected::Forbidden,
        (false, false) => Expected::Unknown,
    }
}
