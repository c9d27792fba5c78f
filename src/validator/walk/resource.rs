//! A resource: which node holds for it, from its type, the place that it stands at and the profiles that it claims.

use serde_json::{Map, Value};
use smallvec::SmallVec;

use super::{Scope, Walk};
use crate::fhir::Severity;
use crate::validator::kind::Kind;
use crate::validator::node::{NodeId, Source};
use crate::validator::path::Path;
use crate::validator::rules;
use crate::validator::rules::bundle::Index;
use crate::validator::schema::CORE;
use crate::validator::sink::{Flow, Sink};
use crate::validator::structure::{Structure, StructureKind};

/// Where a resource stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Root,
    Contained,
    Inside,
}

impl<'a, S: Sink> Walk<'_, 'a, S> {
    /// A whole document, with profiles that the caller asks for.
    pub fn document(&mut self, value: &'a Value, profiles: &[&str], at: &Path<'_>) -> Flow {
        let mut extra: SmallVec<[Source; 4]> = SmallVec::new();
        for profile in profiles {
            let own = rules::version::plain(profile);
            match self.schema().structure(own.as_deref().unwrap_or(profile)) {
                Some(structure) => extra.push((structure, 0)),
                // Who asks for a profile is not to take silence for consent.
                None => self.report(at, Severity::Error, || Kind::UnknownProfile { profile: (*profile).into() })?,
            }
        }
        let scope = Scope { resource: value, root: value, bundle: None, full_url: None };
        self.resource(&scope, None, &extra, value, Place::Root, at)
    }

    /// A resource inside another: contained, in an entry of a Bundle, in Parameters.
    pub(super) fn nested_resource(
        &mut self,
        outer: &Scope<'_, 'a>,
        any: NodeId,
        value: &'a Value,
        at: &Path<'_>,
    ) -> Flow {
        let contained = at.last_name() == "contained";
        let full_url = if contained { outer.full_url } else { self.full_url_of(outer, value) };
        let scope =
            Scope { resource: value, root: if contained { outer.root } else { value }, bundle: outer.bundle, full_url };
        let place = if contained { Place::Contained } else { Place::Inside };
        self.resource(&scope, Some(any), &[], value, place, at)
    }

    fn full_url_of(&self, outer: &Scope<'_, 'a>, value: &'a Value) -> Option<&'a str> {
        outer.bundle.and_then(|b| b.full_url_of(value))
    }

    fn resource(
        &mut self,
        scope: &Scope<'_, 'a>,
        any: Option<NodeId>,
        extra: &[Source],
        value: &'a Value,
        place: Place,
        at: &Path<'_>,
    ) -> Flow {
        let Value::Object(map) = value else { return self.error(at, || Kind::NotAnObject) };
        let Some(type_name) = map.get("resourceType").and_then(Value::as_str) else {
            return self.error(at, || Kind::NoResourceType);
        };
        let schema = self.schema();
        let other = if place == Place::Contained { None } else { rules::version::other(schema, type_name, map) };
        // A definition that is for another version may itself be written in R4.
        if let Some(other) = other
            && !(rules::version::may_be_r4(map) && self.is_written_in_r4(scope, value, type_name))
        {
            return self.error(at, || Kind::OtherFhirVersion { version: other.version.into(), element: other.element });
        }
        let known = schema.type_structure(type_name).filter(|s| {
            let structure = schema.get(*s);
            let is_own = structure.url.strip_prefix(CORE) == Some(type_name) && *structure.type_name == *type_name;
            structure.kind == StructureKind::Resource && !structure.is_abstract && is_own
        });
        let Some(base) = known else { return self.error(at, || Kind::UnknownResourceType) };
        let mut sources: SmallVec<[Source; 8]> = SmallVec::new();
        sources.push((base, 0));
        if let Some(any) = any {
            self.place_rules(any, (map, type_name), &mut sources, scope, value, at)?;
        }
        for profile in extra {
            self.profile(*profile, map, type_name, &mut sources, at)?;
        }
        for global in schema.globals(type_name) {
            self.profile((*global, 0), map, type_name, &mut sources, at)?;
        }
        if let Some(implied) = rules::vital_signs::implied(value).and_then(|profile| schema.structure(profile)) {
            self.profile((implied, 0), map, type_name, &mut sources, at)?;
        }
        self.claimed(map, type_name, &mut sources, at)?;
        if type_name == "Bundle" {
            let index = Index::of(value);
            let inner = Scope { bundle: Some(&index), ..*scope };
            self.for_all(&inner, &sources, type_name, value, at)?;
            return rules::resource(self, &inner, type_name, value, place, at);
        }
        self.for_all(scope, &sources, type_name, value, at)?;
        rules::resource(self, scope, type_name, value, place, at)
    }

    /// A resource against its type, which comes first, and its profiles: at once, as long as there is room for that.
    fn for_all(
        &mut self,
        scope: &Scope<'_, 'a>,
        sources: &[Source],
        type_name: &str,
        value: &'a Value,
        at: &Path<'_>,
    ) -> Flow {
        let schema = self.schema();
        if schema.may_unite(sources) {
            return self.known_resource(scope, schema.compile(sources, type_name), value, at);
        }
        for profile in &sources[1..] {
            let node = schema.compile(&[sources[0], *profile], type_name);
            self.known_resource(scope, node, value, at)?;
        }
        Flow::Continue(())
    }

    fn is_written_in_r4(&self, scope: &Scope<'_, 'a>, value: &'a Value, type_name: &str) -> bool {
        self.schema().type_structure(type_name).is_some_and(|own| self.resource_holds(scope, value, (own, 0)))
    }

    /// A resource whose node is known.
    pub fn known_resource(&mut self, scope: &Scope<'_, 'a>, node: NodeId, value: &'a Value, at: &Path<'_>) -> Flow {
        self.element(scope, node, Some(value), None, at)
    }

    /// What the place says: the types that it takes and their profiles, and rules on the resource's own elements.
    fn place_rules(
        &mut self,
        any: NodeId,
        (map, type_name): (&'a Map<String, Value>, &str),
        sources: &mut SmallVec<[Source; 8]>,
        scope: &Scope<'_, 'a>,
        value: &'a Value,
        at: &Path<'_>,
    ) -> Flow {
        let schema = self.schema();
        let node = schema.node(any);
        for source in node.sources.iter().filter(|s| s.1 != 0 && !schema.element(**s).children.is_empty()) {
            sources.push(*source);
        }
        for types in &node.resource_types {
            let fits = |code: &str| code == type_name || matches!(code, "Resource" | "DomainResource");
            let Some((_, profiles)) = types.iter().find(|(code, _)| fits(code)) else {
                self.error(at, || Kind::ResourceTypeNotAllowed {
                    allowed: super::object::joined(types.iter().map(|(code, _)| &**code)),
                })?;
                continue;
            };
            let found: SmallVec<[Source; 4]> =
                profiles.iter().filter_map(|p| schema.structure(p)).map(|s| (s, 0)).collect();
            match found.as_slice() {
                [one] if profiles.len() == 1 => self.profile(*one, map, type_name, sources, at)?,
                many if !many.is_empty() && many.len() == profiles.len() => {
                    if !many.iter().any(|p| self.resource_holds(scope, value, *p)) {
                        self.error(at, || Kind::NoProfileMatches {
                            profiles: super::object::joined(profiles.iter().map(|p| &**p)),
                        })?;
                    }
                }
                _ => {
                    for profile in profiles.iter().filter(|p| schema.structure(p).is_none()) {
                        self.say_once(profile, at, || Kind::UnknownProfile { profile: profile.clone() })?;
                    }
                }
            }
        }
        Flow::Continue(())
    }

    fn profile(
        &mut self,
        profile: Source,
        map: &'a Map<String, Value>,
        type_name: &str,
        sources: &mut SmallVec<[Source; 8]>,
        at: &Path<'_>,
    ) -> Flow {
        let structure = self.schema().get(profile.0);
        let fits = *structure.type_name == *type_name || matches!(&*structure.type_name, "Resource" | "DomainResource");
        if !fits {
            self.error(at, || Kind::ProfileOfOtherType { profile: (&*structure.url).into() })?;
            return self.strangers(structure, map, type_name, at);
        }
        if sources.contains(&profile) {
            return Flow::Continue(());
        }
        sources.push(profile);
        for imposed in &structure.imposed {
            match self.schema().structure(imposed) {
                Some(other) => self.profile((other, 0), map, type_name, sources, at)?,
                None => self.say_once(imposed, at, || Kind::UnknownProfile { profile: imposed.clone() })?,
            }
        }
        Flow::Continue(())
    }

    /// Elements that a profile of another type does not have, or has as something else.
    fn strangers(&mut self, profile: &Structure, map: &'a Map<String, Value>, type_name: &str, at: &Path<'_>) -> Flow {
        let schema = self.schema();
        let Some(own) = schema.type_structure(type_name).map(|own| schema.get(own)) else {
            return Flow::Continue(());
        };
        let is_stranger = |name: &str| {
            let Some(own) = own.child(name) else { return false };
            profile
                .child(name)
                .is_none_or(|other| !own.types.iter().any(|t| other.types.iter().any(|o| o.code == t.code)))
        };
        for (name, value) in map.iter().filter(|(name, _)| is_stranger(name)) {
            let here = at.name(name);
            let kind = || Kind::NotInProfile { profile: (&*profile.url).into() };
            match value {
                Value::Array(items) => {
                    for i in 0..items.len() {
                        self.error(&here.index(i), kind)?;
                    }
                }
                _ => self.error(&here, kind)?,
            }
        }
        Flow::Continue(())
    }

    /// The profiles in `meta.profile`.
    fn claimed(
        &mut self,
        map: &'a Map<String, Value>,
        type_name: &str,
        sources: &mut SmallVec<[Source; 8]>,
        at: &Path<'_>,
    ) -> Flow {
        let claims = map.get("meta").and_then(|m| m.get("profile")).and_then(Value::as_array);
        for (i, claim) in claims.into_iter().flatten().enumerate() {
            let Some(canonical) = claim.as_str() else { continue };
            let own = rules::version::plain(canonical);
            match self.schema().structure(own.as_deref().unwrap_or(canonical)) {
                Some(structure) => self.profile((structure, 0), map, type_name, sources, at)?,
                None if S::ALL => {
                    let meta = at.name("meta");
                    let named = meta.name("profile");
                    self.report(&named.index(i), Severity::Information, || Kind::UnknownProfile {
                        profile: canonical.into(),
                    })?;
                }
                None => {}
            }
        }
        Flow::Continue(())
    }
}
