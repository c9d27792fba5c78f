//! `overdracht gp` as a child process.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A running GP system; it is killed with the value.
pub struct Gp {
    /// FHIR base URL.
    pub url: String,
    child: Child,
}

impl Gp {
    pub fn start(data: &Path, arguments: &[&str]) -> Gp {
        let mut child = Command::new(env!("CARGO_BIN_EXE_overdracht"))
            .args(["gp", "--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the GP system starts");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("its output");
        BufReader::new(stdout).read_line(&mut line).expect("a line");
        let url = line.trim().strip_prefix("listening on ").expect("its address").to_owned();
        Gp { url, child }
    }

    /// Ids of the Bundles that it holds with this identifier.
    pub async fn held(&self, identifier: &str) -> Vec<String> {
        let client = overdracht::client::json::JsonClient::new(std::time::Duration::from_secs(10)).expect("a client");
        let query: String =
            url::form_urlencoded::byte_serialize(format!("urn:ietf:rfc:3986|{identifier}").as_bytes()).collect();
        let found = client.get(&format!("{}/Bundle?identifier={query}", self.url)).await.expect("an answer").body;
        let entries = found["entry"].as_array().cloned().unwrap_or_default();
        entries.iter().filter_map(|entry| entry["resource"]["id"].as_str().map(str::to_owned)).collect()
    }
}

impl Drop for Gp {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
