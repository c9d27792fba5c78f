//! Child processes of the demo: this same binary as the service and as the GP system.

use std::fs::File;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

/// How long a process may take until it listens. A first start compiles the definitions.
const START: Duration = Duration::from_secs(30);

/// A running server. It ends with the value.
pub struct Server {
    pub url: String,
    child: Child,
    /// Held so that the server can go on writing to it.
    _stdout: Lines<BufReader<ChildStdout>>,
}

impl Server {
    /// Starts `overdracht ARGUMENTS` and waits until it says where it listens. Its log goes to a file.
    ///
    /// # Errors
    /// Why it did not start, with the end of its log.
    pub async fn start(arguments: &[&str], log: &Path) -> Result<Server, String> {
        let name = arguments[0];
        let program = std::env::current_exe().map_err(|e| format!("this program cannot find itself: {e}"))?;
        let stderr = File::create(log).map_err(|e| format!("{}: {e}", log.display()))?;
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(stderr)
            .kill_on_drop(true)
            .spawn()
            .map_err(|e| format!("`overdracht {name}` did not start: {e}"))?;
        let stdout = child.stdout.take().ok_or("no output to read")?;
        let mut lines = BufReader::new(stdout).lines();
        let heard = timeout(START, async {
            while let Ok(Some(line)) = lines.next_line().await {
                if let Some((_, url)) = line.split_once("listening on ") {
                    return Some(url.trim().to_owned());
                }
            }
            None
        });
        match heard.await {
            Ok(Some(url)) => Ok(Server { url, child, _stdout: lines }),
            _ => {
                let said = std::fs::read_to_string(log).unwrap_or_default();
                let last: Vec<&str> = said.lines().rev().take(8).collect();
                let last: Vec<&str> = last.into_iter().rev().collect();
                Err(format!("`overdracht {name}` did not come to listen:\n{}", last.join("\n")))
            }
        }
    }

    /// Asks the server to end as an operator would, and waits; one that does not end in time is killed.
    pub async fn stop(mut self) {
        let id = self.child.id().and_then(|id| rustix::process::Pid::from_raw(id.try_into().ok()?));
        if let Some(id) = id {
            let _ = rustix::process::kill_process(id, rustix::process::Signal::TERM);
            if timeout(Duration::from_secs(5), self.child.wait()).await.is_ok() {
                return;
            }
        }
        let _ = self.child.kill().await;
    }
}
