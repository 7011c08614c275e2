//! The answering half of ICE: an agent that sends no checks of its own. A way counts from the first
//! check on it whose integrity holds, and from then on alone.

use std::net::SocketAddr;

use aws_lc_rs::hmac;
use signaling::limits::PEER_PATHS_MAX;

use crate::api::transport::IceCredentials;
use crate::ids::Path;
use crate::wire::stun::{self, Request};

/// One peer's ways.
#[derive(Debug)]
pub(crate) struct Ice {
    ours: Local,
    /// The credentials before the last restart, until the first check on the new ones.
    before: Option<Local>,
    theirs: Option<String>,
    /// Verified ways, the last used last.
    paths: Vec<Path>,
    selected: Option<Path>,
}

#[derive(Debug)]
struct Local {
    ufrag: String,
    key: hmac::Key,
}

impl Local {
    fn new(credentials: &IceCredentials) -> Self {
        Self { ufrag: credentials.ufrag.clone(), key: stun::key_of(&credentials.pwd) }
    }
}

/// What an authenticated check brought.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Checked {
    /// Bytes of the answer, which is to be sent back the way it came.
    pub(crate) answer: usize,
    /// The way was not known.
    pub(crate) new_path: bool,
    /// A way that had to make room.
    pub(crate) forgotten_path: Option<Path>,
    /// A name that is no longer good: the restart is done.
    pub(crate) forgotten_ufrag: Option<String>,
}

impl Ice {
    pub(crate) fn new(credentials: &IceCredentials) -> Self {
        Self {
            ours: Local::new(credentials),
            before: None,
            theirs: None,
            paths: Vec::new(),
            selected: None,
        }
    }

    /// Where to send.
    pub(crate) fn selected(&self) -> Option<Path> {
        self.selected
    }

    /// All verified ways.
    pub(crate) fn paths(&self) -> &[Path] {
        &self.paths
    }

    /// All names that checks may carry.
    pub(crate) fn ufrags(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.ours).chain(&self.before).map(|local| local.ufrag.as_str())
    }

    /// The other side's name; checks that carry another are refused from now on.
    pub(crate) fn set_remote(&mut self, ufrag: &str) {
        self.theirs = Some(ufrag.to_owned());
    }

    /// New credentials; the name that is no longer good, if there was an unfinished restart.
    pub(crate) fn restart(&mut self, credentials: &IceCredentials) -> Option<String> {
        self.theirs = None;
        let before = std::mem::replace(&mut self.ours, Local::new(credentials));
        self.before.replace(before).map(|dropped| dropped.ufrag)
    }

    /// Verifies a check that carries one of our names and writes the answer. `None`: no word back.
    pub(crate) fn check(
        &mut self,
        request: &Request<'_>,
        path: Path,
        answer: &mut [u8],
    ) -> Option<Checked> {
        let is_current = request.ours == self.ours.ufrag.as_bytes();
        let local = if is_current { &self.ours } else { self.before.as_ref()? };
        if request.ours != local.ufrag.as_bytes() || !request.is_authentic(&local.key) {
            return None;
        }
        // During a restart the old name pairs with a name that we have already forgotten.
        let expected = self.theirs.as_ref().filter(|_| is_current);
        if expected.is_some_and(|theirs| request.theirs != theirs.as_bytes()) {
            return None;
        }
        if request.controlled {
            let answer = request.role_conflict(&local.key, answer)?;
            return Some(Checked { answer, ..Checked::default() });
        }
        let from: SocketAddr = path.remote;
        let mut checked =
            Checked { answer: request.answer(&local.key, from, answer)?, ..Checked::default() };
        if is_current {
            checked.forgotten_ufrag = self.before.take().map(|local| local.ufrag);
        }
        self.learn(path, request.use_candidate, &mut checked);
        Some(checked)
    }

    fn learn(&mut self, path: Path, chosen: bool, checked: &mut Checked) {
        if let Some(at) = self.paths.iter().position(|known| *known == path) {
            self.paths.remove(at);
        } else {
            checked.new_path = true;
            if self.paths.len() >= PEER_PATHS_MAX {
                let spare = self.paths.iter().position(|known| Some(*known) != self.selected);
                checked.forgotten_path = spare.map(|at| self.paths.remove(at));
            }
        }
        self.paths.push(path);
        if chosen || self.selected.is_none() {
            self.selected = Some(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Via;

    fn credentials(name: &str) -> IceCredentials {
        IceCredentials { ufrag: name.into(), pwd: format!("{name}-password-of-length") }
    }

    fn path(port: u16) -> Path {
        Path { via: Via(0), remote: SocketAddr::from(([192, 0, 2, 1], port)) }
    }

    fn check(
        ice: &mut Ice,
        to: &IceCredentials,
        name: &str,
        port: u16,
        use_it: bool,
    ) -> Option<Checked> {
        let message = stun::testing::request(to, name, use_it);
        let request = Request::parse(&message).expect("a request");
        ice.check(&request, path(port), &mut [0; 200])
    }

    #[test]
    fn a_way_is_learnt_from_an_authentic_check_only_and_moves_when_chosen() {
        let ours = credentials("ours");
        let mut ice = Ice::new(&ours);
        ice.set_remote("them");
        let forged = IceCredentials { pwd: "wrong".into(), ..ours.clone() };
        assert_eq!(check(&mut ice, &forged, "them", 1, true), None);
        assert_eq!(check(&mut ice, &ours, "other", 1, true), None);
        assert!(ice.paths().is_empty() && ice.selected().is_none());
        assert!(check(&mut ice, &ours, "them", 1, false).is_some_and(|c| c.new_path));
        assert_eq!(ice.selected(), Some(path(1)), "the first way is used until one is chosen");
        check(&mut ice, &ours, "them", 2, false).expect("authentic");
        assert_eq!(ice.selected(), Some(path(1)));
        check(&mut ice, &ours, "them", 2, true).expect("authentic");
        assert_eq!(ice.selected(), Some(path(2)));
    }

    #[test]
    fn old_credentials_stay_good_until_the_first_check_on_the_new_ones() {
        let (old, new) = (credentials("old"), credentials("new"));
        let mut ice = Ice::new(&old);
        ice.set_remote("them");
        assert_eq!(ice.restart(&new), None);
        ice.set_remote("they");
        assert!(check(&mut ice, &old, "them", 1, true).is_some());
        let done = check(&mut ice, &new, "they", 2, true).expect("authentic");
        assert_eq!(done.forgotten_ufrag.as_deref(), Some("old"));
        assert_eq!(check(&mut ice, &old, "them", 1, true), None);
    }

    #[test]
    fn the_oldest_way_that_is_not_used_makes_room() {
        let ours = credentials("ours");
        let mut ice = Ice::new(&ours);
        for port in 1..=u16::try_from(PEER_PATHS_MAX).expect("few") {
            check(&mut ice, &ours, "them", port, port == 1).expect("authentic");
        }
        let full = check(&mut ice, &ours, "them", 999, false).expect("authentic");
        assert_eq!(full.forgotten_path, Some(path(2)));
        assert_eq!(ice.paths().len(), PEER_PATHS_MAX);
    }
}
