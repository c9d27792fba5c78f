//! Narrative in Dutch: a title and rows of what it says.

use serde_json::{Value, json};

/// `Narrative` with a heading and one row per pair; pairs whose words are empty are left out.
pub fn narrative(title: &str, rows: &[(&str, String)]) -> Value {
    let mut div = String::from("<div xmlns=\"http://www.w3.org/1999/xhtml\" lang=\"nl\" xml:lang=\"nl\"><p><b>");
    div.push_str(&escape(title));
    div.push_str("</b></p>");
    let rows: Vec<_> = rows.iter().filter(|(_, words)| !words.is_empty()).collect();
    if !rows.is_empty() {
        div.push_str("<table><tbody>");
        for (label, words) in rows {
            div.push_str(&format!("<tr><th>{}</th><td>{}</td></tr>", escape(label), escape(words)));
        }
        div.push_str("</tbody></table>");
    }
    div.push_str("</div>");
    json!({ "status": "generated", "div": div })
}

const STANDING: (&str, &str) = ("<p class=\"standing\"><b>", "</b></p>");

/// Says on top of a resource's narrative how it stands now (replaced, ended, contradicted), in place of what was said
/// of that before; no words take it away.
pub fn set_standing(resource: &mut Value, words: &str) {
    let Some(div) = resource["text"]["div"].as_str() else { return };
    let (open, close) = STANDING;
    let bare = match div.split_once(open) {
        Some((before, rest)) => {
            let after = rest.split_once(close).map_or(rest, |(_, after)| after);
            format!("{before}{after}")
        }
        None => div.to_owned(),
    };
    let said = match (words, bare.split_once('>')) {
        ("", _) | (_, None) => bare,
        (_, Some((start, rest))) => format!("{start}>{open}{}{close}{rest}", escape(words)),
    };
    resource["text"]["div"] = Value::from(said);
}

/// What the narrative of a resource says of how it stands now.
pub fn standing(resource: &Value) -> Option<&str> {
    let (open, close) = STANDING;
    let (_, rest) = resource["text"]["div"].as_str()?.split_once(open)?;
    rest.split_once(close).map(|(words, _)| words)
}

/// Text that means itself in XHTML, with its lines. Left out are characters that XML does not know, and those that would
/// turn the direction of what is read.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' => escaped.push_str("<br/>"),
            '\t' => escaped.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}' => {}
            c => escaped.push(c),
        }
    }
    escaped
}

/// A FHIR date as it is said in Dutch: day-month-year, as far as it is known.
pub fn date(date: &str) -> String {
    let day = date.split('T').next().unwrap_or_default();
    let mut parts: Vec<&str> = day.split('-').collect();
    parts.reverse();
    parts.join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_sender_wrote_cannot_become_markup() {
        let text = narrative("Wens <b>", &[("Toelichting", "a & b</td><script>".into()), ("Leeg", String::new())]);
        let div = text["div"].as_str().unwrap();
        assert!(div.contains("a &amp; b&lt;/td&gt;&lt;script&gt;") && div.contains("Wens &lt;b&gt;"), "{div}");
        assert!(!div.contains("Leeg"));
    }

    #[test]
    fn dates_are_said_from_day_to_year() {
        assert_eq!(
            ["2025-03-07", "2025-03", "2025", "2025-03-07T10:00:00Z"].map(date),
            ["07-03-2025", "03-2025", "2025", "07-03-2025"]
        );
    }
}
