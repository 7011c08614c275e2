//! What processes have used, read from `/proc`.

use std::fs;

use anyhow::{Context as _, Result};
use rustix::process::Pid;

/// Ticks of the processor-time counters in a second; fixed in the Linux interface.
const TICKS_PER_S: f64 = 100.0;

/// Processor seconds of `pids` so far, in user and kernel mode; ended processes count nothing.
pub fn cpu_s(pids: &[Pid]) -> f64 {
    let ticks: u64 = pids.iter().filter_map(|pid| ticks_of(*pid)).sum();
    u32::try_from(ticks).map_or(f64::MAX, f64::from) / TICKS_PER_S
}

fn ticks_of(pid: Pid) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).ok()?;
    // The name may hold spaces and brackets: what follows its end is in columns.
    let columns: Vec<&str> = stat.rsplit(')').next()?.split_whitespace().collect();
    let column = |at: usize| columns.get(at)?.parse::<u64>().ok();
    Some(column(11)? + column(12)?)
}

/// Resident kibibytes of one process.
pub fn resident_kib(pid: Pid) -> Result<u64> {
    let path = format!("/proc/{}/status", pid.as_raw_nonzero());
    let status = fs::read_to_string(&path).with_context(|| path.clone())?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).context("no VmRSS")?;
    line.split_whitespace().nth(1).context("no number")?.parse().context("a number")
}

/// Mean number of running processes of the last minute, of the whole machine.
pub fn load_average() -> Result<f64> {
    let text = fs::read_to_string("/proc/loadavg")?;
    text.split_whitespace().next().context("a load")?.parse().context("a number")
}
