//! `overdracht serve`: the service, until it is told to end.

use std::process::ExitCode;

use crate::app::App;
use crate::config::{Flags, Settings, variables};
use crate::telemetry;

/// Exit code 0 after an orderly end, 2 where it cannot start.
pub fn run(flags: &Flags) -> ExitCode {
    let settings = match Settings::load(flags, &variables()) {
        Ok(settings) => settings,
        Err(problems) => {
            eprintln!("{problems}");
            return ExitCode::from(2);
        }
    };
    telemetry::start(&settings.log, settings.log_format);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("The service cannot start: {error}");
            return ExitCode::from(2);
        }
    };
    runtime.block_on(async {
        // Before anything is opened, so that a signal during the start is not lost.
        let ended = ended();
        match App::start(settings).await {
            Ok(app) => {
                println!("listening on http://{}", app.address());
                ended.await;
                app.stop().await;
                ExitCode::SUCCESS
            }
            Err(error) => {
                eprintln!("The service cannot start: {error}");
                ExitCode::from(2)
            }
        }
    })
}

/// SIGTERM or Ctrl-C.
fn ended() -> impl Future<Output = ()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut signals: Vec<_> =
        [SignalKind::terminate(), SignalKind::interrupt()].into_iter().filter_map(|kind| signal(kind).ok()).collect();
    async move {
        let waits = signals.iter_mut().map(|signal| Box::pin(signal.recv()));
        futures_util::future::select_all(waits).await;
    }
}
