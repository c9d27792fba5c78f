//! A running service for tests, and what they say to it. Include with `#[path = "common/service.rs"] mod harness;`.
//!
//! - [`Local`]: the service in this process on a free port, with a fresh store, and the store's own door beside the
//!   HTTP one ([`Local::store`], [`Local::audited`], [`Local::state_of`]). Quick; for everything that needs no crash.
//! - [`Process`]: the real binary with a folder that outlives it: [`Process::kill`] is `kill -9`, [`Process::end`] is
//!   SIGTERM, [`Process::start`] on the same folder is the restart, [`Process::log`] is what it logged. [`gp`] starts
//!   `overdracht gp` in the same way: the receiver, with a store of its own.
//! - [`fixture`], [`changed`], [`new_person`]: documents.

#![allow(dead_code)] // Not every test file uses all of it.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use overdracht::app::App;
use overdracht::client::json::{Answer, JsonClient};
use overdracht::config::{Flags, Settings, Variables};
use overdracht::store::{AuditEntry, Store};
use serde_json::{Value, json};

pub const JSON: &str = "application/json";
pub const FHIR_JSON: &str = "application/fhir+json";
pub const REGISTRY: &str = "/api/v1/registry-records";
pub const METASTASIS: &str = "/api/v1/metastasis-events";
pub const CARE_PLAN: &str = "/api/v1/care-plans";

/// Packages of the tests: what `make definitions` fetched.
pub fn packages() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("profiles/packages")
}

/// A document of `fixtures/`, such as `lung-brain/care-plan`.
pub fn fixture(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(format!("{name}.json"));
    serde_json::from_slice(&std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))).expect("JSON")
}

/// A document with one value replaced at a JSON pointer.
pub fn changed(mut document: Value, pointer: &str, value: Value) -> Value {
    *document.pointer_mut(pointer).unwrap_or_else(|| panic!("nothing at {pointer}")) = value;
    document
}

/// A BSN that passes the eleven-test, another for every number.
pub fn bsn(number: u32) -> String {
    (0..)
        .map(|step| 900_000_000 + (number * 97 + step) % 99_999_999)
        .find(|candidate| {
            let digits: Vec<i64> = candidate.to_string().bytes().map(|byte| i64::from(byte - b'0')).collect();
            let sum: i64 = digits[..8].iter().zip((2..=9).rev()).map(|(digit, weight)| digit * weight).sum();
            (sum - digits[8]) % 11 == 0
        })
        .map(|candidate| candidate.to_string())
        .expect("there are BSNs enough")
}

/// The document about somebody else: other numbers, other document id.
pub fn new_person(document: Value, number: u32) -> Value {
    let mut document = changed(document, "/patient/identifiers", json!({ "bsn": bsn(number) }));
    document["documentId"] = json!(format!("{}-{number}", document["documentId"].as_str().expect("an id")));
    document
}

/// The service in this process.
pub struct Local {
    pub url: String,
    pub http: JsonClient,
    app: App,
    dir: tempfile::TempDir,
}

impl Local {
    pub async fn start() -> Local {
        Self::with(&[]).await
    }

    /// With these settings (`OVERDRACHT_…`) beside those of every test.
    pub async fn with(settings: &[(&str, &str)]) -> Local {
        Self::at(tempfile::tempdir().expect("a folder"), settings).await
    }

    async fn at(dir: tempfile::TempDir, settings: &[(&str, &str)]) -> Local {
        let mut variables: Variables = settings.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        variables.insert("OVERDRACHT_LISTEN".into(), "127.0.0.1:0".into());
        variables.insert("OVERDRACHT_DATA".into(), dir.path().join("data").display().to_string());
        variables.insert("OVERDRACHT_PACKAGES".into(), packages().display().to_string());
        let settings = Settings::load(&Flags::default(), &variables).expect("settings");
        let app = App::start(settings).await.expect("the service starts");
        let url = format!("http://{}", app.address());
        Local { url, http: JsonClient::new(Duration::from_secs(60)).expect("a client"), app, dir }
    }

    pub async fn stop(self) {
        self.app.stop().await;
    }

    /// Everything in the store but the audit chain, byte by byte: the service is stopped for it, and started again.
    pub async fn stored(self) -> (BTreeMap<Vec<u8>, Vec<u8>>, Local) {
        let Local { app, dir, .. } = self;
        app.stop().await;
        // Its last threads hold the file a moment longer.
        let database = loop {
            match sled::open(dir.path().join("data/store")) {
                Ok(database) => break database,
                Err(sled::Error::Io(_)) => tokio::time::sleep(Duration::from_millis(50)).await,
                Err(other) => panic!("{other}"),
            }
        };
        // `a` and `A` are audit entries, `mhead` is the end of their chain.
        let of_the_chain = |key: &[u8]| matches!(key.first(), Some(b'a' | b'A')) || key.starts_with(b"mhead");
        let entries = database.iter().map(|entry| entry.expect("readable"));
        let entries = entries.filter(|(key, _)| !of_the_chain(key)).map(|(key, value)| (key.to_vec(), value.to_vec()));
        let entries = entries.collect();
        drop(database);
        (entries, Self::at(dir, &[]).await)
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(path, JSON, body.to_string()).await
    }

    /// Any body as any media type.
    pub async fn send(&self, path: &str, media_type: &str, body: impl Into<Vec<u8>>) -> Answer {
        self.http.post(&format!("{}{path}", self.url), media_type, body).await.expect("an answer")
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.http.get(&format!("{}{path}", self.url)).await.expect("an answer")
    }

    /// A search in the body; the resources that match.
    pub async fn search(&self, resource_type: &str, parameters: &[(&str, &str)]) -> Vec<Value> {
        let url = format!("{}/fhir/{resource_type}/_search", self.url);
        let answer = self.http.post_form(&url, parameters).await.expect("an answer");
        assert_eq!(answer.status, 200, "{}", answer.body);
        let entries = answer.body["entry"].as_array().cloned().unwrap_or_default();
        entries.into_iter().filter(|it| it["search"]["mode"] == "match").map(|mut it| it["resource"].take()).collect()
    }

    pub fn store(&self) -> std::sync::Arc<dyn Store> {
        self.app.store()
    }

    /// The whole audit chain.
    pub async fn audited(&self) -> Vec<AuditEntry> {
        self.store().audit(None, 0, usize::MAX).await.expect("the chain")
    }

    /// Everything that is stored of a patient besides the audit chain, as text: equal texts are equal bytes.
    pub async fn state_of(&self, patient: &str) -> String {
        let store = self.store();
        let mut state = String::new();
        for version in store.compartment(patient, None).await.expect("read") {
            for version in store.history(&version.key).await.expect("read") {
                state.push_str(&format!("{} {} {}\n", version.key, version.version, version.body));
            }
        }
        for delivery in store.deliveries_of(patient).await.expect("read") {
            state.push_str(&format!("{}\n", serde_json::to_string(&delivery).expect("JSON")));
        }
        state
    }
}

/// A subcommand that serves, as a process of its own.
pub struct Process {
    pub url: String,
    child: Child,
    log: PathBuf,
}

/// The real service on the store in `dir`; its log is `dir/service.log`, at TRACE.
pub fn serve(dir: &Path, arguments: &[&str]) -> Process {
    let data = dir.join("data").display().to_string();
    let packages = packages().display().to_string();
    let mut all = vec!["serve", "--listen", "127.0.0.1:0", "--data", &data, "--packages", &packages];
    all.extend(arguments);
    Process::start(&all, &dir.join("service.log"))
}

/// The receiving GP system, with its documents in `dir/gp`.
pub fn gp(dir: &Path, arguments: &[&str]) -> Process {
    let data = dir.join("gp").display().to_string();
    let mut all = vec!["gp", "--listen", "127.0.0.1:0", "--data", &data];
    all.extend(arguments);
    Process::start(&all, &dir.join("gp.log"))
}

/// A directory file with this receiver (AGB 01999911); gives its path.
pub fn directory(dir: &Path, endpoint: &str) -> String {
    let path = dir.join("directory.json");
    let list = json!([{ "agb": "01999911", "ura": "90000111", "name": "Huisartsenpraktijk De Brink", "type": "Z3",
                        "endpoint": endpoint }]);
    std::fs::write(&path, list.to_string()).expect("written");
    path.display().to_string()
}

impl Process {
    /// Returns when it listens. Panics with its log where it does not.
    pub fn start(arguments: &[&str], log: &Path) -> Process {
        let out = std::fs::OpenOptions::new().create(true).append(true).open(log).expect("a log");
        let mut child = Command::new(env!("CARGO_BIN_EXE_overdracht"))
            .args(arguments)
            .env("OVERDRACHT_LOG", "trace")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(out)
            .spawn()
            .expect("the binary starts");
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let url =
            lines.by_ref().map_while(Result::ok).find_map(|line| Some(line.split_once("listening on ")?.1.to_owned()));
        let url = url.unwrap_or_else(|| panic!("{}", std::fs::read_to_string(log).unwrap_or_default()));
        // What it still prints is read, so that it never waits for us.
        std::thread::spawn(move || lines.for_each(drop));
        Process { url, child, log: log.to_owned() }
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// `kill -9`.
    pub fn kill(mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("ended");
    }

    /// SIGTERM, and the end that comes of it.
    pub fn end(mut self) -> ExitStatus {
        let status = Command::new("kill").arg(self.child.id().to_string()).status().expect("kill");
        assert!(status.success());
        self.child.wait().expect("ended")
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).expect("a log")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
