//! The media server as a process of its own: started by the hub, left running when the hub ends,
//! adopted by the next one, started again when it dies.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use rustix::process::Signal;
use serde::Serialize;
use signaling::CallId;
use tokio::process::{Child, Command};
use tokio::time::sleep;

use super::media::{KEY, MediaServer};
use super::place::{self, Noted, Place, Wanted};
use super::queries;
use crate::app::App;
use crate::config::Config;

/// Pause between two looks at a running one.
const LOOK: Duration = Duration::from_millis(250);
/// Longest pause between two starts that fail; the first pause is [`LOOK`], each one twice the last.
const PAUSE_MAX: Duration = Duration::from_secs(16);
/// Pause between two looks at one that is about to answer or to end.
const POLL: Duration = Duration::from_millis(20);
/// Looks at a new one; after these it counts as failed and is ended.
const POLLS_MAX: u32 = 250;
/// Looks at one that runs and does not answer; after these it is ended and started again.
const SILENT_LOOKS_MAX: u32 = 20;

/// The configuration that the hub writes for its media server.
#[derive(Serialize)]
struct Written {
    http: Http,
    media: Media,
    rooms: Rooms,
    keys: BTreeMap<&'static str, String>,
}

#[derive(Serialize)]
struct Http {
    listen: String,
    tls_certificate: PathBuf,
    tls_key: PathBuf,
    administration: Vec<String>,
}

#[derive(Serialize)]
struct Media {
    listen: String,
    tcp_listen: String,
    addresses: Vec<String>,
}

#[derive(Serialize)]
struct Rooms {
    /// Rooms that are there from the first moment: those of the calls that go on.
    open: Vec<String>,
}

/// The one that runs now.
enum Running {
    /// A child of this process.
    Ours(Child),
    /// Another hub started it.
    Adopted(Noted),
}

impl Running {
    fn has_ended(&mut self) -> bool {
        match self {
            Self::Ours(child) => !matches!(child.try_wait(), Ok(None)),
            Self::Adopted(noted) => !noted.is_alive(),
        }
    }

    async fn kill(self) {
        match self {
            Self::Ours(mut child) => {
                let _ = child.kill().await;
            }
            Self::Adopted(noted) => end(&noted, Signal::KILL).await,
        }
    }

    /// Waits until it ended, at most until the next look.
    async fn watch(&mut self) {
        match self {
            Self::Ours(child) => {
                let _ = tokio::time::timeout(LOOK, child.wait()).await;
            }
            Self::Adopted(_) => sleep(LOOK).await,
        }
    }
}

/// Keeps the media server running until the hub stops; it is left running then.
pub(super) async fn keep_running(app: &App, media: &MediaServer) {
    let mut running = adopted(app).await;
    let (mut silent, mut pause) = (0, LOOK);
    loop {
        let Some(mut now_running) = running.take() else {
            media.serves(false);
            running = started(app, media).await.map(Running::Ours);
            silent = 0;
            if running.is_none() {
                sleep(pause).await;
                pause = PAUSE_MAX.min(2 * pause);
            } else {
                pause = LOOK;
            }
            continue;
        };
        if now_running.has_ended() {
            tracing::warn!("the media server ended");
            continue;
        }
        silent = if media.answers(app.clock.now()).await { 0 } else { silent + 1 };
        media.serves(silent == 0);
        if silent > SILENT_LOOKS_MAX {
            tracing::error!("the media server runs and does not answer; starting it again");
            now_running.kill().await;
            continue;
        }
        now_running.watch().await;
        running = Some(now_running);
    }
}

/// The one that an earlier hub left running; one that was configured otherwise is ended.
async fn adopted(app: &App) -> Option<Running> {
    let noted = Noted::read(&app.config.data_dir).filter(Noted::is_alive)?;
    if noted.wanted == Wanted::of(&app.config) {
        tracing::info!(process.id = noted.pid, "the media server goes on");
        return Some(Running::Adopted(noted));
    }
    tracing::warn!("the configuration of calls changed: the media server starts anew");
    end(&noted, Signal::TERM).await;
    None
}

/// A media server that answers; `None` where it could not be started now.
async fn started(app: &App, media: &MediaServer) -> Option<Child> {
    let open = match open_rooms(app).await {
        Ok(open) => open,
        Err(error) => {
            tracing::error!(%error, "failed to read the open calls");
            return None;
        }
    };
    let mut child = match spawn(app, media, &open) {
        Ok(child) => child,
        Err(error) => {
            tracing::error!(%error, "failed to start the media server");
            return None;
        }
    };
    for _ in 0..POLLS_MAX {
        if media.answers(app.clock.now()).await {
            tracing::info!(process.id = child.id(), "the media server serves");
            return Some(child);
        }
        if let Ok(Some(status)) = child.try_wait() {
            tracing::error!(%status, "the media server ended at its start; its log says why");
            return None;
        }
        sleep(POLL).await;
    }
    let _ = child.kill().await;
    None
}

async fn open_rooms(app: &App) -> Result<Vec<CallId>, sqlx::Error> {
    let mut connection = app.db.acquire().await?;
    Ok(queries::open(&mut connection).await?.into_iter().map(|call| call.id).collect())
}

fn spawn(app: &App, media: &MediaServer, open: &[CallId]) -> io::Result<Child> {
    let folder = place::make_folder(&app.config.data_dir)?;
    let file = folder.join("sfu.toml");
    place::write(&file, &configuration(&app.config, media, open)?)?;
    let log = folder.join("sfu.log");
    let log = OpenOptions::new().create(true).append(true).mode(0o600).open(log)?;
    let child = Command::new(program(&app.config))
        .arg("--config")
        .arg(&file)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::from(log))
        // A group of its own: what ends the hub from its terminal does not end calls.
        .process_group(0)
        .kill_on_drop(false)
        .spawn()?;
    let wanted = Wanted::of(&app.config);
    if let Some(noted) = child.id().and_then(|pid| Noted::of(pid, media.place, wanted)) {
        noted.write(&app.config.data_dir)?;
    }
    Ok(child)
}

/// The configured program, else the one beside the hub's own.
fn program(config: &Config) -> PathBuf {
    if !config.calls.program.as_os_str().is_empty() {
        return config.calls.program.clone();
    }
    std::env::current_exe()
        .ok()
        .and_then(|hub| hub.parent().map(|folder| folder.join("sfu")))
        .unwrap_or_else(|| PathBuf::from("sfu"))
}

fn configuration(config: &Config, media: &MediaServer, open: &[CallId]) -> io::Result<String> {
    let Place { listen, service, media: media_listen, media_tcp } = media.place;
    let written = Written {
        http: Http {
            listen: listen.to_string(),
            tls_certificate: config.http.tls_certificate.clone(),
            tls_key: config.http.tls_key.clone(),
            administration: vec![service.to_string()],
        },
        media: Media {
            listen: media_listen.to_string(),
            tcp_listen: media_tcp.to_string(),
            addresses: config.calls.media_addresses.iter().map(ToString::to_string).collect(),
        },
        rooms: Rooms { open: open.iter().map(ToString::to_string).collect() },
        keys: [(KEY, media.secret.clone())].into(),
    };
    // Strings, lists and numbers of JSON are TOML values as well; each table is written under a
    // heading of its own.
    let value = serde_json::to_value(&written)?;
    let mut text = String::from("mode = \"production\"\n");
    for (name, table) in value.as_object().into_iter().flatten() {
        let pairs = table.as_object().into_iter().flatten();
        let lines: Vec<String> = pairs.map(|(key, value)| format!("{key} = {value}")).collect();
        text = format!("{text}[{name}]\n{}\n", lines.join("\n"));
    }
    Ok(text)
}

/// Ends the media server of a data directory that no hub uses. Returns whether one was running.
pub async fn stop(data_dir: &Path) -> bool {
    let Some(noted) = Noted::read(data_dir).filter(Noted::is_alive) else { return false };
    end(&noted, Signal::TERM).await;
    true
}

/// Ends a process, by force where it takes too long.
async fn end(noted: &Noted, signal: Signal) {
    noted.signal(signal);
    for _ in 0..POLLS_MAX {
        if !noted.is_alive() {
            return;
        }
        sleep(POLL).await;
    }
    noted.signal(Signal::KILL);
}
