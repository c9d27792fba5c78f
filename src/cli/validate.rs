//! `overdracht validate`: resources against R4, the profiles that they claim and those that are asked for.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use crate::app::code_server;
use crate::fhir::Issue;
use crate::fhir::definitions::Definitions;
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

/// What was found in one resource.
struct Verdict {
    file: String,
    issues: Vec<Issue>,
}

impl Verdict {
    fn is_valid(&self) -> bool {
        !self.issues.iter().any(|i| i.severity.refuses())
    }

    fn to_json(&self) -> Value {
        let issue = |i: &Issue| {
            json!({
                "severity": i.severity.as_str(),
                "code": i.code.as_str(),
                "id": i.id,
                "expression": i.at,
                "line": i.position.map(|p| p.0),
                "column": i.position.map(|p| p.1),
                "message": i.text,
            })
        };
        let issues: Vec<Value> = self.issues.iter().map(issue).collect();
        json!({ "file": self.file, "valid": self.is_valid(), "issues": issues })
    }
}

/// Exit 0 where all are valid, 1 where some are not, 2 where it could not run.
pub(super) fn run(arguments: &Arguments) -> ExitCode {
    match validate(arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

fn validate(arguments: &Arguments) -> Result<bool, Box<dyn std::error::Error>> {
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
    let mut all_valid = true;
    let mut verdicts = Vec::new();
    let mut out = std::io::stdout().lock();
    for file in expand(&arguments.files)? {
        for verdict in verdicts_of(&validator, &profiles, &file)? {
            all_valid &= verdict.is_valid();
            match arguments.output {
                Output::Text => write_text(&mut out, &verdict)?,
                Output::Ndjson => writeln!(out, "{}", verdict.to_json())?,
                Output::Json => verdicts.push(verdict.to_json()),
            }
        }
    }
    if arguments.output == Output::Json {
        writeln!(out, "{}", serde_json::to_string_pretty(&verdicts)?)?;
    }
    Ok(all_valid)
}

/// Folders stand for the resources in them, in the order of their names.
fn expand(files: &[PathBuf]) -> std::io::Result<Vec<PathBuf>> {
    let mut all = Vec::new();
    for file in files {
        if !file.is_dir() {
            all.push(file.clone());
            continue;
        }
        let mut inside: Vec<PathBuf> =
            std::fs::read_dir(file)?.map(|e| e.map(|e| e.path())).collect::<Result<_, _>>()?;
        inside.retain(|p| p.extension().is_some_and(|e| e == "json" || e == "ndjson" || e == "xml") && !is_hidden(p));
        inside.sort();
        all.extend(inside);
    }
    Ok(all)
}

/// Packages keep an index beside the resources: `.index.json`.
fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."))
}

fn verdicts_of(validator: &Validator, profiles: &[&str], file: &Path) -> std::io::Result<Vec<Verdict>> {
    let mut text = String::new();
    if file == Path::new("-") {
        std::io::stdin().read_to_string(&mut text)?;
    } else {
        let failed = |e: std::io::Error| std::io::Error::new(e.kind(), format!("{}: {e}", file.display()));
        text = std::fs::read_to_string(file).map_err(failed)?;
    }
    let name = file.display().to_string();
    if file.extension().is_some_and(|e| e == "ndjson") || (file == Path::new("-") && is_lines(&text)) {
        let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
        let of_line = |(i, line): (usize, &str)| {
            let mut verdict = verdict(validator, profiles, format!("{name}:{}", i + 1), line);
            let places = verdict.issues.iter_mut().filter_map(|issue| issue.position.as_mut());
            places.for_each(|(line, _)| *line += i as u32);
            verdict
        };
        return Ok(lines.map(of_line).collect());
    }
    Ok(vec![verdict(validator, profiles, name, &text)])
}

/// Whether a text without a name is NDJSON: more than one line, the first of which is JSON by itself.
fn is_lines(text: &str) -> bool {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let first = lines.next().unwrap_or_default();
    lines.next().is_some() && serde_json::from_str::<serde::de::IgnoredAny>(first).is_ok()
}

fn verdict(validator: &Validator, profiles: &[&str], file: String, text: &str) -> Verdict {
    Verdict { file, issues: validator.validate_text(text.trim_start_matches('\u{feff}'), profiles) }
}

fn write_text(out: &mut impl Write, verdict: &Verdict) -> std::io::Result<()> {
    let count = verdict.issues.iter().filter(|i| i.severity.refuses()).count();
    match count {
        0 => writeln!(out, "{}: valid", verdict.file)?,
        1 => writeln!(out, "{}: 1 error", verdict.file)?,
        n => writeln!(out, "{}: {n} errors", verdict.file)?,
    }
    for issue in &verdict.issues {
        let place = issue.position.map_or(String::new(), |(line, column)| format!(" ({line}:{column})"));
        let at = issue.at.as_deref().unwrap_or("");
        writeln!(out, "  {:<11} {at}{place}\n              {} [{}]", issue.severity.as_str(), issue.text, issue.id)?;
    }
    Ok(())
}
