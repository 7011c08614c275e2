//! Random schedules of joining: people ask, leaders and home branches answer or stay silent, homes
//! move, time passes. `machine` runs the state machine alone, against a table of its own; `store`
//! runs the commands of a whole hub, two at once, and looks at the tables after each.
//!
//! `JOIN_SCHEDULES`, `JOIN_STORE_SCHEDULES`, `JOIN_FROM` and `JOIN_CONTROL` choose what is run;
//! `make join-schedules` sets them. A failing seed is printed and runs the same again.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test says what is wrong by failing"
)]

mod machine;
mod store;

use machine::{Control, Counts};

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().expect("a number"))
}

fn sweep(count: u64, control: Option<Control>) -> (Counts, Vec<String>) {
    let first = number("JOIN_FROM", 1);
    let (mut counts, mut broken) = (Counts::default(), Vec::new());
    for seed in first..first + count {
        if let Err(fault) = machine::run(seed, control, &mut counts) {
            broken.push(format!("seed {seed}: {fault}"));
        }
    }
    (counts, broken)
}

#[test]
fn every_schedule_of_the_machine_keeps_one_home_and_every_rule() {
    let control = std::env::var("JOIN_CONTROL").ok().map(|name| Control::named(&name));
    let count = number("JOIN_SCHEDULES", 2_000);
    let (counts, broken) = sweep(count, control);
    println!(
        "{count} schedules from seed {}: {counts:?}, {} broken",
        number("JOIN_FROM", 1),
        broken.len()
    );
    assert!(broken.is_empty(), "{}", broken[..broken.len().min(5)].join("\n"));
}

#[test]
fn a_machine_with_a_planted_fault_is_found() {
    for (name, control) in Control::ALL {
        let (_, broken) = sweep(200, Some(control));
        assert!(!broken.is_empty(), "the planted fault {name} was not found");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_schedule_of_commands_keeps_one_home_in_the_store() {
    let (first, count) = (number("JOIN_FROM", 1), number("JOIN_STORE_SCHEDULES", 6));
    let mut world = store::World::make().await;
    for seed in first..first + count {
        world.run(seed).await;
    }
    println!("{count} schedules from seed {first} in the store: {:?}", world.counts);
    world.hub.stop().await;
}
