//! A panic is logged by its place; its message may quote what was being worked on.

/// Replaces the hook of the standard library, which prints the message.
pub(super) fn hook() {
    std::panic::set_hook(Box::new(|info| {
        let (file, line) = info.location().map_or(("unknown", 0), |place| (place.file(), place.line()));
        let thread = std::thread::current();
        tracing::error!(file, line, thread = thread.name().unwrap_or("unnamed"), "panicked (message withheld)");
    }));
}
