//! Writes of an event where it happened and how grave it is, and nothing of what it says.

use std::fmt::Debug;
use std::io::Write;

use serde_json::json;
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Context, Layer};

use super::Format;

/// The layer for events of dependencies.
pub(super) struct Places<W> {
    format: Format,
    writer: W,
}

impl<W> Places<W> {
    pub(super) fn new(format: Format, writer: W) -> Self {
        Places { format, writer }
    }
}

impl<S, W> Layer<S> for Places<W>
where
    S: Subscriber,
    W: for<'a> MakeWriter<'a> + 'static,
{
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let metadata = event.metadata();
        // What came over the `log` crate has its true place in fields of these names.
        let mut relayed = Relayed::default();
        if metadata.target() == "log" {
            event.record(&mut relayed);
        }
        let target = printable(relayed.target.as_deref().unwrap_or(metadata.target()));
        let line = relayed.line.or(metadata.line().map(u64::from)).unwrap_or(0);
        let (now, level) = (jiff::Timestamp::now(), metadata.level());
        let text = match self.format {
            Format::Text => format!("{now:.6} {level:>5} {target}: line {line} (message withheld)\n"),
            Format::Json => format!(
                "{}\n",
                json!({
                    "timestamp": format!("{now:.6}"), "level": level.as_str(), "target": target,
                    "line": line, "message": "withheld",
                })
            ),
        };
        // A log that cannot be written must not stop what it is about.
        let _ = self.writer.make_writer().write_all(text.as_bytes());
    }
}

/// A module path and nothing else: a target could be made while running. Of digits only that of `h2` is needed.
fn printable(target: &str) -> String {
    target.chars().filter(|c| c.is_ascii_alphabetic() || matches!(c, ':' | '_' | '2')).take(80).collect()
}

#[derive(Default)]
struct Relayed {
    target: Option<String>,
    line: Option<u64>,
}

impl Visit for Relayed {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "log.target" {
            self.target = Some(value.to_owned());
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "log.line" {
            self.line = Some(value);
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}
}
