//! What each fuzz target does with its bytes. The ordinary tests of the crate replay the committed
//! corpora through the same functions.

mod datagrams;

pub use datagrams::datagrams;
