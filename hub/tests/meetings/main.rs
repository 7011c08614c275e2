//! A meeting from its draft to its end, through the doors of a whole hub.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test that fails may end")]

mod attendance;
mod minutes;
mod notice;
mod town;
mod votes;
