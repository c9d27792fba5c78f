//! Handing over for real: the store on sled, the GP system as a process of its own, TLS, and receivers that misbehave.

#[path = "handover/client.rs"]
mod client;
#[path = "handover/compose.rs"]
mod compose;
#[path = "handover/delivery.rs"]
mod delivery;
#[path = "handover/gp.rs"]
mod gp;
#[path = "handover/record.rs"]
mod record;
