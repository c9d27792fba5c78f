//! A QuestionnaireResponse against its Questionnaire.
//!
//! Source: <http://hl7.org/fhir/R4/questionnaireresponse.html#link>.

mod answer;
pub mod definition;
mod enable;
mod limits;
mod options;

use std::sync::Arc;

use ahash::AHashMap;
use serde_json::Value;

use super::{list, text};
use crate::fhir::Severity;
use crate::validator::kind::Kind;
use crate::validator::path::Path;
use crate::validator::resolve;
use crate::validator::sink::{Flow, Sink};
use crate::validator::walk::{Scope, Walk};

const MIN_OCCURS: &str = "http://hl7.org/fhir/StructureDefinition/questionnaire-minOccurs";
const MAX_OCCURS: &str = "http://hl7.org/fhir/StructureDefinition/questionnaire-maxOccurs";

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
pub(super) struct Form<'f, 'a> {
    questionnaire: &'f Value,
    response: &'a Value,
    scope: &'f Scope<'f, 'a>,
    /// linkId → where the item stands, so that a misplaced one is told from an unknown one.
    known: AHashMap<&'f str, &'f Value>,
    /// A response that is not finished may still lack answers.
    complete: bool,
}

/// The items around an item, from the inside out, each with its question: an answer that decides whether a question is
/// asked is looked for in the nearest group that has both, so that each repetition of a group goes by its own answers.
pub(super) struct Around<'r> {
    question: &'r Value,
    item: &'r Value,
    outer: Option<&'r Around<'r>>,
}

impl<'r> Around<'r> {
    /// The nearest item whose question is the one with this linkId or has it below.
    fn nearest(mut around: Option<&'r Around<'r>>, link: &str) -> Option<&'r Value> {
        while let Some(here) = around {
            if text(here.question, "linkId") == Some(link) || has_item(here.question, link) {
                return Some(here.item);
            }
            around = here.outer;
        }
        None
    }
}

/// Whether an item with this linkId is somewhere below.
pub(super) fn has_item(within: &Value, link: &str) -> bool {
    list(within, "item").iter().any(|item| text(item, "linkId") == Some(link) || has_item(item, link))
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
        response,
        scope,
        known: AHashMap::new(),
        complete: matches!(text(response, "status"), Some("completed" | "amended")),
    };
    know(list(questionnaire, "item"), &mut form.known);
    items(walk, &form, list(questionnaire, "item"), response, None, at, at)
}

fn know<'f>(items: &'f [Value], known: &mut AHashMap<&'f str, &'f Value>) {
    for item in items {
        if let Some(link) = text(item, "linkId") {
            known.entry(link).or_insert(item);
        }
        know(list(item, "item"), known);
    }
}

/// The items of a response, a group or an answer against those that the questionnaire has there. What is wrong with the
/// list as a whole is reported at `owner_at`: the response, or the item that has or answers for them.
fn items<S: Sink>(
    walk: &mut Walk<'_, '_, S>,
    form: &Form<'_, '_>,
    wanted: &[Value],
    owner: &Value,
    around: Option<&Around<'_>>,
    at: &Path<'_>,
    owner_at: &Path<'_>,
) -> Flow {
    let here = at.name("item");
    let mut order = 0;
    let mut found: AHashMap<&str, usize> = AHashMap::new();
    for (i, item) in list(owner, "item").iter().enumerate() {
        let path = here.index(i);
        let Some(link) = text(item, "linkId") else { continue };
        let Some(place) = wanted.iter().position(|w| text(w, "linkId") == Some(link)) else {
            match form.known.get(link) {
                Some(question) => {
                    walk.error(owner_at, || Kind::LinkIdMisplaced)?;
                    one(walk, form, question, item, around, &path)?;
                }
                None => walk.error(owner_at, || Kind::LinkIdUnknown)?,
            }
            continue;
        };
        if place < order {
            walk.error(owner_at, || Kind::ItemOrder)?;
        }
        order = place;
        *found.entry(link).or_default() += 1;
        let question = &wanted[place];
        if !enable::is_enabled(walk, form, question, around) {
            if !list(item, "answer").is_empty() || !list(item, "item").is_empty() {
                walk.error(&path, || Kind::ItemNotEnabled)?;
            }
            continue;
        }
        one(walk, form, question, item, around, &path)?;
    }
    for question in wanted {
        let link = text(question, "linkId").unwrap_or_default();
        let count = found.get(link).copied().unwrap_or(0);
        if count > 1 && !flag(question, "repeats") {
            walk.error(owner_at, || Kind::AnswerRepeats)?;
        }
        if count == 0
            && flag(question, "required")
            && text(question, "type") != Some("display")
            && enable::is_enabled(walk, form, question, around)
        {
            required(walk, form, owner_at, || Kind::AnswerRequired)?;
        }
    }
    Flow::Continue(())
}

/// Missing answers are errors in a finished response, and worth a word in another.
fn required<S: Sink>(
    walk: &mut Walk<'_, '_, S>,
    form: &Form<'_, '_>,
    at: &Path<'_>,
    kind: impl FnOnce() -> Kind,
) -> Flow {
    let severity = if form.complete { Severity::Error } else { Severity::Warning };
    walk.report(at, severity, kind)
}

/// One item against its question.
fn one<S: Sink>(
    walk: &mut Walk<'_, '_, S>,
    form: &Form<'_, '_>,
    question: &Value,
    item: &Value,
    around: Option<&Around<'_>>,
    at: &Path<'_>,
) -> Flow {
    let kind = text(question, "type").unwrap_or_default();
    // A questionnaire that gives no words (of a form whose words are another's) leaves them free.
    let asked = text(question, "text");
    if text(item, "text").is_some_and(|shown| asked.is_some_and(|asked| asked != shown)) {
        walk.error(at, || Kind::ItemText)?;
    }
    let answers = list(item, "answer");
    let inside = !list(item, "item").is_empty();
    let below = list(question, "item");
    let around = Some(&Around { question, item, outer: around });
    match kind {
        "display" => {
            if !answers.is_empty() || inside {
                walk.error(at, || Kind::DisplayWithAnswer)?;
            }
            return Flow::Continue(());
        }
        "group" | "question" => {
            if !answers.is_empty() {
                walk.error(at, || Kind::GroupWithAnswer)?;
            }
            if kind == "group" && flag(question, "required") && !inside && answers.is_empty() {
                return required(walk, form, at, || Kind::GroupRequired);
            }
            return items(walk, form, below, item, around, at, at);
        }
        _ => {}
    }
    if inside {
        walk.error(at, || Kind::QuestionWithItems)?;
    }
    count(walk, form, question, answers.len(), at)?;
    let here = at.name("answer");
    for (i, given) in answers.iter().enumerate() {
        let path = here.index(i);
        answer::check(walk, form, question, given, answers.len(), &path)?;
        items(walk, form, below, given, around, &path, at)?;
    }
    Flow::Continue(())
}

fn count<S: Sink>(
    walk: &mut Walk<'_, '_, S>,
    form: &Form<'_, '_>,
    question: &Value,
    found: usize,
    at: &Path<'_>,
) -> Flow {
    let limit = |url| extensions(question, url).find_map(Value::as_u64);
    let min = limit(MIN_OCCURS);
    if let Some(min) = min.filter(|min| (found as u64) < *min) {
        walk.error(at, || Kind::AnswerCount { min, found })?;
    } else if found == 0 && flag(question, "required") {
        required(walk, form, at, || Kind::AnswerRequired)?;
    }
    if let Some(max) = limit(MAX_OCCURS).filter(|max| found as u64 > *max) {
        walk.error(at, || Kind::AnswerCountAbove { max, found })?;
    } else if found > 1 && !flag(question, "repeats") {
        walk.error(at, || Kind::AnswerRepeats)?;
    }
    Flow::Continue(())
}
