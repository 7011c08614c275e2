//! The promises about delivery, seen from outside a whole hub: between nodes, after an absence, to
//! slow readers, to an SDK, and against sockets that mean no good.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test says what is wrong by failing"
)]

mod limits;
mod nodes;
mod recovery;
mod sdk;

use hub::testing::TestClient;

/// The numbers of the next `count` publications.
async fn offsets(client: &mut TestClient, count: usize) -> Vec<u64> {
    let mut seen = Vec::new();
    while seen.len() < count {
        let push = client.push().await;
        assert_eq!(push.get("unsubscribe"), None, "{push}");
        seen.extend(push["pub"]["offset"].as_u64());
    }
    seen
}
