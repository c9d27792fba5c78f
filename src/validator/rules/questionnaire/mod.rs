//! A QuestionnaireResponse against its Questionnaire.
//!
//! Source: <http://hl7.org/fhir/R4/questionnaireresponse.html#link>.

mod answer;
mod enable;
mod options;

use std::sync::Arc;

use ahash::AHashMap;
use serde_json::Value;

use crate::fhir::Severity;
use crate::validator::kind::Kind;
use crate::validator::path::Path;
use crate::validator::resolve;
use crate::validator::sink::{Flow, Sink};
use crate::validator::walk::{Scope, Walk};

const MIN_OCCURS: &str = "http://hl7.org/fhir/StructureDefinition/questionnaire-minOccurs";
const MAX_OCCURS: &str = "http://hl7.org/fhir/StructureDefinition/questionnaire-maxOccurs";

fn text<'v>(value: &'v Value, name: &str) -> Option<&'v str> {
    value.get(name)?.as_str()
}

fn list<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn flag(value: &Value, name: &str) -> bool {
    value.get(name).and_then(Value::as_bool).unwrap_or(false)
}

/// The values of an item's extensions with this url.
fn extensions<'v>(item: &'v Value, url: &'v str) -> impl Iterator<Item = &'v Value> {
    list(item, "extension")
        .iter()
        .filter(move |e| text(e, "url") == Some(url))
        .filter_map(|e| e.as_object()?.iter().find(|(name, _)| name.starts_with("value")).map(|(_, value)| value))
}

/// What the questions of one Questionnaire are checked with.
pub(super) struct Form<'f> {
    questionnaire: &'f Value,
    /// linkId → where the item stands, so that a misplaced one is told from an unknown one.
    known: AHashMap<&'f str, &'f Value>,
    /// linkId → answers in the response, for `enableWhen`.
    answers: AHashMap<&'f str, Vec<&'f Value>>,
    /// A response that is not finished may still lack answers.
    complete: bool,
}

pub fn check<'a, S: Sink>(
    walk: &mut Walk<'_, 'a, S>,
    scope: &Scope<'_, 'a>,
    response: &'a Value,
    at: &Path<'_>,
) -> Flow {
    let Some(canonical) = text(response, "questionnaire") else { return Flow::Continue(()) };
    let contained = canonical.strip_prefix('#').and_then(|id| resolve::contained(scope.root, id));
    let loaded: Option<Arc<Value>> = match contained {
        Some(_) => None,
        None => walk.schema().terminology.questionnaire(canonical),
    };
    let Some(questionnaire) = contained.or(loaded.as_deref()) else {
        return walk.say_once(canonical, &at.name("questionnaire"), || Kind::QuestionnaireUnknown);
    };
    let mut form = Form {
        questionnaire,
        known: AHashMap::new(),
        answers: AHashMap::new(),
        complete: matches!(text(response, "status"), Some("completed" | "amended")),
    };
    know(list(questionnaire, "item"), &mut form.known);
    collect(list(response, "item"), &mut form.answers);
    items(walk, &form, list(questionnaire, "item"), response, at, at)
}

fn know<'f>(items: &'f [Value], known: &mut AHashMap<&'f str, &'f Value>) {
    for item in items {
        if let Some(link) = text(item, "linkId") {
            known.entry(link).or_insert(item);
        }
        know(list(item, "item"), known);
    }
}

fn collect<'f>(items: &'f [Value], answers: &mut AHashMap<&'f str, Vec<&'f Value>>) {
    for item in items {
        if let Some(link) = text(item, "linkId") {
            answers.entry(link).or_default().extend(list(item, "answer"));
        }
        collect(list(item, "item"), answers);
        for answer in list(item, "answer") {
            collect(list(answer, "item"), answers);
        }
    }
}

/// The items of a response, a group or an answer against those that the questionnaire has there.
fn items<S: Sink>(
    walk: &mut Walk<'_, '_, S>,
    form: &Form<'_>,
    wanted: &[Value],
    owner: &Value,
    at: &Path<'_>,
    root: &Path<'_>,
) -> Flow {
    let here = at.name("item");
    let mut order = 0;
    let mut found: AHashMap<&str, usize> = AHashMap::new();
    for (i, item) in list(owner, "item").iter().enumerate() {
        let path = here.index(i);
        let Some(link) = text(item, "linkId") else { continue };
        let Some(place) = wanted.iter().position(|w| text(w, "linkId") == Some(link)) else {
            match form.known.contains_key(link) {
                true => walk.error(&path, || Kind::LinkIdMisplaced)?,
                false => walk.error(root, || Kind::LinkIdUnknown)?,
            }
            continue;
        };
        if place < order {
            walk.error(&path, || Kind::ItemOrder)?;
        }
        order = order.max(place);
        *found.entry(link).or_default() += 1;
        let question = &wanted[place];
        if !enable::is_enabled(form, question) {
            if !list(item, "answer").is_empty() || !list(item, "item").is_empty() {
                walk.error(&path, || Kind::ItemNotEnabled)?;
            }
            continue;
        }
        one(walk, form, question, item, &path, root)?;
    }
    for question in wanted {
        let link = text(question, "linkId").unwrap_or_default();
        let count = found.get(link).copied().unwrap_or(0);
        if count > 1 && !flag(question, "repeats") {
            walk.error(at, || Kind::AnswerRepeats)?;
        }
        if count == 0
            && flag(question, "required")
            && text(question, "type") != Some("display")
            && enable::is_enabled(form, question)
        {
            required(walk, form, at, || Kind::AnswerRequired)?;
        }
    }
    Flow::Continue(())
}

/// Missing answers are errors in a finished response, and worth a word in another.
fn required<S: Sink>(walk: &mut Walk<'_, '_, S>, form: &Form<'_>, at: &Path<'_>, kind: impl FnOnce() -> Kind) -> Flow {
    let severity = if form.complete { Severity::Error } else { Severity::Warning };
    walk.report(at, severity, kind)
}

fn one<S: Sink>(
    walk: &mut Walk<'_, '_, S>,
    form: &Form<'_>,
    question: &Value,
    item: &Value,
    at: &Path<'_>,
    root: &Path<'_>,
) -> Flow {
    let kind = text(question, "type").unwrap_or_default();
    let answers = list(item, "answer");
    let below = list(question, "item");
    match kind {
        "group" | "question" | "display" => {
            if !answers.is_empty() {
                walk.error(at, || if kind == "display" { Kind::DisplayWithAnswer } else { Kind::GroupWithAnswer })?;
            }
            if kind == "group" && flag(question, "required") && list(item, "item").is_empty() && answers.is_empty() {
                required(walk, form, at, || Kind::GroupRequired)?;
                return Flow::Continue(());
            }
            return if kind == "display" { Flow::Continue(()) } else { items(walk, form, below, item, at, root) };
        }
        _ => {}
    }
    if !list(item, "item").is_empty() {
        walk.error(at, || Kind::QuestionWithItems)?;
    }
    count(walk, form, question, answers.len(), at)?;
    let here = at.name("answer");
    for (i, given) in answers.iter().enumerate() {
        let path = here.index(i);
        answer::check(walk, form, question, given, &path)?;
        items(walk, form, below, given, &path, root)?;
    }
    Flow::Continue(())
}

fn count<S: Sink>(walk: &mut Walk<'_, '_, S>, form: &Form<'_>, question: &Value, found: usize, at: &Path<'_>) -> Flow {
    let limit = |url| extensions(question, url).find_map(Value::as_u64);
    let min = limit(MIN_OCCURS);
    if let Some(min) = min.filter(|min| (found as u64) < *min) {
        required(walk, form, at, || Kind::AnswerCount { min, found })?;
    } else if found == 0 && flag(question, "required") {
        required(walk, form, at, || Kind::AnswerRequired)?;
    }
    if let Some(max) = limit(MAX_OCCURS).filter(|max| found as u64 > *max) {
        walk.error(at, || Kind::AnswerCountAbove { max, found })?;
    } else if found > 1 && !flag(question, "repeats") && min.is_none() {
        walk.error(at, || Kind::AnswerRepeats)?;
    }
    Flow::Continue(())
}
