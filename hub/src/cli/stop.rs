//! `hub stop`: end the embedded database and the media server of a data directory that no hub uses.

use std::path::Path;

use crate::config::{Config, Mode};
use crate::features::calls;
use crate::store::embedded;

/// Stops the database in good order; the next `hub run` starts it again, or anew where `remove`
/// took the data away.
pub fn stop(config: Option<&Path>, remove: bool) -> anyhow::Result<()> {
    let config = Config::load(config)?;
    anyhow::ensure!(
        !remove || config.mode == Mode::Dev,
        "--remove is refused in production mode; remove {} by hand",
        config.data_dir.display()
    );
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    if runtime.block_on(embedded::stop(&config.data_dir))? {
        println!("the database in {} is stopped", config.data_dir.display());
    } else {
        println!("no database is running in {}", config.data_dir.display());
    }
    if runtime.block_on(calls::stop_media_server(&config.data_dir)) {
        println!("the media server in {} is stopped", config.data_dir.display());
    }
    if remove {
        embedded::remove(&config.data_dir)?;
        println!("{} is removed", config.data_dir.display());
    }
    Ok(())
}
