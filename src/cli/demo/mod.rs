//! `overdracht demo`: the whole way of a document, on this machine, with invented people.
//!
//! The service and the receiving GP system are processes of their own, as they would be; what is shown is what they
//! answered over HTTP.

mod fixtures;
mod night;
mod process;
mod report;
mod story;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

#[derive(Args)]
pub struct Arguments {
    /// End after the last step instead of serving until Ctrl-C.
    #[arg(long)]
    exit: bool,
    /// Keep everything in this folder instead of a temporary one.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Folder of the FHIR packages.
    #[arg(long, value_name = "DIR", env = crate::fhir::package::SETTING, default_value = crate::fhir::package::DEFAULT)]
    packages: PathBuf,
}

/// Exit code 0 when every step did what it should, 1 when one did not, 2 when the demo could not run.
pub fn run(arguments: &Arguments) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("The demo cannot run: {error}");
            return ExitCode::from(2);
        }
    };
    runtime.block_on(async {
        match story::tell(arguments.dir.as_deref(), &arguments.packages, arguments.exit).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(story::Failure::Step(text)) => {
                eprintln!("\nThis step did not do what it should: {text}");
                ExitCode::FAILURE
            }
            Err(story::Failure::Start(text)) => {
                eprintln!("The demo cannot run: {text}");
                ExitCode::from(2)
            }
        }
    })
}
