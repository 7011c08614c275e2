//! Pictures that people send: told by their content, decoded and written anew, so that nothing of
//! the file stays but what it shows.
//!
//! Decoding is done by a child of the hub's own program with little memory and time and without
//! files, so that a broken or hostile file ends the child at most.

mod child;
mod cleaning;

pub use self::child::{Cleaner, clean_as_child};
pub use self::cleaning::{Picture, Trouble};
