//! The binary as a server, with what it writes kept in files.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use overdracht::client::json::JsonClient;
use serde_json::json;

pub const BINARY: &str = env!("CARGO_BIN_EXE_overdracht");
/// A GP practice of `fixtures/patients.md`.
pub const RECEIVER_AGB: &str = "01999911";

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A server that ends with the value, by SIGKILL.
pub struct Server {
    pub url: String,
    child: Child,
    /// Held so that the server can go on writing to it.
    _output: BufReader<std::process::ChildStdout>,
}

impl Server {
    /// Starts a command and waits for the line that says where it listens.
    pub fn start(command: &mut Command, log: &Path) -> Server {
        let stderr = File::options().create(true).append(true).open(log).expect("a log file");
        let mut child = command
            .current_dir(root())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(stderr)
            .process_group(0)
            .spawn()
            .expect("the binary starts");
        let mut output = BufReader::new(child.stdout.take().expect("stdout is a pipe"));
        let mut line = String::new();
        while output.read_line(&mut line).expect("stdout is text") > 0 {
            if let Some((_, url)) = line.split_once("listening on ") {
                let url = url.trim().to_owned();
                return Server { url, child, _output: output };
            }
            line.clear();
        }
        let _ = child.wait();
        panic!("it did not come to listen:\n{}", std::fs::read_to_string(log).unwrap_or_default());
    }

    /// Ends it without a warning, as a power cut or the OOM killer would.
    pub fn kill(self) {}
}

impl Drop for Server {
    /// The whole group: a tracer that is killed would let its tracee live.
    fn drop(&mut self) {
        if let Some(group) = rustix::process::Pid::from_raw(self.child.id().cast_signed()) {
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
        let _ = self.child.wait();
    }
}

/// A folder with a service's data, a GP system's data, their logs, and the directory that joins them.
pub struct Place {
    dir: tempfile::TempDir,
}

impl Place {
    pub fn new() -> Place {
        Place { dir: tempfile::tempdir().expect("a temporary folder") }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn gp(&self, options: &[&str]) -> Server {
        let mut command = Command::new(BINARY);
        command.args(["gp", "--listen", "127.0.0.1:0", "--data"]).arg(self.path("gp")).args(options);
        Server::start(&mut command, &self.path("gp.log"))
    }

    /// Writes the directory, in which the GP system is the practice of [`RECEIVER_AGB`].
    pub fn directory(&self, endpoint: &str) {
        let receivers =
            json!([{ "agb": RECEIVER_AGB, "name": "Huisartsenpraktijk De Brink", "type": "Z3", "endpoint": endpoint }]);
        std::fs::write(self.path("directory.json"), receivers.to_string()).expect("the directory is written");
    }

    /// The command that serves from this place; the caller may wrap it or set its environment.
    pub fn serve(&self) -> Vec<std::ffi::OsString> {
        let mut words: Vec<std::ffi::OsString> = vec![BINARY.into()];
        words.extend(["serve", "--listen", "127.0.0.1:0", "--data"].map(Into::into));
        words.push(self.path("data").into());
        words.push("--directory".into());
        words.push(self.path("directory.json").into());
        words
    }

    pub fn service(&self) -> Server {
        let words = self.serve();
        Server::start(Command::new(&words[0]).args(&words[1..]), &self.path("service.log"))
    }
}

pub fn client() -> JsonClient {
    JsonClient::new(Duration::from_secs(30)).expect("a client")
}
