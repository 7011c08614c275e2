//! The command line: one file per command.

mod admin;
mod audit;
mod backup;
mod certificate;
mod conformance;
mod control;
mod demo;
mod doctor;
mod keys;
mod run;
mod stop;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

pub use self::control::Control;

/// The Lianxin hub.
#[derive(Debug, Parser)]
#[command(name = "hub", version, about)]
pub struct Command {
    /// Configuration file over the defaults.
    #[arg(long, global = true, env = "HUB_CONFIG")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Serve (the default).
    Run {
        /// Break a promise on purpose: the negative control of the crash tests.
        #[arg(long, value_enum, hide = true)]
        control: Option<Control>,
    },
    /// Fill an empty database with invented people.
    Demo(demo::DemoArguments),
    /// Make an administrator of the installation: the first one, with the hub stopped.
    Admin(admin::AdminArguments),
    /// Make, rotate and list the key files.
    Keys {
        #[command(subcommand)]
        action: keys::KeysAction,
    },
    /// Copy the running embedded database into the backup folder.
    Backup {
        #[command(subcommand)]
        action: Option<backup::BackupAction>,
    },
    /// Make the embedded database anew from the backup folder; there must be none.
    Restore(backup::RestoreArguments),
    /// Look whether the records of meetings are those that were written.
    Audit {
        #[command(subcommand)]
        action: audit::AuditAction,
    },
    /// Look at ports, keys, disk, database, clock, Redis and message services, and say what to do.
    Doctor,
    /// Make a self-signed certificate for a local network, in the data directory.
    Certificate(certificate::CertificateArguments),
    /// Serve channels of any name to SDK test suites, without members and without keeping anything.
    Conformance(conformance::ConformanceArguments),
    /// Stop the embedded database of a data directory that no hub uses.
    Stop {
        /// And remove the data directory with everything in it; refused in production mode.
        #[arg(long)]
        remove: bool,
    },
    /// Make the picture on the standard input anew, as a child of a hub.
    #[command(hide = true)]
    CleanPicture,
    /// Print the contract: the HTTP interface and the payloads of the chat socket, as one document.
    Openapi,
    /// Print the JSON schema of the configuration.
    ConfigSchema,
}

impl Command {
    /// Does what was asked; the error is for the person at the terminal.
    pub fn execute(self) -> anyhow::Result<()> {
        match self.action.unwrap_or(Action::Run { control: None }) {
            Action::Run { control } => run::run(self.config.as_deref(), control),
            Action::Demo(arguments) => demo::demo(self.config.as_deref(), &arguments),
            Action::Admin(arguments) => admin::admin(self.config.as_deref(), &arguments),
            Action::Keys { action } => keys::keys(self.config.as_deref(), action),
            Action::Backup { action } => backup::backup(self.config.as_deref(), action),
            Action::Restore(arguments) => backup::restore(self.config.as_deref(), &arguments),
            Action::Audit { action } => audit::audit(self.config.as_deref(), &action),
            Action::Doctor => doctor::doctor(self.config.as_deref()),
            Action::Certificate(arguments) => {
                certificate::certificate(self.config.as_deref(), &arguments)
            }
            Action::Conformance(arguments) => {
                conformance::conformance(self.config.as_deref(), arguments)
            }
            Action::Stop { remove } => stop::stop(self.config.as_deref(), remove),
            Action::CleanPicture => Ok(crate::features::pictures::clean_as_child()?),
            Action::Openapi => {
                println!("{}", crate::door::openapi::document().to_pretty_json()?);
                Ok(())
            }
            Action::ConfigSchema => {
                let schema = schemars::schema_for!(crate::config::Config);
                println!("{}", serde_json::to_string_pretty(&schema)?);
                Ok(())
            }
        }
    }
}
