//! `overdracht map`: what a document becomes, without storing anything.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::domain::{self, Document, Kind};
use crate::fhir::issue::operation_outcome;
use crate::fhir::systems::OVERDRACHT;
use crate::fhir::{Issue, ResourceKey};
use crate::intake::{Known, Origin, Sender, bundle, form};
use crate::mapping::{self, Existing, Ids};

#[derive(Args)]
pub struct Arguments {
    /// registry-record, metastasis-event, care-plan, questionnaire-response (FHIR, or the form in `form` beside the
    /// patient) or care-plan-bundle (FHIR, or the Bundle in `bundle` beside what it does not say).
    #[arg(value_parser = what)]
    kind: What,
    /// The document; `-` reads standard input.
    file: PathBuf,
    /// Print what became of every field instead of the resources.
    #[arg(long)]
    trace: bool,
    /// Of the trace; resources are JSON.
    #[arg(long, value_enum, default_value = "text", requires = "trace")]
    output: Output,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Output {
    Text,
    Json,
}

#[derive(Clone, Copy, Debug)]
enum What {
    Document(Kind),
    Form,
    Bundle,
}

fn what(name: &str) -> Result<What, String> {
    match name {
        form::KIND => return Ok(What::Form),
        bundle::KIND => return Ok(What::Bundle),
        _ => {}
    }
    let known = || Kind::ALL.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(", ");
    Kind::parse(name)
        .map(What::Document)
        .ok_or_else(|| format!("known kinds are {}, {}, {}", known(), form::KIND, bundle::KIND))
}

/// Prints a Bundle of the resources. Exit code 0, 1 where the document is refused (with every fault, as an
/// OperationOutcome), 2 where the file cannot be read.
pub fn run(arguments: &Arguments) -> ExitCode {
    let read = if arguments.file.as_os_str() == "-" {
        let mut text = Vec::new();
        std::io::Read::read_to_end(&mut std::io::stdin(), &mut text).map(|_| text)
    } else {
        std::fs::read(&arguments.file)
    };
    let text = match read {
        Ok(text) => text,
        Err(error) => {
            eprintln!("{}: {error}", arguments.file.display());
            return ExitCode::from(2);
        }
    };
    let document = match crate::fhir::json::parse(&text) {
        Ok(document) => document,
        Err(error) => {
            eprintln!("{}: {error}", arguments.file.display());
            return ExitCode::from(2);
        }
    };
    let mapped = match arguments.kind {
        What::Document(kind) => map(kind, &document).map(|one| vec![one]),
        What::Form if document["resourceType"].is_string() => {
            map_from(form::read_fhir(&document, &Known::default(), &Sender::default()).map(|one| vec![one]))
        }
        What::Form => map_from(form::read(&document).map(|one| vec![one])),
        What::Bundle => map_from(bundle::read(&document, &Known::default())),
    };
    match mapped {
        Ok(mapped) if arguments.trace && arguments.output == Output::Text => {
            print(&mapped.iter().map(mapping::Mapped::report_text).collect::<Vec<_>>().join("\n"))
        }
        Ok(mapped) if arguments.trace => match mapped.as_slice() {
            [only] => show(&only.report()),
            several => show(&several.iter().map(mapping::Mapped::report).collect()),
        },
        Ok(mapped) => {
            for warning in mapped.iter().flat_map(|one| &one.warnings) {
                eprintln!("{}: {}", warning.at.as_deref().unwrap_or_default(), warning.text);
            }
            // Of those who stand in several plans the newest says most.
            let mut resources: BTreeMap<Option<ResourceKey>, &Value> = BTreeMap::new();
            resources.extend(mapped.iter().flat_map(|one| &one.resources).map(|one| (ResourceKey::of(one), one)));
            let order = mapped.iter().flat_map(|one| &one.resources).map(ResourceKey::of);
            let entries: Vec<Value> = order.filter_map(|key| resources.remove(&key)).map(entry).collect();
            show(&json!({ "resourceType": "Bundle", "type": "collection", "entry": entries }))
        }
        Err(faults) => {
            show(&operation_outcome(&faults));
            ExitCode::FAILURE
        }
    }
}

fn entry(resource: &Value) -> Value {
    let url = ResourceKey::of(resource).map(|key| format!("{OVERDRACHT}/{key}"));
    json!({ "fullUrl": url, "resource": resource })
}

fn map(kind: Kind, document: &Value) -> Result<mapping::Mapped, Vec<Issue>> {
    let parsed = domain::parse(kind, document, Timestamp::now())
        .map_err(|faults| faults.iter().map(mapping::issue).collect::<Vec<_>>())?;
    mapped(&parsed)
}

/// With ids that are made up, the same for the same document: nothing is known of who is stored where.
fn mapped(parsed: &Document) -> Result<mapping::Mapped, Vec<Issue>> {
    let envelope = parsed.envelope();
    let mut parties = BTreeMap::new();
    let mut patient = None;
    for party in mapping::parties(parsed) {
        let id = Ids::shared(&["overdracht map", &format!("{party:?}")]);
        if party.resource_type == "Patient" && patient.is_none() {
            patient = Some(id.clone());
        }
        parties.insert(party, id);
    }
    let ids = Ids {
        patient: patient.unwrap_or_else(|| Ids::shared(&["overdracht map", &envelope.document_id])),
        source: envelope.source.system.clone(),
        document: envelope.document_id.clone(),
        parties,
    };
    mapping::map(parsed, &ids, &Existing::default())
}

/// By way of the care plans that were read.
fn map_from(origins: Result<Vec<Origin>, Vec<Issue>>) -> Result<Vec<mapping::Mapped>, Vec<Issue>> {
    let mut all = Vec::new();
    for origin in origins? {
        let mut mapped = mapped(&origin.parse(Timestamp::now())?)
            .map_err(|faults| faults.into_iter().map(|fault| origin.place(fault)).collect::<Vec<_>>())?;
        origin.precede(&mut mapped);
        all.push(mapped);
    }
    Ok(all)
}

fn show(value: &Value) -> ExitCode {
    print(&format!("{value:#}\n"))
}

fn print(text: &str) -> ExitCode {
    // Who reads no further (`| head`) has what they wanted.
    let _ = std::io::stdout().write_all(text.as_bytes());
    ExitCode::SUCCESS
}
