//! How one-time codes reach people: by the adapters of the configuration, or, where nobody else
//! can reach the door, on the console.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use signaling::http::accounts::{CodeBy, ConsoleCode};
use signaling::limits::{CODE_ADAPTER_MS_MAX, CODES_UNDER_WAY_MAX, CONSOLE_CODES_MAX};
use tokio::sync::Semaphore;

use super::rules;
use super::types::Phone;
use crate::config::{CodeAdapterConfig, Config, Mode};

/// Where codes go.
#[derive(Debug)]
pub struct Codes {
    sms: Option<Adapter>,
    call: Option<Adapter>,
    /// The last codes, newest first; `None` where they are shown to nobody.
    console: Option<Mutex<VecDeque<ConsoleCode>>>,
    under_way: Arc<Semaphore>,
}

#[derive(Clone, Debug)]
struct Adapter {
    client: reqwest::Client,
    config: CodeAdapterConfig,
    secret: String,
}

impl Codes {
    /// What the configuration offers; the error is a sentence that says what to change.
    pub fn of(config: &Config) -> Result<Self, String> {
        let sms = Adapter::of(&config.sign_in.sms)?;
        let call = Adapter::of(&config.sign_in.call)?;
        let none = sms.is_none() && call.is_none();
        if none && !(config.loopback() && config.mode == Mode::Dev) {
            return Err("nobody could sign in: set [sign_in.sms] or [sign_in.call], or listen on \
                        a loopback address in dev mode, where codes are shown on the console"
                .to_owned());
        }
        let console = none.then(Mutex::default);
        Ok(Self { sms, call, console, under_way: Arc::new(Semaphore::new(CODES_UNDER_WAY_MAX)) })
    }

    /// Whether codes are shown on the console.
    #[must_use]
    pub const fn on_console(&self) -> bool {
        self.console.is_some()
    }

    /// The codes shown on the console, newest first.
    #[must_use]
    pub fn shown(&self) -> Vec<ConsoleCode> {
        let Some(console) = &self.console else { return Vec::new() };
        console.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    /// Sends a code on its way. Never waits: the answer to the visitor takes the same time
    /// whether there is an account or not.
    pub(super) fn send(&self, phone: &Phone, code: &str, by: CodeBy) {
        if let Some(console) = &self.console {
            println!("one-time code for {}: {code}", rules::mask(phone));
            let mut shown = console.lock().unwrap_or_else(PoisonError::into_inner);
            let phone = phone.digits().to_owned();
            shown.push_front(ConsoleCode { phone, code: code.to_owned() });
            shown.truncate(CONSOLE_CODES_MAX);
            return;
        }
        let wanted = match by {
            CodeBy::Sms => self.sms.as_ref().or(self.call.as_ref()),
            CodeBy::Call => self.call.as_ref().or(self.sms.as_ref()),
        };
        let Some(adapter) = wanted.cloned() else { return };
        let Ok(permit) = Arc::clone(&self.under_way).try_acquire_owned() else {
            tracing::warn!("too many one-time codes are under way; one was dropped");
            return;
        };
        let body = adapter.filled(&adapter.config.body, phone, code);
        let url = adapter.filled(&adapter.config.url, phone, code);
        tokio::spawn(async move {
            if !adapter.deliver(url, body).await {
                tracing::warn!("a one-time code was not taken by its adapter");
            }
            drop(permit);
        });
    }
}

impl Adapter {
    fn of(config: &CodeAdapterConfig) -> Result<Option<Self>, String> {
        if config.url.is_empty() {
            return Ok(None);
        }
        let secret = if config.secret_file.as_os_str().is_empty() {
            String::new()
        } else {
            let text = std::fs::read_to_string(&config.secret_file)
                .map_err(|error| format!("read {}: {error}", config.secret_file.display()))?;
            text.lines().next().unwrap_or_default().trim().to_owned()
        };
        let client = reqwest::Client::builder()
            .timeout(Duration::from_millis(CODE_ADAPTER_MS_MAX))
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|error| format!("prepare the adapter of one-time codes: {error}"))?;
        Ok(Some(Self { client, config: config.clone(), secret }))
    }

    fn filled(&self, template: &str, phone: &Phone, code: &str) -> String {
        template
            .replace("{phone}", phone.digits())
            .replace("{code}", code)
            .replace("{secret}", &self.secret)
    }

    async fn deliver(&self, url: String, body: String) -> bool {
        let kind = self.config.content_type.as_str();
        let mut request = self.client.post(url).header("content-type", kind).body(body);
        for (name, value) in &self.config.headers {
            request = request.header(name, value.replace("{secret}", &self.secret));
        }
        request.send().await.is_ok_and(|response| response.status().is_success())
    }
}
