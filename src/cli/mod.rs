//! Commands.

mod demo;
mod gp;
mod map;
mod packages;
mod serve;
mod validate;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Hands over people in the last phase of life, from hospital to GP and GP post.
#[derive(Parser)]
#[command(version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Shows the whole way of a document on this machine, with invented people.
    Demo(demo::Arguments),
    /// A receiving GP system for tests: stores what it gets, and can be told to fail.
    Gp(gp::Arguments),
    /// Shows what a document becomes, without storing anything.
    Map(map::Arguments),
    /// Validates resources against R4 and profiles.
    Validate(validate::Arguments),
    /// FHIR packages that definitions come from.
    Packages(packages::Arguments),
    /// The service.
    Serve(crate::config::Flags),
}

/// Runs the command of the arguments that the process was started with.
pub fn main() -> ExitCode {
    match Cli::parse().command {
        Command::Demo(arguments) => demo::run(&arguments),
        Command::Gp(arguments) => gp::run(&arguments),
        Command::Map(arguments) => map::run(&arguments),
        Command::Validate(arguments) => validate::run(&arguments),
        Command::Packages(arguments) => packages::run(&arguments),
        Command::Serve(flags) => serve::run(&flags),
    }
}
