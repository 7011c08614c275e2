//! `hub doctor`: looks at what a hub needs around it and says, for each thing, that it is well or
//! what to do. Changes nothing.

mod checks;

use std::path::Path;

use crate::config::Config;

/// What one look found.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Finding {
    subject: &'static str,
    /// What is so.
    state: String,
    /// What to do about it; `None` where all is well.
    remedy: Option<String>,
}

impl Finding {
    fn well(subject: &'static str, state: impl Into<String>) -> Self {
        Self { subject, state: state.into(), remedy: None }
    }

    fn ill(subject: &'static str, state: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { subject, state: state.into(), remedy: Some(remedy.into()) }
    }
}

/// Prints every finding; an error where something needs a hand.
pub(super) fn doctor(config: Option<&Path>) -> anyhow::Result<()> {
    let config = match Config::load(config) {
        Ok(config) => config,
        Err(error) => {
            print(&Finding::ill("configuration", error.to_string(), "mend the named setting"));
            anyhow::bail!("the configuration can not be used");
        }
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let findings = runtime.block_on(checks::all(&config));
    findings.iter().for_each(print);
    let ill = findings.iter().filter(|finding| finding.remedy.is_some()).count();
    anyhow::ensure!(ill == 0, "{ill} of {} things need a hand", findings.len());
    println!("all {} things are well", findings.len());
    Ok(())
}

fn print(finding: &Finding) {
    let mark = if finding.remedy.is_some() { "!!" } else { "ok" };
    println!("{mark} {}: {}", finding.subject, finding.state);
    if let Some(remedy) = &finding.remedy {
        println!("   {remedy}");
    }
}
