//! A QuestionnaireResponse against its Questionnaire.
//!
//! Source: <http://hl7.org/fhir/R4/questionnaireresponse.html#link>.

mod answer;
pub mod definition;
mod enable;
mod limits;
mod options;
mod tree;

use std::cell::{Cell, OnceCell, RefCell};
use std::sync::Arc;

use ahash::AHashMap;
use regex::Regex;
use serde_json::Value;

use super::{list, text};
use crate::fhir::value_set::ValueSet;
use crate::fhir::{Severity, pattern};
use crate::validator::kind::Kind;
use crate::validator::path::Path;
use crate::validator::sink::{Flow, Sink};
use crate::validator::terminology::Terminology;
use crate::validator::walk::{Scope, Walk};
use tree::Tree;

const TRANSLATION: &str = "http://hl7.org/fhir/StructureDefinition/translation";
const MIN_OCCURS: &str = "http://hl7.org/fhir/StructureDefinition/questionnaire-minOccurs";
const MAX_OCCURS: &str = "http://hl7.org/fhir/StructureDefinition/questionnaire-maxOccurs";

/// A linkId as it may be shown: what has not the form of one could be anything.
fn shown(link: &str) -> Box<str> {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'/');
    let is_id = !link.is_empty() && link.len() <= 64 && link.bytes().all(is_plain);
    if is_id { link.into() } else { "…".into() }
}

/// One that the questionnaire does not have may be the number of a person.
fn stranger(link: &str) -> Box<str> {
    let is_number = link.split(|c: char| !c.is_ascii_digit()).any(|digits| digits.len() >= 8);
    if is_number { "…".into() } else { shown(link) }
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
pub(super) struct Form<'f, 'a> {
    questionnaire: &'f Value,
    response: &'a Value,
    scope: &'f Scope<'f, 'a>,
    questions: OnceCell<Tree<'f>>,
    answers: OnceCell<Tree<'a>>,
    /// A response that is not finished may still lack answers.
    complete: bool,
    /// Regular expressions of questions, and value sets that the form contains, each made once.
    regexes: RefCell<AHashMap<Box<str>, Option<Regex>>>,
    value_sets: RefCell<AHashMap<Box<str>, Option<Arc<ValueSet>>>>,
    /// What may still be spent on comparing answers with what the questions say of them.
    left: Cell<usize>,
}

/// Many more comparisons than any form needs; where answers and what is asked of them are both many, they multiply.
const COMPARISONS: usize = 20_000_000;
/// What making a regular expression or a condition in FHIRPath counts for.
const MAKING: usize = 10_000;

impl<'f, 'a> Form<'f, 'a> {
    fn questions(&self) -> &Tree<'f> {
        self.questions.get_or_init(|| Tree::of(self.questionnaire))
    }

    fn answers(&self) -> &Tree<'a> {
        self.answers.get_or_init(|| Tree::of(self.response))
    }

    /// Whether so many comparisons can be made; from then on not, once that is too many.
    fn affords(&self, comparisons: usize) -> bool {
        let left = self.left.get().checked_sub(comparisons);
        self.left.set(left.unwrap_or(0));
        left.is_some()
    }

    /// `None` where it is of a kind that is not understood.
    fn regex(&self, expression: &str) -> Option<Regex> {
        if let Some(known) = self.regexes.borrow().get(expression) {
            return known.clone();
        }
        let made = self.affords(MAKING).then(|| pattern::whole(expression)).flatten();
        self.regexes.borrow_mut().insert(expression.into(), made.clone());
        made
    }

    /// A value set that the form contains; `None` where there is none, or one that would take long to make.
    fn value_set(&self, terminology: &Terminology, id: &str) -> Option<Arc<ValueSet>> {
        if let Some(known) = self.value_sets.borrow().get(id) {
            return known.clone();
        }
        let contained = list(self.questionnaire, "contained").iter().find(|resource| text(resource, "id") == Some(id));
        let made = contained.filter(|_| self.affords(MAKING)).and_then(|set| terminology.contained_value_set(set));
        self.value_sets.borrow_mut().insert(id.into(), made.clone());
        made
    }
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
    fn nearest(mut around: Option<&'r Around<'r>>, questions: &Tree<'_>, link: &str) -> Option<&'r Value> {
        while let Some(here) = around {
            if questions.within(here.question, link).next().is_some() {
                return Some(here.item);
            }
            around = here.outer;
        }
        None
    }
}

pub fn check<'a, S: Sink>(
    walk: &mut Walk<'_, 'a, S>,
    scope: &Scope<'_, 'a>,
    response: &'a Value,
    at: &Path<'_>,
) -> Flow {
    let Some(canonical) = text(response, "questionnaire") else { return Flow::Continue(()) };
    let contained = canonical.strip_prefix('#').and_then(|id| walk.shared.lookup.contained(scope.root, id));
    let loaded: Option<Arc<Value>> = match contained {
        Some(_) => None,
        None => walk.schema().terminology.questionnaire(canonical),
    };
    let Some(questionnaire) = contained.or(loaded.as_deref()) else {
        return walk.say_once(canonical, &at.name("questionnaire"), || Kind::QuestionnaireUnknown);
    };
    let form = Form {
        questionnaire,
        response,
        scope,
        questions: OnceCell::new(),
        answers: OnceCell::new(),
        regexes: RefCell::default(),
        value_sets: RefCell::default(),
        complete: matches!(text(response, "status"), Some("completed" | "amended")),
        left: Cell::new(COMPARISONS),
    };
    items(walk, &form, list(questionnaire, "item"), response, None, at, at)?;
    if form.left.get() == 0 {
        walk.report(at, Severity::Information, || Kind::QuestionnaireTooCostly)?;
    }
    Flow::Continue(())
}

/// The items of a response, a group or an answer against those that the questionnaire has there. What is wrong with the
/// list as a whole is reported at `owner_at`: the response, or the item that has or answers for them.
fn items<'a, S: Sink>(
    walk: &mut Walk<'_, 'a, S>,
    form: &Form<'_, 'a>,
    wanted: &[Value],
    owner: &Value,
    around: Option<&Around<'_>>,
    at: &Path<'_>,
    owner_at: &Path<'_>,
) -> Flow {
    let here = at.name("item");
    let mut order = 0;
    let mut found: AHashMap<&str, usize> = AHashMap::new();
    let mut places: AHashMap<&str, usize> = AHashMap::new();
    for (place, link) in wanted.iter().enumerate().filter_map(|(i, w)| Some((i, text(w, "linkId")?))) {
        places.entry(link).or_insert(place);
    }
    for (i, item) in list(owner, "item").iter().enumerate() {
        let path = here.index(i);
        let Some(link) = text(item, "linkId") else { continue };
        let Some(&place) = places.get(link) else {
            match form.questions().first(link) {
                Some(question) => {
                    walk.error(owner_at, || Kind::LinkIdMisplaced { link: shown(link) })?;
                    one(walk, form, question, item, around, &path)?;
                }
                None => walk.error(owner_at, || Kind::LinkIdUnknown { link: stranger(link) })?,
            }
            continue;
        };
        if place < order {
            walk.error(owner_at, || Kind::ItemOrder { link: shown(link) })?;
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
            walk.error(owner_at, || Kind::AnswerRepeats { link: shown(link) })?;
        }
        if count == 0
            && flag(question, "required")
            && text(question, "type") != Some("display")
            && enable::is_enabled(walk, form, question, around)
        {
            required(walk, form, owner_at, || Kind::AnswerRequired { link: shown(link) })?;
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
fn one<'a, S: Sink>(
    walk: &mut Walk<'_, 'a, S>,
    form: &Form<'_, 'a>,
    question: &Value,
    item: &Value,
    around: Option<&Around<'_>>,
    at: &Path<'_>,
) -> Flow {
    let kind = text(question, "type").unwrap_or_default();
    // A questionnaire that gives no words (of a form whose words are another's) leaves them free.
    let asked = text(question, "text");
    let is_other = |shown| asked.is_some_and(|asked| asked != shown) && !is_translation(question, shown);
    if text(item, "text").is_some_and(is_other) {
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

/// Whether a question is asked in these words in another language.
fn is_translation(question: &Value, shown: &str) -> bool {
    let translations = question.get("_text").map_or(&[][..], |part| list(part, "extension")).iter();
    let mut contents =
        translations.filter(|e| text(e, "url") == Some(TRANSLATION)).flat_map(|e| extensions(e, "content"));
    contents.any(|content| content.as_str() == Some(shown))
}

fn count<S: Sink>(
    walk: &mut Walk<'_, '_, S>,
    form: &Form<'_, '_>,
    question: &Value,
    found: usize,
    at: &Path<'_>,
) -> Flow {
    let limit = |url| extensions(question, url).find_map(Value::as_u64);
    let link = text(question, "linkId").unwrap_or_default();
    let min = limit(MIN_OCCURS);
    if let Some(min) = min.filter(|min| (found as u64) < *min) {
        walk.error(at, || Kind::AnswerCount { min, found })?;
    } else if found == 0 && flag(question, "required") {
        required(walk, form, at, || Kind::AnswerRequired { link: shown(link) })?;
    }
    if let Some(max) = limit(MAX_OCCURS).filter(|max| found as u64 > *max) {
        walk.error(at, || Kind::AnswerCountAbove { max, found })?;
    } else if found > 1 && !flag(question, "repeats") {
        walk.error(at, || Kind::AnswerRepeats { link: shown(link) })?;
    }
    Flow::Continue(())
}
