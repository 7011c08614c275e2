//! How one-time codes reach people: HTTP services for SMS and voice calls, or the console of a
//! hub that nobody else can reach.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use signaling::http::accounts::CodeBy;
use signaling::limits::{
    CODE_ADAPTER_MS_MAX, CODES_UNDER_WAY_MAX, CODES_WAITING_MAX, CONSOLE_CODES_MAX,
};
use signaling::{Refusal, RefusalCode};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::task::TaskTracker;

use super::rules;
use super::types::Phone;
use crate::config::{CodeAdapterConfig, Config, Mode};

/// The way of one-time codes in this installation.
#[derive(Debug)]
pub enum Delivery {
    Console(Console),
    Adapters(Adapters),
}

/// Why the hub does not start.
#[derive(Debug, thiserror::Error)]
pub enum DeliveryError {
    #[error(
        "others can reach this door, and one-time codes have no way to them: set sign_in.sms.url \
         or sign_in.call.url, or listen on 127.0.0.1"
    )]
    NoAdapter,
    #[error(
        "sign_in.console_in_local_network needs a door on a private address (10.*, 172.16-31.*, \
         192.168.*, fc00::/7) in dev mode; {0} is none"
    )]
    NotPrivate(std::net::IpAddr),
    #[error("read the secret file {0}: {1}")]
    Secret(std::path::PathBuf, std::io::Error),
    #[error("sign_in: {0} is not usable")]
    Adapter(&'static str),
}

impl Delivery {
    /// What the configuration allows.
    pub fn choose(config: &Config) -> Result<Self, DeliveryError> {
        let (sms, call) = (&config.sign_in.sms, &config.sign_in.call);
        if !sms.url.is_empty() || !call.url.is_empty() {
            return Ok(Self::Adapters(Adapters::new(sms, call)?));
        }
        let address = config.http.listen.ip();
        match config.mode {
            Mode::Dev if address.is_loopback() => Ok(Self::Console(Console::new(true))),
            Mode::Dev if config.sign_in.console_in_local_network => {
                if is_private(address) {
                    Ok(Self::Console(Console::new(false)))
                } else {
                    Err(DeliveryError::NotPrivate(address))
                }
            }
            Mode::Dev | Mode::Production => Err(DeliveryError::NoAdapter),
        }
    }

    /// Takes a place for one code, also for a number that nobody has: whether there is one must
    /// not tell who has an account.
    pub(super) fn reserve(&self, by: CodeBy) -> Result<Place, Refusal> {
        match self {
            Self::Console(_) => Ok(Place(None)),
            Self::Adapters(adapters) => adapters.reserve(by),
        }
    }

    /// Sends a code in a place that was taken; the caller does not wait for it.
    pub(super) fn send(&self, place: Place, by: CodeBy, phone: &Phone, code: &str) {
        match self {
            Self::Console(console) => console.show(phone, code),
            Self::Adapters(adapters) => adapters.send(place, by, phone, code),
        }
    }

    /// The console, where codes go there.
    #[must_use]
    pub fn console(&self) -> Option<&Console> {
        match self {
            Self::Console(console) => Some(console),
            Self::Adapters(_) => None,
        }
    }
}

fn is_private(address: std::net::IpAddr) -> bool {
    match address.to_canonical() {
        std::net::IpAddr::V4(v4) => v4.is_private() || v4.is_link_local() || v4.is_loopback(),
        std::net::IpAddr::V6(v6) => {
            v6.is_unique_local() || v6.is_unicast_link_local() || v6.is_loopback()
        }
    }
}

/// A place among the codes that wait.
#[derive(Debug)]
pub(super) struct Place(
    #[expect(dead_code, reason = "held until the code is sent")] Option<OwnedSemaphorePermit>,
);

/// Codes on the terminal the hub was started from, never in its log.
#[derive(Debug)]
pub struct Console {
    recent: Mutex<VecDeque<(String, String)>>,
    over_http: bool,
}

impl Console {
    fn new(over_http: bool) -> Self {
        Self { recent: Mutex::default(), over_http }
    }

    /// Whether `GET /dev/codes` may show them: only where nobody else can reach the door.
    #[must_use]
    pub const fn over_http(&self) -> bool {
        self.over_http
    }

    /// Number and code, newest first.
    #[must_use]
    pub fn recent(&self) -> Vec<(String, String)> {
        let recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        recent.iter().cloned().collect()
    }

    fn show(&self, phone: &Phone, code: &str) {
        println!("验证码 one-time code for {}: {code}", rules::mask(phone));
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        recent.truncate(CONSOLE_CODES_MAX.saturating_sub(1));
        recent.push_front((phone.digits().to_owned(), code.to_owned()));
    }
}

/// HTTP services that take codes.
#[derive(Debug)]
pub struct Adapters {
    client: reqwest::Client,
    sms: Option<Arc<Adapter>>,
    call: Option<Arc<Adapter>>,
    waiting: Arc<Semaphore>,
    under_way: Arc<Semaphore>,
    tasks: TaskTracker,
}

#[derive(Debug)]
struct Adapter {
    config: CodeAdapterConfig,
    secret: String,
}

impl Adapters {
    fn new(sms: &CodeAdapterConfig, call: &CodeAdapterConfig) -> Result<Self, DeliveryError> {
        let client = reqwest::Client::builder()
            .timeout(Duration::from_millis(CODE_ADAPTER_MS_MAX))
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|_| DeliveryError::Adapter("the HTTP client"))?;
        Ok(Self {
            client,
            sms: Adapter::new(sms, "sign_in.sms.url")?,
            call: Adapter::new(call, "sign_in.call.url")?,
            waiting: Arc::new(Semaphore::new(CODES_WAITING_MAX)),
            under_way: Arc::new(Semaphore::new(CODES_UNDER_WAY_MAX)),
            tasks: TaskTracker::new(),
        })
    }

    fn adapter(&self, by: CodeBy) -> Option<&Arc<Adapter>> {
        match by {
            CodeBy::Sms => self.sms.as_ref(),
            CodeBy::Call => self.call.as_ref(),
        }
    }

    fn reserve(&self, by: CodeBy) -> Result<Place, Refusal> {
        if self.adapter(by).is_none() {
            let sentence = "codes are not sent this way here; ask for the other way";
            return Err(Refusal::new(RefusalCode::NotOffered, sentence));
        }
        let permit = Arc::clone(&self.waiting).try_acquire_owned();
        let busy = || Refusal::new(RefusalCode::Unavailable, "too many codes wait; try again");
        Ok(Place(Some(permit.map_err(|_| busy().retry_after(5))?)))
    }

    fn send(&self, place: Place, by: CodeBy, phone: &Phone, code: &str) {
        let Some(adapter) = self.adapter(by) else { return };
        let (client, under_way) = (self.client.clone(), Arc::clone(&self.under_way));
        let (adapter, phone, code) = (Arc::clone(adapter), phone.clone(), code.to_owned());
        self.tasks.spawn(async move {
            let _turn = under_way.acquire().await;
            // Neither number nor code; the service's own log has them.
            if let Err(error) = adapter.post(&client, &phone, &code).await {
                tracing::warn!(?by, %error, "a one-time code was not taken");
            }
            drop(place);
        });
    }
}

impl Adapter {
    fn new(
        config: &CodeAdapterConfig,
        name: &'static str,
    ) -> Result<Option<Arc<Self>>, DeliveryError> {
        if config.url.is_empty() {
            return Ok(None);
        }
        if !config.url.starts_with("https://") && !config.url.starts_with("http://") {
            return Err(DeliveryError::Adapter(name));
        }
        let mut secret = String::new();
        let path = &config.secret_file;
        if !path.as_os_str().is_empty() {
            let text = std::fs::read_to_string(path);
            let text = text.map_err(|error| DeliveryError::Secret(path.clone(), error))?;
            text.lines().next().unwrap_or_default().trim().clone_into(&mut secret);
        }
        Ok(Some(Arc::new(Self { config: config.clone(), secret })))
    }

    async fn post(
        &self,
        client: &reqwest::Client,
        phone: &Phone,
        code: &str,
    ) -> Result<(), reqwest::Error> {
        let fill = |template: &str| {
            let filled = template.replace("{phone}", phone.digits()).replace("{code}", code);
            filled.replace("{secret}", &self.secret)
        };
        let mut request = client
            .post(fill(&self.config.url))
            .header(reqwest::header::CONTENT_TYPE, &self.config.content_type)
            .body(fill(&self.config.body));
        for (name, value) in &self.config.headers {
            request = request.header(name, fill(value));
        }
        let answer = request.send().await.and_then(reqwest::Response::error_for_status);
        answer.map(|_| ()).map_err(reqwest::Error::without_url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(listen: &str, mode: Mode) -> Config {
        let mut config = Config::load(None).expect("defaults");
        config.http.listen = listen.parse().expect("an address");
        config.mode = mode;
        config
    }

    #[test]
    fn codes_go_to_the_console_only_where_nobody_else_can_reach_the_door() {
        let delivery = Delivery::choose(&config("127.0.0.1:0", Mode::Dev)).expect("console");
        assert!(delivery.console().is_some_and(Console::over_http));
        for (listen, mode) in [
            ("0.0.0.0:0", Mode::Dev),
            ("192.168.1.7:0", Mode::Dev),
            ("0.0.0.0:0", Mode::Production),
            ("127.0.0.1:0", Mode::Production),
        ] {
            let error = Delivery::choose(&config(listen, mode)).expect_err(listen);
            assert!(matches!(error, DeliveryError::NoAdapter), "{listen}: {error}");
        }
    }

    #[test]
    fn in_the_local_network_codes_are_never_shown_over_http() {
        let mut lan = config("192.168.1.7:0", Mode::Dev);
        lan.sign_in.console_in_local_network = true;
        let delivery = Delivery::choose(&lan).expect("console");
        assert!(delivery.console().is_some_and(|console| !console.over_http()));
        for listen in ["0.0.0.0:0", "203.0.113.9:0", "[::]:0"] {
            lan.http.listen = listen.parse().expect("an address");
            assert!(matches!(Delivery::choose(&lan), Err(DeliveryError::NotPrivate(_))));
        }
        lan.http.listen = "192.168.1.7:0".parse().expect("an address");
        lan.mode = Mode::Production;
        assert!(matches!(Delivery::choose(&lan), Err(DeliveryError::NoAdapter)));
    }

    #[test]
    fn an_adapter_takes_the_console_away() {
        let mut with = config("127.0.0.1:0", Mode::Dev);
        with.sign_in.sms.url = "https://sms.example.org/send".to_owned();
        let delivery = Delivery::choose(&with).expect("adapters");
        assert!(delivery.console().is_none());
        let refusal = delivery.reserve(CodeBy::Call).expect_err("no voice calls");
        assert_eq!(refusal.code, RefusalCode::NotOffered);
    }

    #[test]
    fn the_console_forgets_old_codes() {
        let console = Console::new(true);
        let phone = rules::phone("10000000001").expect("a number");
        for number in 0..(CONSOLE_CODES_MAX + 5) {
            console.show(&phone, &format!("{number:06}"));
        }
        assert_eq!(console.recent().len(), CONSOLE_CODES_MAX);
        assert_eq!(console.recent()[0].1, format!("{:06}", CONSOLE_CODES_MAX + 4));
    }
}
