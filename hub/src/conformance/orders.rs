//! Errors to order: a suite can not bring about every error that a hub may send, above all not those
//! that pass by themselves.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use signaling::chat::codes::ErrorCode;
use signaling::chat::session::Ask;

/// Channels with an order; one more is refused.
const CHANNELS_MAX: usize = 1_024;

/// What the next commands about a channel are refused with.
#[derive(Debug, Default)]
pub struct Orders {
    channels: Mutex<HashMap<String, (ErrorCode, u32)>>,
}

impl Orders {
    /// Refuses the next `times` commands about `channel`; about no channel: connects and calls.
    pub fn place(&self, channel: &str, code: ErrorCode, times: u32) -> Result<(), ErrorCode> {
        let mut channels = self.channels.lock().unwrap_or_else(PoisonError::into_inner);
        if channels.len() >= CHANNELS_MAX && !channels.contains_key(channel) {
            return Err(ErrorCode::LimitExceeded);
        }
        channels.insert(channel.to_owned(), (code, times));
        Ok(())
    }

    /// The error that was ordered for a command, which counts as given.
    pub fn take(&self, ask: &Ask) -> Option<ErrorCode> {
        let channel = match ask {
            Ask::Subscribe(request) => request.channel.as_str(),
            Ask::History(request) => request.channel.as_str(),
            Ask::Publish { channel, .. }
            | Ask::Presence { channel }
            | Ask::PresenceStats { channel }
            | Ask::SubRefresh { channel, .. } => channel,
            Ask::Connect { .. } | Ask::Refresh { .. } | Ask::Rpc { .. } => "",
            Ask::Send { .. } => return None,
        };
        let mut channels = self.channels.lock().unwrap_or_else(PoisonError::into_inner);
        let (code, left) = channels.get_mut(channel)?;
        let code = *code;
        *left = left.saturating_sub(1);
        if *left == 0 {
            channels.remove(channel);
        }
        Some(code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_holds_for_its_channel_and_its_times() {
        let orders = Orders::default();
        let about = |channel: &str| Ask::Presence { channel: channel.to_owned() };
        orders.place("a", ErrorCode::Internal, 2).expect("placed");
        assert_eq!(orders.take(&about("b")), None);
        assert_eq!(orders.take(&about("a")), Some(ErrorCode::Internal));
        assert_eq!(orders.take(&about("a")), Some(ErrorCode::Internal));
        assert_eq!(orders.take(&about("a")), None);
    }
}
