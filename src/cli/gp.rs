//! `overdracht gp`: a receiving GP system for tests.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, ValueEnum};

use crate::http::gp::{Fault, GpOptions, serve};

#[derive(Args)]
pub struct Arguments {
    /// Where to listen: loopback alone; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8081")]
    listen: SocketAddr,
    /// Where Bundles are stored.
    #[arg(long, value_name = "DIR", default_value = "gp-data")]
    data: PathBuf,
    /// The first N deliveries fail.
    #[arg(long, value_name = "N", default_value_t = 0)]
    fail: u32,
    /// How they fail.
    #[arg(long, value_enum, default_value = "unavailable")]
    fail_mode: FailMode,
    /// Milliseconds before each answer to a delivery.
    #[arg(long, value_name = "MS", default_value_t = 0)]
    delay: u64,
    /// Refuse every delivery with 422.
    #[arg(long)]
    refuse: bool,
    /// Store what is sent twice twice.
    #[arg(long)]
    no_dedup: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum FailMode {
    /// Answer 503 and store nothing.
    Unavailable,
    /// Store, and break the connection before the answer.
    LostAcknowledgement,
}

/// Serves until it is told to end. Exit code 2 where it cannot start.
pub fn run(arguments: &Arguments) -> ExitCode {
    let options = GpOptions {
        listen: arguments.listen,
        data: arguments.data.clone(),
        fail: arguments.fail,
        fault: match arguments.fail_mode {
            FailMode::Unavailable => Fault::Unavailable,
            FailMode::LostAcknowledgement => Fault::LostAcknowledgement,
        },
        delay: Duration::from_millis(arguments.delay),
        refuse: arguments.refuse,
        no_dedup: arguments.no_dedup,
    };
    match serve(options, |address| println!("listening on http://{address}/fhir")) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("The GP system cannot serve: {error}");
            ExitCode::from(2)
        }
    }
}
