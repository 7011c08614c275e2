//! Drives the access file against a running hub: every route and every call, by everyone there is,
//! over HTTP and the chat socket. Who may do what is computed here from the file alone.
//!
//! `ACCESS_MATRIX_CONTROL` plants a fault that must be found; `make access-matrix` sets it.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test says what is wrong by failing"
)]

mod boards;
mod delegates;
mod drive;
mod expect;
mod meetings;
mod samples;
mod world;

use hub::auth::Access;
use hub::testing::TestHub;

use drive::Drive;
use world::World;

const FILE: &str = include_str!("../../../config/access.toml");

/// A hub that enforces the file, or, in a control run, one that lets members do what leaders may,
/// or a driver that leaves a route out.
async fn hub(control: &str) -> TestHub {
    if control != "loose" {
        return TestHub::start().await;
    }
    let line = "name = \"room.lead\"";
    let (before, after) = FILE.split_once(line).expect("leaders have an action");
    let loose = after.replacen("allow = { ", "allow = { member = \"room\", ", 1);
    let access = Access::parse(&format!("{before}{line}{loose}")).expect("readable");
    TestHub::start_allowing(access).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everyone_may_do_what_the_access_file_says_and_nothing_else() {
    let control = std::env::var("ACCESS_MATRIX_CONTROL").unwrap_or_default();
    assert!(["", "loose", "short"].contains(&control.as_str()), "no control {control:?}");
    let world = World::make(hub(&control).await).await;
    let access = Access::parse(FILE).expect("readable");
    let mut samples = samples::all(&world);
    if control == "short" {
        samples.pop();
    }
    let mut drive = Drive::new(&world, &access);
    for sample in &samples {
        drive.sample(sample).await;
    }
    drive.channels().await;
    let report = drive.finish();
    println!("{report}");
    assert!(report.faults.is_empty(), "{}", report.faults.join("\n"));
    world.hub.stop().await;
}
