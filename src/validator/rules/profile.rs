//! Profiles on a datatype of which one must hold, and those that are not there to be checked, or not whole.

use serde_json::Value;

use crate::validator::kind::Kind;
use crate::validator::node::Node;
use crate::validator::path::Path;
use crate::validator::sink::{Flow, Sink};
use crate::validator::walk::{Scope, Walk};

pub fn check<'a, S: Sink>(
    walk: &mut Walk<'_, 'a, S>,
    scope: &Scope<'_, 'a>,
    node: &'a Node,
    value: &'a Value,
    at: &Path<'_>,
) -> Flow {
    let schema = walk.schema();
    for profiles in &node.alternatives {
        let holds = |source: &(u32, u32)| {
            let sources = [*source];
            walk.holds(scope, schema.compile(&sources, &node.type_name), value)
        };
        if !profiles.iter().any(holds) {
            let names = profiles.iter().map(|p| &*schema.get(p.0).url).collect::<Vec<_>>().join(", ");
            walk.error(at, || Kind::NoProfileMatches { profiles: names.into() })?;
        }
    }
    for profile in &node.missing {
        walk.say_once(profile, at, || Kind::UnknownProfile { profile: profile.clone() })?;
    }
    for gap in &node.gaps {
        walk.say_once(gap, at, || Kind::DefinitionIncomplete { reason: gap.clone() })?;
    }
    Flow::Continue(())
}
