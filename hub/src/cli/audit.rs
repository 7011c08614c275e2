//! `hub audit verify` and `hub audit ends`: whether the chains of records are those that were written.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Subcommand;
use signaling::OrganisationId;
use sqlx::{Connection as _, PgConnection};

use crate::app::{Clock as _, SystemClock};
use crate::config::Config;
use crate::features::audit::{self, Break, Controlled, End, Verified};
use crate::features::organisations;
use crate::store::{Durability, Store};

/// Places that are printed.
const BREAKS_SHOWN: usize = 100;

#[derive(Debug, Subcommand)]
pub(super) enum AuditAction {
    /// Read every chain and name each place that was changed, taken out, moved or cut off.
    Verify {
        /// Ends that `hub audit ends` printed earlier and that were kept on another host: without
        /// them whoever owns the database can write the end of a chain anew.
        #[arg(long, value_name = "FILE")]
        against: Option<PathBuf>,
        /// Break a copy of a chain in every way instead; each must be found.
        #[arg(long)]
        control: bool,
    },
    /// Print where every chain ends, to be kept on another host.
    Ends,
}

/// Does what was asked; an error where a chain is not what was written.
pub(super) fn audit(config: Option<&Path>, action: &AuditAction) -> anyhow::Result<()> {
    let config = Config::load(config)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let store = Store::open(&config, Durability::Required).await?;
        // What control needs a connection of its own for is said there.
        let options = store.pool.connect_options();
        let mut connection = PgConnection::connect_with(options.as_ref()).await?;
        let done = act(&mut connection, action).await;
        connection.close().await?;
        store.close().await;
        done
    })
}

async fn act(connection: &mut PgConnection, action: &AuditAction) -> anyhow::Result<()> {
    match action {
        AuditAction::Verify { control: true, .. } => {
            let now = SystemClock::start().now();
            controlled(&audit::control(connection, now).await?)
        }
        AuditAction::Verify { against, .. } => {
            let noted = match against {
                Some(file) => {
                    let text = std::fs::read_to_string(file);
                    ends_of(&text.with_context(|| format!("read {}", file.display()))?)?
                }
                None => Vec::new(),
            };
            let mut moment = connection.begin().await?;
            audit::see_one_moment(&mut moment).await?;
            let verified = audit::verify(&mut moment, &noted).await?;
            let names = names(&mut moment, &verified).await;
            verdict(&verified, &names)
        }
        AuditAction::Ends => {
            for End { organisation, n, h } in audit::ends(connection).await? {
                println!("{organisation} {n} {}", hex(&h));
            }
            Ok(())
        }
    }
}

/// Prints what was looked at.
fn verdict(verified: &Verified, names: &BTreeMap<OrganisationId, String>) -> anyhow::Result<()> {
    let Verified { chains, records, breaks } = verified;
    for one in breaks.iter().take(BREAKS_SHOWN) {
        let name = names.get(&one.organisation).map_or("?", String::as_str);
        println!("{name} ({}): {one}", one.organisation);
    }
    if breaks.len() > BREAKS_SHOWN {
        println!("… and {} places more", breaks.len() - BREAKS_SHOWN);
    }
    anyhow::ensure!(
        breaks.is_empty(),
        "{chains} chains and {records} records read: {} places are not what was written; compare \
         with a backup from before",
        breaks.len()
    );
    if *chains == 0 {
        println!("there are no records yet: nothing to look at");
    } else {
        println!("{chains} chains, {records} records: each is what was written");
    }
    Ok(())
}

fn controlled(control: &Controlled) -> anyhow::Result<()> {
    let Controlled { copied, records, missed, broken } = control;
    match copied {
        Some(of) => println!("control: a copy of the chain of {of}, {records} records"),
        None => println!("control: no chain is long enough, one of {records} records was made up"),
    }
    for tampering in audit::Tampering::ALL {
        let found = if missed.contains(&tampering) { "NOT FOUND" } else { "found" };
        println!("  {tampering:?}: {found}");
    }
    anyhow::ensure!(broken.is_empty(), "the chain is broken as it is; run hub audit verify");
    anyhow::ensure!(missed.is_empty(), "control: {} ways were not found", missed.len());
    println!("control: every way was found at its place; the chains themselves were not touched");
    Ok(())
}

async fn names(
    connection: &mut PgConnection,
    verified: &Verified,
) -> BTreeMap<OrganisationId, String> {
    let mut names = BTreeMap::new();
    for Break { organisation, .. } in verified.breaks.iter().take(BREAKS_SHOWN) {
        if let Ok(Some(found)) = organisations::organisation(connection, *organisation).await {
            names.insert(*organisation, found.title());
        }
    }
    names
}

/// Reads what `hub audit ends` printed.
fn ends_of(text: &str) -> anyhow::Result<Vec<End>> {
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    lines.map(|line| end_of(line).with_context(|| format!("read the end `{line}`"))).collect()
}

fn end_of(line: &str) -> anyhow::Result<End> {
    let mut words = line.split_whitespace();
    let mut word = || words.next().context("each line has organisation, number and hash");
    let organisation = OrganisationId(word()?.parse()?);
    let n = word()?.parse()?;
    let digits = word()?;
    anyhow::ensure!(digits.len() == 64 && digits.is_ascii(), "a hash has 64 digits");
    let byte = |at: usize| Ok(u8::from_str_radix(digits.get(at..at + 2).unwrap_or_default(), 16)?);
    let h = (0..64).step_by(2).map(byte).collect::<anyhow::Result<Vec<u8>>>()?;
    Ok(End { organisation, n, h })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printed_ends_are_read_back_and_others_refused() {
        let h = (0..32).collect::<Vec<u8>>();
        let organisation = OrganisationId(uuid::Uuid::nil());
        let printed = format!("{organisation} 12 {}\n\n", hex(&h));
        assert_eq!(ends_of(&printed).expect("read"), [End { organisation, n: 12, h }]);
        for bad in ["x 1 00", &format!("{organisation} 1 00"), &format!("{organisation}")] {
            assert!(ends_of(bad).is_err(), "{bad}");
        }
    }
}
