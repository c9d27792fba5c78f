//! `overdracht validate`: resources against R4, the profiles that they claim and those that are asked for.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use walkdir::{DirEntry, WalkDir};

use crate::app::code_server;
use crate::fhir::definitions::Definitions;
use crate::fhir::{Issue, IssueCode, Severity};
use crate::validator::{Language, Options, UnknownExtensions, Validator};

#[derive(Args)]
pub(super) struct Arguments {
    /// FHIR packages for this call alone: .tgz, a wheel that holds one, a package folder or a folder of definitions.
    #[arg(long, value_name = "P")]
    packages: Vec<PathBuf>,
    /// Profiles to validate against besides those that a resource claims.
    #[arg(long, value_name = "URL")]
    profile: Vec<String>,
    /// Definitions for this call alone, before those of any package.
    #[arg(long, value_name = "F")]
    supporting: Vec<PathBuf>,
    #[arg(long, value_enum, default_value = "report")]
    unknown_extensions: Unknown,
    #[arg(long, value_enum, default_value = "text")]
    output: Output,
    /// Of the messages: en or nl.
    #[arg(long, value_enum, default_value = "en")]
    language: Spoken,
    /// FHIR base URL of a terminology server, asked what no definition here tells.
    #[arg(long, value_name = "URL")]
    terminology: Option<String>,
    /// Files of JSON, NDJSON or XML, folders of them, or - for standard input.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Unknown {
    Report,
    Error,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Output {
    Text,
    Json,
    Ndjson,
}

#[derive(Clone, Copy, ValueEnum)]
enum Spoken {
    En,
    Nl,
}

impl Spoken {
    fn choose<'t>(self, nl: &'t str, en: &'t str) -> &'t str {
        match self {
            Spoken::En => en,
            Spoken::Nl => nl,
        }
    }

    fn severity(self, severity: Severity) -> &'static str {
        match (self, severity) {
            (Spoken::En, _) => severity.as_str(),
            (Spoken::Nl, Severity::Fatal) => "onleesbaar",
            (Spoken::Nl, Severity::Error) => "fout",
            (Spoken::Nl, Severity::Warning) => "waarschuwing",
            (Spoken::Nl, Severity::Information) => "ter info",
        }
    }
}

/// How many resources were valid, how many were not, and how many files could not be read.
#[derive(Default)]
struct Tally {
    valid: usize,
    invalid: usize,
    unread: usize,
}

/// What was found in one resource.
struct Verdict {
    file: String,
    issues: Vec<Found>,
}

/// An issue, and the resource inside the document that it is in (`Patient/123`).
struct Found {
    issue: Issue,
    resource: Option<String>,
}

impl Found {
    fn of(issue: Issue, document: &Value) -> Found {
        let resource = issue.at.as_deref().and_then(|at| innermost(document, at));
        Found { issue, resource }
    }
}

/// Type and id of the innermost resource, inside the document, that an expression leads through.
fn innermost(document: &Value, at: &str) -> Option<String> {
    let mut pointer = String::new();
    let mut found = None;
    for step in at.split(['.', '[']).skip(1) {
        pointer.push('/');
        pointer.push_str(step.trim_end_matches(']'));
        let inner = (step == "resource").then(|| document.pointer(&pointer)).flatten();
        let name = inner.and_then(|inner| Some((inner.get("resourceType")?.as_str()?, inner.get("id")?.as_str()?)));
        // What does not have the form of a type and an id is none, and is not shown.
        let is_name = |(of, id): &(&str, &str)| {
            of.len() <= 64
                && of.bytes().all(|b| b.is_ascii_alphabetic())
                && (1..=64).contains(&id.len())
                && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.'))
        };
        found = name.filter(is_name).map(|(of, id)| format!("{of}/{id}")).or(found);
    }
    found
}

impl Verdict {
    /// Of a file that could not be read: in the output too, so that nobody counts it among the valid.
    fn unread(file: String, error: &std::io::Error) -> Verdict {
        let issue = Issue::new(Severity::Fatal, IssueCode::NotFound, "file-unreadable", error.to_string());
        Verdict { file, issues: vec![Found { issue, resource: None }] }
    }

    fn is_valid(&self) -> bool {
        !self.issues.iter().any(|found| found.issue.severity.refuses())
    }

    fn to_json(&self) -> Value {
        let issue = |Found { issue: i, resource }: &Found| {
            json!({
                "severity": i.severity.as_str(),
                "code": i.code.as_str(),
                "id": i.id,
                "expression": i.at,
                "resource": resource,
                "line": i.position.map(|p| p.0),
                "column": i.position.map(|p| p.1),
                "message": i.text,
            })
        };
        let issues: Vec<Value> = self.issues.iter().map(issue).collect();
        json!({ "file": self.file, "valid": self.is_valid(), "issues": issues })
    }
}

/// Exit 0 where all are valid, 1 where some are not, 2 where it could not run or a file could not be read.
pub(super) fn run(arguments: &Arguments) -> ExitCode {
    let is_pipe_closed = |error: &(dyn std::error::Error + 'static)| {
        error.downcast_ref::<std::io::Error>().is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe)
    };
    match validate(arguments) {
        Ok(Tally { unread: 0, invalid: 0, .. }) => ExitCode::SUCCESS,
        Ok(Tally { unread: 0, .. }) => ExitCode::from(1),
        Ok(_) => ExitCode::from(2),
        Err(error) => {
            // Who reads no further (`| head`) wants no word about it.
            if !is_pipe_closed(&*error) {
                eprintln!("{error}");
            }
            ExitCode::from(2)
        }
    }
}

fn validate(arguments: &Arguments) -> Result<Tally, Box<dyn std::error::Error>> {
    let builder = Definitions::builder();
    let definitions = builder.packages(arguments.packages.clone()).supporting(arguments.supporting.clone()).open()?;
    for issue in definitions.issues() {
        eprintln!("{}: {}", issue.severity.as_str(), issue.text);
    }
    let options = Options {
        unknown_extensions: match arguments.unknown_extensions {
            Unknown::Report => UnknownExtensions::Report,
            Unknown::Error => UnknownExtensions::Error,
        },
        language: match arguments.language {
            Spoken::En => Language::English,
            Spoken::Nl => Language::Dutch,
        },
        clock: Some(jiff::Zoned::now),
    };
    let mut validator = Validator::new(Arc::new(definitions), options);
    if let Some(base) = &arguments.terminology {
        validator = validator.with_terminology(code_server(base)?);
    }
    let profiles: Vec<&str> = arguments.profile.iter().map(String::as_str).collect();
    let language = arguments.language;
    let mut tally = Tally::default();
    let mut verdicts = Vec::new();
    let mut out = std::io::stdout().lock();
    let named = arguments.files.iter().flat_map(|file| expand(file).into_iter().map(move |found| (file, found)));
    for (given, file) in named {
        let name = file.as_ref().unwrap_or(given).display().to_string();
        let read = file.and_then(|file| Ok((read(&file)?, file)));
        let (content, file) = match read {
            Ok(read) => read,
            // The others are judged all the same.
            Err(error) => {
                eprintln!("{error}");
                tally.unread += 1;
                let unread = Verdict::unread(name, &error);
                match arguments.output {
                    Output::Text => {}
                    Output::Ndjson => writeln!(out, "{}", unread.to_json())?,
                    Output::Json => verdicts.push(unread.to_json()),
                }
                continue;
            }
        };
        if is_named_lines(&file) && is_one_document(&content) {
            let nl = "dit is één JSON-document, niet een per regel; zo is het gelezen";
            let en = "this is one JSON document, not one for each line; it was read as such";
            eprintln!("{name}: {}", language.choose(nl, en));
        }
        for verdict in verdicts_of(&validator, &profiles, &file, &content) {
            *if verdict.is_valid() { &mut tally.valid } else { &mut tally.invalid } += 1;
            match arguments.output {
                Output::Text => write_text(&mut out, &verdict, language)?,
                Output::Ndjson => writeln!(out, "{}", verdict.to_json())?,
                Output::Json => verdicts.push(verdict.to_json()),
            }
        }
    }
    match arguments.output {
        Output::Json => writeln!(out, "{}", serde_json::to_string_pretty(&verdicts)?)?,
        Output::Text if tally.valid + tally.invalid > 1 => write_tally(&mut out, &tally, language)?,
        Output::Text | Output::Ndjson => {}
    }
    Ok(tally)
}

/// A folder stands for the resources in it and in its folders, in the order of their names.
fn expand(file: &Path) -> Vec<std::io::Result<PathBuf>> {
    if !file.is_dir() {
        return vec![Ok(file.to_owned())];
    }
    // Packages keep an index and a manifest beside the resources: `.index.json`, `package.json`.
    let is_hidden = |entry: &DirEntry| {
        let name = entry.file_name().as_encoded_bytes();
        entry.depth() > 0 && (name.starts_with(b".") || name == b"package.json")
    };
    let is_resource = |path: &Path| {
        path.extension().is_some_and(|e| ["json", "ndjson", "xml"].iter().any(|known| e.eq_ignore_ascii_case(known)))
    };
    let entries = WalkDir::new(file).sort_by_file_name().into_iter().filter_entry(|entry| !is_hidden(entry));
    let path = |entry: walkdir::Result<DirEntry>| match entry {
        Ok(entry) if entry.path().is_file() && is_resource(entry.path()) => Some(Ok(entry.into_path())),
        Ok(_) => None,
        Err(error) => {
            let folder = error.path().unwrap_or(file).display().to_string();
            let cause = error.io_error().map_or_else(|| error.to_string(), ToString::to_string);
            Some(Err(std::io::Error::other(format!("{folder}: {cause}"))))
        }
    };
    let found: Vec<_> = entries.filter_map(path).collect();
    if found.is_empty() {
        let nothing = format!("{}: no .json, .ndjson or .xml is in this folder", file.display());
        return vec![Err(std::io::Error::new(std::io::ErrorKind::NotFound, nothing))];
    }
    found
}

fn read(file: &Path) -> std::io::Result<Vec<u8>> {
    if file == Path::new("-") {
        let mut content = Vec::new();
        std::io::stdin().read_to_end(&mut content)?;
        return Ok(content);
    }
    std::fs::read(file).map_err(|e| std::io::Error::new(e.kind(), format!("{}: {e}", file.display())))
}

fn verdicts_of(validator: &Validator, profiles: &[&str], file: &Path, content: &[u8]) -> Vec<Verdict> {
    let name = file.display().to_string();
    let is_lines = match file == Path::new("-") {
        true => is_lines(content),
        false => is_named_lines(file) && !is_one_document(content),
    };
    if is_lines {
        let lines = content.split(|byte| *byte == b'\n').enumerate();
        let lines = lines.filter(|(_, line)| !line.trim_ascii().is_empty());
        let of_line = |(i, line): (usize, &[u8])| {
            let mut verdict = verdict(validator, profiles, format!("{name}:{}", i + 1), line);
            let places = verdict.issues.iter_mut().filter_map(|found| found.issue.position.as_mut());
            places.for_each(|(line, _)| *line += i as u32);
            verdict
        };
        return lines.map(of_line).collect();
    }
    vec![verdict(validator, profiles, name, content)]
}

fn is_named_lines(file: &Path) -> bool {
    file.extension().is_some_and(|e| e.eq_ignore_ascii_case("ndjson"))
}

/// Whether a text that goes by the name of NDJSON is one document over more lines.
fn is_one_document(content: &[u8]) -> bool {
    let is_json = |text: &[u8]| serde_json::from_slice::<serde::de::IgnoredAny>(text).is_ok();
    let first = content.split(|byte| *byte == b'\n').find(|line| !line.trim_ascii().is_empty()).unwrap_or_default();
    !is_json(first) && is_json(content)
}

/// Whether a text without a name is NDJSON: more than one line, the first of which is JSON by itself.
fn is_lines(content: &[u8]) -> bool {
    let content = content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(content);
    let mut lines = content.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
    let first = lines.next().unwrap_or_default();
    lines.next().is_some() && serde_json::from_slice::<serde::de::IgnoredAny>(first).is_ok()
}

fn verdict(validator: &Validator, profiles: &[&str], file: String, content: &[u8]) -> Verdict {
    let issues = match validator.read_bytes(content) {
        Ok(source) => {
            let issues = validator.validate_source(&source, profiles);
            issues.into_iter().map(|issue| Found::of(issue, &source.resource)).collect()
        }
        Err(issue) => vec![Found { issue: *issue, resource: None }],
    };
    Verdict { file, issues }
}

fn write_text(out: &mut impl Write, verdict: &Verdict, language: Spoken) -> std::io::Result<()> {
    let count = verdict.issues.iter().filter(|found| found.issue.severity.refuses()).count();
    match count {
        0 => writeln!(out, "{}: {}", verdict.file, language.choose("geldig", "valid"))?,
        1 => writeln!(out, "{}: 1 {}", verdict.file, language.choose("fout", "error"))?,
        n => writeln!(out, "{}: {n} {}", verdict.file, language.choose("fouten", "errors"))?,
    }
    for Found { issue, resource } in &verdict.issues {
        let place = issue.position.map_or(String::new(), |(line, column)| format!(" ({line}:{column})"));
        let at = issue.at.as_deref().unwrap_or("");
        let severity = language.severity(issue.severity);
        let within = resource.as_ref().map_or(String::new(), |name| format!(" in {name}"));
        writeln!(out, "  {severity:<12} {at}{place}{within}\n               {} [{}]", issue.text, issue.id)?;
    }
    Ok(())
}

fn write_tally(out: &mut impl Write, tally: &Tally, language: Spoken) -> std::io::Result<()> {
    let Tally { valid, invalid, unread } = tally;
    let total = valid + invalid;
    match language {
        Spoken::En => write!(out, "\n{total} resources: {valid} valid, {invalid} not")?,
        Spoken::Nl => write!(out, "\n{total} resources: {valid} geldig, {invalid} niet")?,
    }
    match (unread, language) {
        (0, _) => writeln!(out),
        (n, Spoken::En) => writeln!(out, "; {n} could not be read"),
        (n, Spoken::Nl) => writeln!(out, "; {n} niet te lezen"),
    }
}
