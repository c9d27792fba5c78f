//! What every store promises (`contract`, `deliveries`, `audit`, `search`, `model`), and what the sled store does when it
//! is killed or its disk is full (`crash`, `fault`).

mod audit;
mod contract;
mod crash;
mod deliveries;
mod fault;
mod model;
mod search;
mod support;
