//! `hub keys`: make, rotate and list the key files.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clap::Subcommand;
use time::format_description::well_known::Rfc3339;

use crate::app::{Clock as _, SystemClock};
use crate::config::Config;
use crate::keys::{KeyFile, Purpose};

#[derive(Clone, Copy, Debug, Subcommand)]
pub(super) enum KeysAction {
    /// Make the files that are missing.
    Make,
    /// Put a new key in front; the older ones still verify and open. Restart the hubs afterwards.
    Rotate {
        #[arg(value_enum)]
        purpose: Purpose,
    },
    /// Name each key without telling it.
    List,
}

/// Does what was asked in the data directory of the configuration.
pub(super) fn keys(config: Option<&Path>, action: KeysAction) -> anyhow::Result<()> {
    let data_dir = Config::load(config)?.data_dir;
    let now = SystemClock::start().now();
    match action {
        KeysAction::Make => {
            for &purpose in Purpose::ALL {
                KeyFile::load_or_make(&data_dir, purpose, now)?;
            }
            println!("the keys are in {}", data_dir.join("keys").display());
            println!("keep a copy of them apart from the database and its backups");
        }
        KeysAction::Rotate { purpose } => {
            let file = KeyFile::rotate(&data_dir, purpose, now)?;
            println!("{} has {} keys; restart the hubs", purpose.word(), file.keys().len());
        }
        KeysAction::List => {
            for &purpose in Purpose::ALL {
                for key in KeyFile::load(&data_dir, purpose)?.keys() {
                    let name = URL_SAFE_NO_PAD.encode(key.id());
                    println!(
                        "{:<10} {name} made {}",
                        purpose.word(),
                        key.made_at.format(&Rfc3339)?
                    );
                }
            }
        }
    }
    Ok(())
}
