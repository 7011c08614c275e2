//! `hub stop`: end the embedded database of a data directory that no hub uses.

use std::path::Path;

use crate::config::Config;
use crate::store::embedded;

/// Stops the database in good order; the next `hub run` starts it again.
pub fn stop(config: Option<&Path>) -> anyhow::Result<()> {
    let config = Config::load(config)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    if runtime.block_on(embedded::stop(&config.data_dir))? {
        println!("the database in {} is stopped", config.data_dir.display());
    } else {
        println!("no database is running in {}", config.data_dir.display());
    }
    Ok(())
}
