//! Settings, from flags and `OVERDRACHT_*` in the environment. Wrong ones refuse the start, all of them at once, each
//! with what to do about it.

mod audit_key;

use std::collections::BTreeMap;
use std::fmt;
use std::net::{SocketAddr, ToSocketAddrs};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

pub use audit_key::AuditKey;

use crate::client::Addresses;
use crate::domain::{Agb, Ura};
use crate::fhir::{package, systems};
use crate::handover::{Author, FileDirectory};
use crate::telemetry::{Format, LogFilter};

/// Where the store of a data directory lies.
const STORE: &str = "store";
const KEY: &str = "audit.key";

/// Every name that the environment may hold; another `OVERDRACHT_*` is a typing error that would go unseen.
const KNOWN: &[&str] = &[
    "OVERDRACHT_AUDIT_KEY",
    "OVERDRACHT_DATA",
    "OVERDRACHT_DIRECTORY",
    "OVERDRACHT_LISTEN",
    "OVERDRACHT_LOG",
    "OVERDRACHT_LOG_FORMAT",
    "OVERDRACHT_MAX_BODY",
    "OVERDRACHT_ORGANIZATION",
    "OVERDRACHT_PACKAGES",
    "OVERDRACHT_STORE",
    "OVERDRACHT_TERMINOLOGY",
];

/// The environment as a table, so that tests need not touch the process's own.
pub type Variables = BTreeMap<String, String>;

/// `OVERDRACHT_*` of this process. A value that is no UTF-8 counts as it reads with replacement characters.
pub fn variables() -> Variables {
    std::env::vars_os()
        .map(|(name, value)| (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned()))
        .filter(|(name, _)| name.starts_with("OVERDRACHT_"))
        .collect()
}

/// What the command line said; each goes before the variable of the same name.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Flags {
    /// Address to listen on: loopback only [OVERDRACHT_LISTEN, default 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub listen: Option<String>,
    /// Folder of the store and the audit key [OVERDRACHT_DATA, default ./data]
    #[arg(long, value_name = "DIR")]
    pub data: Option<String>,
    /// Folder of the FHIR packages [OVERDRACHT_PACKAGES, default profiles/packages]
    #[arg(long, value_name = "DIR")]
    pub packages: Option<String>,
    /// File of organisations that handovers may go to [OVERDRACHT_DIRECTORY]
    #[arg(long, value_name = "FILE")]
    pub directory: Option<String>,
    /// The organisation that hands over, such as `agb:06012345 Ziekenhuis Oost` [OVERDRACHT_ORGANIZATION]
    #[arg(long, value_name = "CODE NAME")]
    pub organization: Option<String>,
    /// FHIR base URL of a terminology server, asked what no definition here tells [OVERDRACHT_TERMINOLOGY]
    #[arg(long, value_name = "URL")]
    pub terminology: Option<String>,
}

/// Everything that the service needs to know. Holding one means that it can start.
#[derive(Clone, Debug)]
pub struct Settings {
    pub listen: SocketAddr,
    pub data: PathBuf,
    pub packages: PathBuf,
    pub directory: FileDirectory,
    /// The organisation that hands over.
    pub organization: Author,
    pub audit_key: AuditKey,
    pub log: LogFilter,
    pub log_format: Format,
    /// Largest body that is read, in bytes.
    pub max_body: usize,
    /// FHIR base URL of a terminology server.
    pub terminology: Option<String>,
}

/// What is wrong with one setting, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub setting: String,
    pub text: String,
}

impl Problem {
    fn new(setting: &str, text: impl Into<String>) -> Self {
        Problem { setting: setting.to_owned(), text: text.into() }
    }
}

/// Every problem of a start that was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Problems(pub Vec<Problem>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "These settings keep the service from starting:")?;
        self.0.iter().try_for_each(|problem| write!(f, "\n  {}: {}", problem.setting, problem.text))
    }
}

impl Settings {
    /// Reads every setting and reports every problem. Only when there is none are the data directory and, at the
    /// first start, the audit key made.
    pub fn load(flags: &Flags, variables: &Variables) -> Result<Settings, Problems> {
        let mut problems: Vec<Problem> = variables
            .keys()
            .filter(|name| !KNOWN.contains(&name.as_str()))
            .map(|name| Problem::new(name, format!("no such setting; known are {}", KNOWN.join(", "))))
            .collect();
        let get = |flag: &Option<String>, name: &str| flag.clone().or_else(|| variables.get(name).cloned());
        let mut noted = |problem: Problem| problems.push(problem);

        let listen = or_note(
            listen(&get(&flags.listen, "OVERDRACHT_LISTEN").unwrap_or_else(|| "127.0.0.1:8080".into())),
            &mut noted,
        );
        let data = PathBuf::from(get(&flags.data, "OVERDRACHT_DATA").unwrap_or_else(|| "data".into()));
        if data.exists() && !data.is_dir() {
            noted(Problem::new("OVERDRACHT_DATA", "is a file; name a folder, or a path where one can be made"));
        }
        let packages = PathBuf::from(get(&flags.packages, package::SETTING).unwrap_or_else(|| package::DEFAULT.into()));
        let directory = match get(&flags.directory, "OVERDRACHT_DIRECTORY") {
            Some(file) => or_note(directory(file.as_ref()), &mut noted),
            None => Some(FileDirectory::default()),
        };
        let organization = or_note(organization(get(&flags.organization, "OVERDRACHT_ORGANIZATION")), &mut noted);
        let log = or_note(log(variables), &mut noted);
        let log_format = or_note(log_format(variables), &mut noted);
        let max_body = or_note(max_body(variables), &mut noted);
        if let Some(store) = variables.get("OVERDRACHT_STORE").filter(|store| *store != "sled") {
            let scheme = store.split(':').next().unwrap_or_default();
            noted(Problem::new(
                "OVERDRACHT_STORE",
                format!("`{scheme}` is not available in this version; leave it out, or set it to `sled`"),
            ));
        }
        let terminology = get(&flags.terminology, "OVERDRACHT_TERMINOLOGY");
        if let Some(Err(rule)) = terminology.as_deref().map(|base| Addresses::default().endpoint(base)) {
            noted(Problem::new("OVERDRACHT_TERMINOLOGY", format!("this address is refused: {rule}")));
        }
        let key_file = variables.get("OVERDRACHT_AUDIT_KEY").map_or_else(|| data.join(KEY), PathBuf::from);
        let key = or_note(audit_key::find(&key_file, &data.join(STORE)), &mut noted);

        let (Some(listen), Some(directory), Some(organization), Some(log), Some(log_format), Some(max_body), Some(key)) =
            (listen, directory, organization, log, log_format, max_body, key)
        else {
            return Err(Problems(problems));
        };
        if !problems.is_empty() {
            return Err(Problems(problems));
        }
        // Patients' records: nobody else on the machine reads them. A folder that is there keeps its own rights.
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&data)
            .map_err(|error| Problems(vec![Problem::new("OVERDRACHT_DATA", format!("cannot be made: {error}"))]))?;
        let audit_key = match key {
            Some(key) => key,
            None => AuditKey::make(&key_file).map_err(|problem| Problems(vec![problem]))?,
        };
        Ok(Settings {
            listen,
            data,
            packages,
            directory,
            organization,
            audit_key,
            log,
            log_format,
            max_body,
            terminology,
        })
    }

    /// Where the store's files lie.
    pub fn store(&self) -> PathBuf {
        self.data.join(STORE)
    }
}

fn or_note<T>(result: Result<T, Problem>, note: &mut impl FnMut(Problem)) -> Option<T> {
    result.map_err(note).ok()
}

/// Loopback, or the reason why not.
fn listen(text: &str) -> Result<SocketAddr, Problem> {
    let wrong = |text: String| Problem::new("OVERDRACHT_LISTEN", text);
    let addresses: Vec<SocketAddr> = text
        .to_socket_addrs()
        .map_err(|_| wrong(format!("`{text}` is no address with a port; write for instance 127.0.0.1:8080")))?
        .collect();
    match addresses.iter().find(|address| !address.ip().is_loopback()) {
        Some(_) => Err(wrong(format!(
            "`{text}` is reachable by others, and this version has no access control yet: whoever reaches it can read \
             every record. Listen on 127.0.0.1 or [::1]"
        ))),
        None => addresses.first().copied().ok_or_else(|| wrong(format!("`{text}` names no address"))),
    }
}

fn directory(file: &Path) -> Result<FileDirectory, Problem> {
    FileDirectory::read(file)
        .map_err(|error| Problem::new("OVERDRACHT_DIRECTORY", format!("{}: {error}", file.display())))
}

/// `agb:01999999 Name of the organisation`, or with `ura:`.
fn organization(text: Option<String>) -> Result<Author, Problem> {
    let Some(text) = text else {
        return Ok(Author {
            system: format!("{}/NamingSystem/instance", systems::OVERDRACHT),
            value: "not-configured".into(),
            name: "Overdracht (OVERDRACHT_ORGANIZATION is not set)".into(),
        });
    };
    let read = || -> Option<Author> {
        let (identifier, name) = text.split_once(' ')?;
        let (kind, value) = identifier.split_once(':')?;
        let (system, value) = match kind {
            "agb" => (systems::AGB, Agb::parse(value).ok()?.as_str().to_owned()),
            "ura" => (systems::URA, Ura::parse(value).ok()?.as_str().to_owned()),
            _ => return None,
        };
        let name = name.trim().to_owned();
        (!name.is_empty()).then(|| Author { system: system.to_owned(), value, name })
    };
    read().ok_or_else(|| {
        Problem::new("OVERDRACHT_ORGANIZATION", "is not readable; write for instance `agb:06012345 Ziekenhuis Oost`")
    })
}

fn log(variables: &Variables) -> Result<LogFilter, Problem> {
    // Of a dependency nothing but the place is logged, which tells a reader little while all goes well.
    let text = variables.get("OVERDRACHT_LOG").map_or("warn,overdracht=info", String::as_str);
    LogFilter::parse(text).map_err(|_| {
        Problem::new("OVERDRACHT_LOG", "is no log filter; write a level (info) or levels by module (info,hyper=debug)")
    })
}

fn log_format(variables: &Variables) -> Result<Format, Problem> {
    match variables.get("OVERDRACHT_LOG_FORMAT").map_or("text", String::as_str) {
        "text" => Ok(Format::Text),
        "json" => Ok(Format::Json),
        other => Err(Problem::new("OVERDRACHT_LOG_FORMAT", format!("`{other}` is neither `text` nor `json`"))),
    }
}

fn max_body(variables: &Variables) -> Result<usize, Problem> {
    const BOUNDS: std::ops::RangeInclusive<usize> = 1024..=64 * 1024 * 1024;
    let Some(text) = variables.get("OVERDRACHT_MAX_BODY") else { return Ok(2 * 1024 * 1024) };
    text.parse().ok().filter(|bytes| BOUNDS.contains(bytes)).ok_or_else(|| {
        Problem::new(
            "OVERDRACHT_MAX_BODY",
            format!("is no number of bytes from {} to {}", BOUNDS.start(), BOUNDS.end()),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(in_dir: &std::path::Path, vars: &[(&str, &str)]) -> Result<Settings, Problems> {
        let mut variables: Variables = vars.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        variables.entry("OVERDRACHT_DATA".into()).or_insert_with(|| in_dir.join("data").display().to_string());
        Settings::load(&Flags::default(), &variables)
    }

    #[test]
    fn without_settings_it_listens_on_loopback_and_makes_a_folder_for_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().expect("a folder");
        let settings = load(dir.path(), &[]).expect("starts");
        assert!(settings.listen.ip().is_loopback());
        let data = dir.path().join("data");
        assert!(data.join("audit.key").exists());
        assert_eq!(std::fs::metadata(data).expect("a folder").permissions().mode() & 0o077, 0);
    }

    #[test]
    fn every_problem_is_reported_at_once_and_nothing_is_made() {
        let dir = tempfile::tempdir().expect("a folder");
        let problems = load(
            dir.path(),
            &[
                ("OVERDRACHT_LISTEN", "0.0.0.0:80"),
                ("OVERDRACHT_LISTNE", "127.0.0.1:80"),
                ("OVERDRACHT_LOG_FORMAT", "xml"),
                ("OVERDRACHT_MAX_BODY", "a lot"),
                ("OVERDRACHT_DIRECTORY", "/nowhere.json"),
                ("OVERDRACHT_STORE", "postgres://user:secret@host/db"),
            ],
        )
        .expect_err("refused");
        let settings: Vec<&str> = problems.0.iter().map(|problem| problem.setting.as_str()).collect();
        assert_eq!(
            settings,
            [
                "OVERDRACHT_LISTNE",
                "OVERDRACHT_LISTEN",
                "OVERDRACHT_DIRECTORY",
                "OVERDRACHT_LOG_FORMAT",
                "OVERDRACHT_MAX_BODY",
                "OVERDRACHT_STORE"
            ]
        );
        assert!(!problems.to_string().contains("secret"));
        assert!(!dir.path().join("data").exists());
    }

    #[test]
    fn an_address_that_others_reach_is_refused_with_the_reason() {
        for address in ["0.0.0.0:8080", "[::]:8080", "192.0.2.1:8080"] {
            let problem = listen(address).expect_err(address);
            assert!(problem.text.contains("access control"), "{address}");
        }
        for address in ["127.0.0.1:0", "[::1]:8080", "127.8.8.8:1"] {
            assert!(listen(address).is_ok(), "{address}");
        }
        assert!(listen("8480").is_err());
    }

    #[test]
    fn a_flag_goes_before_the_environment() {
        let dir = tempfile::tempdir().expect("a folder");
        let flags = Flags { listen: Some("127.0.0.1:9999".into()), ..Flags::default() };
        let variables = Variables::from([
            ("OVERDRACHT_LISTEN".to_owned(), "127.0.0.1:1".to_owned()),
            ("OVERDRACHT_DATA".to_owned(), dir.path().display().to_string()),
        ]);
        assert_eq!(Settings::load(&flags, &variables).expect("starts").listen.port(), 9999);
    }
}
