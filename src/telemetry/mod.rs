//! Logs without patient data, by design rather than by care.
//!
//! Lines of this crate are written in full; they carry request ids, routes, codes, counts and times. Of an event of a
//! dependency only its level and place in the source are written, at whatever level it is asked for, because what a
//! library prints of a header, a body, a URL or a record cannot be known. A panic is logged by place, without its
//! message. `tests/end_to_end/log_leak.rs` runs the whole way at TRACE and looks for what must not be there.

mod panic;
mod places;

use std::io;

use tracing_subscriber::filter::{EnvFilter, LevelFilter, filter_fn};
use tracing_subscriber::fmt;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::registry::Registry;
use tracing_subscriber::util::SubscriberInitExt;

use places::Places;

/// How a line is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Text,
    Json,
}

/// Levels by module, in the notation of `RUST_LOG`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogFilter(String);

impl LogFilter {
    /// Fails where the text is no filter.
    pub fn parse(text: &str) -> Result<Self, String> {
        EnvFilter::builder().parse(text).map_err(|error| error.to_string())?;
        Ok(LogFilter(text.to_owned()))
    }

    fn build(&self) -> EnvFilter {
        EnvFilter::builder().with_default_directive(LevelFilter::INFO.into()).parse_lossy(&self.0)
    }
}

/// Logs to standard error from now on, panics included. A second call in one process changes nothing.
pub fn start(filter: &LogFilter, format: Format) {
    if subscriber(filter, format, io::stderr).try_init().is_ok() {
        panic::hook();
    }
}

/// True for what this crate itself logs.
fn is_own(target: &str) -> bool {
    target == "overdracht" || target.starts_with("overdracht::")
}

fn subscriber<W>(filter: &LogFilter, format: Format, writer: W) -> impl tracing::Subscriber + Send + Sync
where
    W: for<'a> MakeWriter<'a> + Clone + Send + Sync + 'static,
{
    let own = fmt::layer().with_writer(writer.clone()).with_ansi(false);
    let own: Box<dyn Layer<_> + Send + Sync> = match format {
        Format::Text => own.boxed(),
        Format::Json => own.json().flatten_event(true).with_current_span(false).boxed(),
    };
    Registry::default()
        .with(filter.build())
        .with(own.with_filter(filter_fn(|metadata| is_own(metadata.target()))))
        .with(Places::new(format, writer).with_filter(filter_fn(|metadata| !is_own(metadata.target()))))
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Buffer(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Buffer {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("not poisoned").extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(filter: &str, format: Format, work: impl FnOnce()) -> String {
        let buffer = Buffer::default();
        let writer = buffer.clone();
        let filter = LogFilter::parse(filter).expect("a filter");
        tracing::subscriber::with_default(subscriber(&filter, format, move || writer.clone()), work);
        String::from_utf8(buffer.0.lock().expect("not poisoned").clone()).expect("UTF-8")
    }

    fn chatter() {
        tracing::info!(status = 201, "answered");
        let span = tracing::trace_span!(target: "h2::proto", "frame", header = "Jansen");
        let _entered = span.enter();
        tracing::trace!(target: "hyper::proto", body = "Jansen", "flushed Jansen");
        tracing::error!(target: "some_store::tree", "Jansen");
    }

    #[test]
    fn of_a_dependency_only_level_and_place_are_written_even_at_trace() {
        for format in [Format::Text, Format::Json] {
            let log = logged("trace", format, chatter);
            assert!(log.contains("answered") && log.contains("201"), "{log}");
            assert!(log.contains("hyper::proto") && log.contains("some_store::tree"), "{log}");
            assert!(!log.contains("Jansen"), "{log}");
        }
    }

    #[test]
    fn a_span_of_a_dependency_leaves_nothing_in_lines_of_this_crate() {
        let log = logged("trace", Format::Json, || {
            let span = tracing::error_span!(target: "actix_http", "request", uri = "/x?name=Jansen");
            let _entered = span.enter();
            tracing::error!("failed");
        });
        assert!(log.contains("failed") && !log.contains("Jansen"), "{log}");
    }

    #[test]
    fn the_filter_is_that_of_the_setting() {
        let log = logged("warn,hyper=trace", Format::Text, chatter);
        assert!(!log.contains("answered") && log.contains("hyper::proto"), "{log}");
        assert!(LogFilter::parse("overdracht=loud").is_err());
    }

    #[test]
    fn every_line_in_json_is_json() {
        let log = logged("trace", Format::Json, chatter);
        assert_eq!(log.lines().count(), 3);
        for line in log.lines() {
            let line: serde_json::Value = serde_json::from_str(line).expect("JSON");
            assert!(line["level"].is_string() && line["target"].is_string());
        }
    }
}
