//! The demo is what a newcomer sees first: it ends well, and what it delivered is valid under the shipped validator.

use std::process::Command;

use crate::process::{BINARY, Place, root};

#[test]
fn the_demo_ends_well_and_the_delivered_bundle_is_valid() {
    let place = Place::new();
    let demo = Command::new(BINARY)
        .current_dir(root())
        .args(["demo", "--exit", "--dir"])
        .arg(place.path("demo"))
        .output()
        .expect("the demo runs");
    let said = String::from_utf8_lossy(&demo.stdout);
    assert!(demo.status.success(), "{said}\n{}", String::from_utf8_lossy(&demo.stderr));
    assert!(said.contains("attempt 2"), "the retry is shown:\n{said}");
    assert!(said.contains("reanimatie"), "the night GP's question is answered:\n{said}");

    let delivered = place.path("demo").join("delivered-bundle.json");
    assert!(said.contains(&delivered.display().to_string()), "it says where the Bundle lies:\n{said}");
    let verdict = Command::new(BINARY).current_dir(root()).arg("validate").arg(&delivered).output().expect("validates");
    assert!(verdict.status.success(), "{}", String::from_utf8_lossy(&verdict.stdout));
}
