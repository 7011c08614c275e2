//! Calls over the chat socket (`rpc {method, data}`), one file per capability. Parameters and
//! results are JSON objects on both encodings.

pub mod chat;
