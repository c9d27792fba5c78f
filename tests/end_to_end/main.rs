//! The service as it ships, from outside: real processes, real HTTP, a real disk.

mod crash;
mod demo;
mod fsync;
mod log_leak;
mod people;
mod process;
