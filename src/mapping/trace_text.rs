//! A trace as people read it: what was lost first, then what was changed or filled in, then what was carried.

use super::trace::{Fate, Row, Trace};

/// A heading with counts, and a line a row below what became of it.
pub fn text(title: &str, trace: &Trace) -> String {
    let rows = |name: &'static str| trace.rows.iter().filter(move |row| name_of(&row.fate) == name);
    let kinds = ["not carried", "converted", "defaulted", "carried"];
    let counts: Vec<String> = kinds.iter().map(|name| format!("{} {name}", rows(name).count())).collect();
    let mut text = format!("{title}: {}\n", counts.join(", "));
    for name in kinds.into_iter().filter(|name| rows(name).next().is_some()) {
        text.push_str(&format!("\n{name}\n"));
        rows(name).for_each(|row| text.push_str(&line(row)));
    }
    text.push('\n');
    text
}

fn name_of(fate: &Fate) -> &'static str {
    match fate {
        Fate::Carried => "carried",
        Fate::Converted { .. } => "converted",
        Fate::Defaulted { .. } => "defaulted",
        Fate::NotCarried { .. } => "not carried",
    }
}

fn line(row: &Row) -> String {
    let via = row.via.as_deref().map(|via| format!(" ({via})")).unwrap_or_default();
    let target = row.target.as_deref().map(|target| format!(" → {target}")).unwrap_or_default();
    let reason = match &row.fate {
        Fate::Carried => String::new(),
        Fate::Converted { reason } | Fate::Defaulted { reason } | Fate::NotCarried { reason } => format!(": {reason}"),
    };
    format!("  {}{via}{target}{reason}\n", row.source)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_lost_is_read_first() {
        let mut trace = Trace::default();
        trace.add("/a", Some("Goal/1#Goal.note".into()), Fate::Carried);
        trace.add("/b", None, Fate::NotCarried { reason: "no place for it".into() });
        let expected = "T: 1 not carried, 0 converted, 0 defaulted, 1 carried\n\nnot carried\n  /b: no place for it\n\n\
                        carried\n  /a → Goal/1#Goal.note\n\n";
        assert_eq!(text("T", &trace), expected);
    }
}
