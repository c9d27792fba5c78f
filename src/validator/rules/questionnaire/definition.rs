//! A Questionnaire itself: the questions that `enableWhen` names, and the questionnaire that it says it complies with.

use ahash::AHashSet;
use serde_json::Value;

use super::enable::choice;
use super::options::same;
use super::tree::Tree;
use super::{extensions, flag, list, text};
use crate::fhir::Severity;
use crate::validator::kind::Kind;
use crate::validator::path::Path;
use crate::validator::sink::{Flow, Sink};
use crate::validator::walk::Walk;

const DERIVATION: &str = "http://hl7.org/fhir/StructureDefinition/questionnaire-derivationType";

pub fn check<S: Sink>(walk: &mut Walk<'_, '_, S>, questionnaire: &Value, at: &Path<'_>) -> Flow {
    conditions(walk, &Tree::of(questionnaire), questionnaire, &mut AHashSet::new(), at)?;
    let sources = questionnaire.get("derivedFrom").and_then(Value::as_array).into_iter().flatten();
    let details = list(questionnaire, "_derivedFrom");
    for (i, canonical) in sources.enumerate().filter_map(|(i, c)| Some((i, c.as_str()?))) {
        let kind =
            details.get(i).and_then(|d| extensions(d, DERIVATION).next()).and_then(|coding| text(coding, "code"));
        let (Some(kind @ ("extends" | "compliesWith")), Some(source)) =
            (kind, walk.schema().terminology.questionnaire(canonical))
        else {
            continue;
        };
        let derivation = Derivation { canonical, source: Tree::of(&source), may_add: kind == "extends" };
        derived(walk, &derivation, questionnaire, at)?;
    }
    Flow::Continue(())
}

/// `before` holds the linkIds of the items that stand earlier or around.
fn conditions<'q, S: Sink>(
    walk: &mut Walk<'_, '_, S>,
    questions: &Tree<'q>,
    within: &'q Value,
    before: &mut AHashSet<&'q str>,
    at: &Path<'_>,
) -> Flow {
    let here = at.name("item");
    for (i, item) in list(within, "item").iter().enumerate() {
        let path = here.index(i);
        let own = text(item, "linkId").unwrap_or_default();
        for asked in list(item, "enableWhen").iter().filter_map(|condition| text(condition, "question")) {
            if questions.is_below(item, asked) {
                walk.error(&path, || Kind::EnableWhenInner)?;
            } else if questions.first(asked).is_none() {
                walk.error(&path, || Kind::EnableWhenUnknown)?;
            } else if asked == own {
                walk.error(&path, || Kind::EnableWhenSelf)?;
            } else if S::ALL && !before.contains(asked) {
                walk.report(&path, Severity::Warning, || Kind::EnableWhenAfter)?;
            }
        }
        before.insert(own);
        conditions(walk, questions, item, before, &path)?;
    }
    Flow::Continue(())
}

/// One questionnaire that this one extends or complies with.
struct Derivation<'d> {
    canonical: &'d str,
    source: Tree<'d>,
    may_add: bool,
}

fn derived<S: Sink>(walk: &mut Walk<'_, '_, S>, from: &Derivation<'_>, within: &Value, at: &Path<'_>) -> Flow {
    let here = at.name("item");
    for (i, item) in list(within, "item").iter().enumerate() {
        let path = here.index(i);
        let link = text(item, "linkId").unwrap_or_default();
        match from.source.first(link) {
            Some(source) => compare(walk, from, source, item, &path)?,
            None if !from.may_add => walk.error(&path, || Kind::DerivedItemNew { from: shown(from.canonical) })?,
            None => {}
        }
        derived(walk, from, item, &path)?;
    }
    Flow::Continue(())
}

/// A derived item keeps the type, may not ask for less, and may not allow more.
fn compare<S: Sink>(
    walk: &mut Walk<'_, '_, S>,
    from: &Derivation<'_>,
    source: &Value,
    item: &Value,
    at: &Path<'_>,
) -> Flow {
    let mut differs = |property: &'static str, whole: bool| {
        let named = at.name(property);
        let place = if whole { at } else { &named };
        walk.error(place, || Kind::DerivedItemDiffers { property: property.into(), from: shown(from.canonical) })
    };
    if source.get("type").is_some() && item.get("type").is_some_and(|of| Some(of) != source.get("type")) {
        differs("type", false)?;
    }
    if !flag(source, "repeats") && flag(item, "repeats") {
        differs("repeats", false)?;
    }
    if flag(source, "required") && item.get("required").is_some() && !flag(item, "required") {
        differs("required", false)?;
    }
    if let Some(max) = source.get("maxLength").and_then(Value::as_u64) {
        match item.get("maxLength").and_then(Value::as_u64) {
            Some(own) if own <= max => {}
            Some(_) => differs("maxLength", false)?,
            None => differs("maxLength", true)?,
        }
    }
    let (options, own) = (list(source, "answerOption"), list(item, "answerOption"));
    if !options.is_empty() {
        if item.get("answerValueSet").is_some() {
            differs("answerValueSet", true)?;
        } else if own.is_empty() {
            differs("answerOption", true)?;
        }
        let known = |option: &Value| {
            let value = choice(option, "value");
            value.is_none_or(|v| options.iter().filter_map(|o| choice(o, "value")).any(|wanted| same(wanted, v)))
        };
        if item.get("answerValueSet").is_none()
            && let Some(new) = own.iter().position(|option| !known(option))
        {
            let list = at.name("answerOption");
            walk.error(&list.index(new), || Kind::DerivedItemDiffers {
                property: "answerOption".into(),
                from: shown(from.canonical),
            })?;
        }
    } else if source.get("answerValueSet").is_some() && !own.is_empty() {
        differs("answerOption", true)?;
    }
    Flow::Continue(())
}

/// A canonical is the definition's own text; it may still be anything.
fn shown(canonical: &str) -> Box<str> {
    crate::validator::rules::fixed::shown(&Value::from(canonical), "")
}
