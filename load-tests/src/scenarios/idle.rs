//! What a signed-in socket costs while nothing happens.

use std::sync::Arc;

use anyhow::{Context as _, Result};

use super::crowd::Field;
use super::floor::floor;
use super::{Figures, count};
use crate::population::Population;
use crate::process::HubProcess;
use crate::usage::{cpu_s, resident_kib};

pub(super) async fn measure(hub: &mut HubProcess, sockets: usize) -> Result<Figures> {
    let field = Arc::new(Field::prepare(hub, Population::new(sockets, 1)).await?);
    let pid = hub.pids()?.first().copied().context("a hub")?;
    let (kib_before, cpu_before) = (resident_kib(pid)?, cpu_s(&[pid]));
    let open = field.join_all(sockets).await?;
    let grown = resident_kib(pid)?.saturating_sub(kib_before);
    let cpu = cpu_s(&[pid]) - cpu_before;
    drop(open);
    let floor_kib = floor("hold", sockets, &[]).await?.figure;
    let sockets = count(sockets);
    let kib = count(usize::try_from(grown)?) / sockets;
    Ok(Figures::from([
        ("sockets", sockets),
        ("kib_per_socket", kib),
        ("floor_kib_per_socket", floor_kib),
        ("times_the_floor", kib / floor_kib),
        ("hub_us_per_connect", cpu * 1e6 / sockets),
    ]))
}
