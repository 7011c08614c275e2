//! Faults that the negative controls of the crash tests plant: a hub that breaks a promise on
//! purpose, says so in its first line, and refuses to do it in production.

use crate::config::{Config, Mode};
use crate::store::Durability;
use crate::timeline::AnswerAt;

/// Which promise is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Control {
    /// Sends are answered while their transaction is still open.
    AnswerBeforeCommit,
    /// The database reports commits that are not on the disk yet.
    CommitBeforeDisk,
    /// What other nodes commit is known from hints alone, which may be lost.
    HintsOnly,
}

impl Control {
    /// Says what is broken; an error where the configuration is for real use.
    pub fn announce(self, config: &Config) -> anyhow::Result<()> {
        anyhow::ensure!(
            config.mode == Mode::Dev,
            "--control breaks a promise on purpose and is refused in production mode"
        );
        tracing::warn!(control = ?self, "control run: messages will be lost or late");
        Ok(())
    }

    /// What the database must promise.
    #[must_use]
    pub fn durability(control: Option<Self>) -> Durability {
        if control == Some(Self::CommitBeforeDisk) {
            Durability::Waived
        } else {
            Durability::Required
        }
    }

    /// Whether the node compares its rooms with the store.
    #[must_use]
    pub fn compares(control: Option<Self>) -> bool {
        control != Some(Self::HintsOnly)
    }

    /// When sends are answered.
    #[must_use]
    pub fn answer_at(control: Option<Self>) -> AnswerAt {
        if control == Some(Self::AnswerBeforeCommit) { AnswerAt::Receipt } else { AnswerAt::Commit }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_production_hub_refuses_to_break_a_promise() {
        let config = Config::load(None).expect("defaults");
        assert_eq!(config.mode, Mode::Production);
        assert!(Control::AnswerBeforeCommit.announce(&config).is_err());
    }
}
