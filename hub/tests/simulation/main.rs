//! Whole installations in virtual time: three hubs with the shipping session, fan-out, resume and
//! node code over one simulated store, bus and network; clients that talk, lag, vanish and are
//! removed. What they saw is checked like the history of a real run.
//!
//! `SIMULATION_SEEDS`, `SIMULATION_FROM` and `SIMULATION_CONTROL` choose what is run; `make
//! simulate` sets them. A failing seed is printed and runs the same again.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test says what is wrong by failing"
)]
#![expect(clippy::disallowed_methods, reason = "the clock of the paused runtime is the one meant")]

mod client;
#[path = "../../../load-tests/src/history/mod.rs"]
#[expect(dead_code, unused_imports, reason = "crash rounds use all of it")]
mod history;
mod nodes;
mod run;
mod store;
mod world;

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use hub::config::{Config, Mode};
use hub::keys::{Keys, Missing};

use nodes::Factory;
use run::{Outcome, run};
use world::{Counts, lock};

/// A fault planted on purpose; the run must find it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// Reads of the store leave out an event.
    Page,
    /// Some messages are acknowledged and not written.
    Ack,
    /// The comparison with the store finds nothing.
    Compare,
    /// A node commits what waits in the wrong order.
    Turn,
}

impl Control {
    const ALL: [(&str, Self); 4] = [
        ("page", Self::Page),
        ("ack", Self::Ack),
        ("compare", Self::Compare),
        ("turn", Self::Turn),
    ];

    fn named(name: &str) -> Self {
        let known = Self::ALL.iter().find(|(word, _)| *word == name);
        known.unwrap_or_else(|| panic!("no control {name:?}: page, ack, compare or turn")).1
    }
}

fn factory(home: &tempfile::TempDir) -> Factory {
    let mut config = Config::load(None).expect("defaults");
    config.mode = Mode::Dev;
    // Made once; every node reads them.
    let missing = Missing::Make { now: time::OffsetDateTime::UNIX_EPOCH };
    Keys::load(home.path(), missing).expect("keys");
    Factory { config, keys: home.path().to_owned() }
}

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().expect("a number"))
}

/// Runs seeds on all cores; returns the sums and what was broken, by seed.
fn sweep(
    seeds: std::ops::Range<u64>,
    control: Option<Control>,
) -> (Counts, [usize; 2], Vec<String>) {
    let home = tempfile::tempdir().expect("a folder");
    let factory = factory(&home);
    let next = AtomicU64::new(seeds.start);
    let sums = Mutex::new((Counts::default(), [0; 2], Vec::new()));
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds.end {
                        return;
                    }
                    let outcome = run(seed, &factory, control);
                    let Outcome { counts, delay_ms_max, alone_ms_max, broken, .. } = outcome;
                    let mut sums = lock(&sums);
                    for (what, count) in counts.0 {
                        sums.0.add(what, count);
                    }
                    sums.1 = [sums.1[0].max(delay_ms_max), sums.1[1].max(alone_ms_max)];
                    if !broken.is_empty() {
                        sums.2.push(format!("SEED={seed}: {broken}"));
                    }
                }
            });
        }
    });
    sums.into_inner().expect("summed")
}

/// Fewer acknowledged sends a seed than this, and a run has tried nothing.
const ACKED_MIN: u64 = 50;

#[test]
fn every_seed_keeps_the_promises() {
    let (from, count) = (number("SIMULATION_FROM", 0), number("SIMULATION_SEEDS", 200));
    let control = std::env::var("SIMULATION_CONTROL").ok().filter(|name| !name.is_empty());
    let control = control.map(|name| Control::named(&name));
    let began = Instant::now();
    let (counts, [delay, alone], broken) = sweep(from..from + count, control);
    println!("simulation: seeds {from} to {}, {} s", from + count, began.elapsed().as_secs());
    for (what, count) in &counts.0 {
        println!("  {what}: {count}");
    }
    println!(
        "  longest way of an event to a reader that was there: {delay} ms, {alone} ms with no bus"
    );
    for broken in broken.iter().take(5) {
        println!("{broken}");
    }
    assert!(broken.is_empty(), "{} of {count} seeds broke a promise", broken.len());
    let acked = counts.0.get("acked").copied().unwrap_or_default() as u64;
    assert!(acked >= ACKED_MIN * count, "only {acked} sends were acknowledged: no storm was tried");
}

#[test]
fn a_seed_runs_the_same_again() {
    let home = tempfile::tempdir().expect("a folder");
    let factory = factory(&home);
    for seed in [3, 17, 40] {
        let (one, two) = (run(seed, &factory, None), run(seed, &factory, None));
        assert_eq!((one.trace, one.counts), (two.trace, two.counts), "seed {seed}");
    }
}

#[test]
fn every_planted_fault_is_found() {
    if std::env::var("SIMULATION_SEEDS").is_ok() {
        return;
    }
    for (name, control) in Control::ALL {
        let (_, _, broken) = sweep(0..12, Some(control));
        assert!(!broken.is_empty(), "the planted fault {name} was not found");
    }
}
