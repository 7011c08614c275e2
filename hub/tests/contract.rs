//! The checked-in contract is the one that this hub serves.

use hub::door::openapi;

const CHECKED_IN: &str = include_str!("../../signaling/schema/openapi.json");

#[test]
fn the_checked_in_document_is_what_the_hub_serves() {
    let served = openapi::document().to_pretty_json().expect("JSON");
    assert_eq!(CHECKED_IN.trim_end(), served, "run `make generate`");
}
