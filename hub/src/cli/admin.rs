//! `hub admin`: make an administrator of the installation, the first one above all.

use std::path::Path;
use std::sync::Arc;

use crate::app::{Chance, Clock, Ids, SystemClock};
use crate::config::{Config, Mode};
use crate::features::accounts::{self, Administrator};
use crate::features::organisations;
use crate::keys::{Keys, Missing};
use crate::store::{Durability, Store};

/// Who becomes an administrator.
#[derive(Debug, clap::Args)]
pub(super) struct AdminArguments {
    /// Telephone number with which the person signs in, 11 digits.
    phone: String,
    /// Name as others see it; of a known number the name it is known under.
    #[arg(long)]
    name: String,
}

/// Makes the administrator in the database of the configuration and prints the second factor.
pub(super) fn admin(config: Option<&Path>, arguments: &AdminArguments) -> anyhow::Result<()> {
    let config = Config::load(config)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let made = runtime.block_on(make(&config, arguments))?;
    let known = if made.already { "was one already" } else { "administers this installation" };
    println!("{} ({}) {known}; the page is /admin", arguments.name, arguments.phone);
    match &made.second_factor {
        Some(secret) => {
            let shown = accounts::base32(secret);
            println!("second factor, shown once, for an authenticator application: {shown}");
            println!("{}", accounts::second_factor_uri(secret, &arguments.phone));
        }
        None => println!("the second factor stays as it is"),
    }
    Ok(())
}

async fn make(config: &Config, arguments: &AdminArguments) -> anyhow::Result<Administrator> {
    let clock = Arc::new(SystemClock::start());
    let now = clock.now();
    let missing = match config.mode {
        Mode::Dev => Missing::Make { now },
        Mode::Production => Missing::Refuse,
    };
    let phone = accounts::phone(&arguments.phone)?;
    let name = organisations::text(&arguments.name, 100, "a name")?;
    let keys = Keys::load(&config.data_dir, missing)?;
    let store = Store::open(config, Durability::Required).await?;
    let ids = Ids::new(clock, Arc::new(Chance::from_os()));
    let who = (name.as_str(), phone, now);
    let made = accounts::appoint_administrator(&store.pool, &keys, &ids, who).await;
    store.close().await;
    Ok(made?)
}
