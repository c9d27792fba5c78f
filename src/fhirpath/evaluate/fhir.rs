//! The functions that FHIR adds. Source: <http://hl7.org/fhir/R4/fhirpath.html#functions>.

use super::html::is_safe_narrative;
use super::*;
use serde_json::Value;

impl<'a> Env<'_, 'a> {
    /// The extensions of `item` with the URL `url`.
    pub(super) fn extensions(&self, item: &Item<'a>, url: &str, found: &mut dyn FnMut(Node<'a>) -> Run) -> Run {
        let Item::Node(node) = item else { return Ok(()) };
        let holder = if node.value().is_object() { Some(node.value()) } else { node.sibling() };
        let Some(Value::Array(extensions)) = holder.and_then(|holder| holder.get("extension")) else { return Ok(()) };
        for extension in extensions {
            self.tick()?;
            if extension.get("url").and_then(Value::as_str) == Some(url) {
                found(Node::new(extension, None, builtin::EXTENSION))?;
            }
        }
        Ok(())
    }

    pub(super) fn fhir(
        &self,
        op: &'a Op,
        function: Function,
        base: &'a Op,
        arguments: &'a [Op],
        frame: Frame<'_, 'a>,
        sink: Sink<'_, 'a>,
    ) -> Run {
        match function {
            Function::Extension => {
                let Some(url) = self.text(&arguments[0], frame)? else { return Ok(()) };
                self.each(base, frame, &mut |item| {
                    self.extensions(&item, &url, &mut |extension| sink(Item::Node(extension)))
                })
            }
            // True of one primitive with a value, and false of anything else.
            Function::HasValue => {
                let (mut count, mut has) = (0, false);
                self.each(base, frame, &mut |item| {
                    count += 1;
                    has = is_primitive(&item);
                    Ok(())
                })?;
                sink(Item::Boolean(has && count == 1))
            }
            // The value of one primitive that has one; of anything else nothing.
            Function::GetValue => {
                let mut found = None;
                self.until(base, frame, &mut |item| {
                    if found.is_some() {
                        found = None;
                        return Err(Stop::Done);
                    }
                    found = Some(item);
                    Ok(())
                })?;
                match found.filter(is_primitive) {
                    Some(item) => sink(item.system(self.types)),
                    None => Ok(()),
                }
            }
            Function::Resolve => self.each(base, frame, &mut |item| match self.resolved(&item) {
                Some(resource) => sink(Item::Node(Node::resource(resource, self.types))),
                None => Ok(()),
            }),
            Function::MemberOf => {
                let Some(item) = self.single(base, frame)? else { return Ok(()) };
                let Some(value_set) = self.text(&arguments[0], frame)? else { return Ok(()) };
                let Some(terminology) = self.context.terminology else {
                    return fail(op, EvalErrorKind::NotSupported);
                };
                let member = terminology.member_of(&item, self.types, &value_set);
                member.map_or(Ok(()), |member| sink(Item::Boolean(member)))
            }
            Function::ConformsTo => {
                let Some(item) = self.single(base, frame)? else { return Ok(()) };
                let Some(profile) = self.text(&arguments[0], frame)? else { return Ok(()) };
                let (Some(conformance), Some(node)) = (self.context.conformance, item.node()) else {
                    return fail(op, EvalErrorKind::NotSupported);
                };
                let conforms = conformance.conforms_to(node, &profile);
                conforms.map_or(Ok(()), |conforms| sink(Item::Boolean(conforms)))
            }
            Function::Subsumes | Function::SubsumedBy => {
                let Some(item) = self.single(base, frame)? else { return Ok(()) };
                let Some(other) = self.single(&arguments[0], frame)? else { return Ok(()) };
                let Some(terminology) = self.context.terminology else {
                    return fail(op, EvalErrorKind::NotSupported);
                };
                let (above, below) = if function == Function::Subsumes { (&item, &other) } else { (&other, &item) };
                let subsumes = terminology.subsumes(above, below);
                subsumes.map_or(Ok(()), |subsumes| sink(Item::Boolean(subsumes)))
            }
            Function::Slice => {
                let structure = self.text(&arguments[0], frame)?;
                let slice = self.text(&arguments[1], frame)?;
                let (Some(conformance), Some(structure), Some(slice)) = (self.context.conformance, structure, slice)
                else {
                    return fail(op, EvalErrorKind::NotSupported);
                };
                self.each(base, frame, &mut |item| match item.node() {
                    Some(node) => match conformance.is_in_slice(node, &structure, &slice) {
                        Some(true) => sink(item),
                        Some(false) => Ok(()),
                        None => fail(op, EvalErrorKind::NotSupported),
                    },
                    None => Ok(()),
                })
            }
            Function::CheckModifiers => {
                let expected: Result<Vec<_>, _> = arguments.iter().map(|url| self.text(url, frame)).collect();
                let expected = expected?;
                let is_expected = |extension: &Value| {
                    let url = extension.get("url").and_then(Value::as_str);
                    url.is_some_and(|url| expected.iter().flatten().any(|expected| *expected == url))
                };
                self.each(base, frame, &mut |item| {
                    let modifiers = item.node().and_then(|node| node.value().get("modifierExtension")?.as_array());
                    self.spend(modifiers.map_or(0, Vec::len));
                    match modifiers.is_none_or(|modifiers| modifiers.iter().all(is_expected)) {
                        true => sink(item),
                        false => fail(op, EvalErrorKind::UnexpectedModifier),
                    }
                })
            }
            Function::HtmlChecks => match self.text(base, frame)? {
                Some(narrative) => {
                    self.spend(narrative.len() / LETTERS);
                    sink(Item::Boolean(is_safe_narrative(&narrative)))
                }
                None => Ok(()),
            },
            Function::Comparable => {
                let (left, right) = (self.value(base, frame)?, self.value(&arguments[0], frame)?);
                let (Some(left), Some(right)) = (left, right) else { return Ok(()) };
                let (Some(left), Some(right)) = (self.as_quantity(&left), self.as_quantity(&right)) else {
                    return fail(op, EvalErrorKind::WrongType);
                };
                sink(Item::Boolean(left.compare(&right).is_some()))
            }
            _ => fail(op, EvalErrorKind::NotSupported),
        }
    }

    /// What a Reference, uri or canonical points at: in the resource's own `contained`, or wherever the resolver looks.
    fn resolved(&self, item: &Item<'a>) -> Option<&'a Value> {
        let reference = match item {
            Item::Node(node) => match node.value() {
                Value::String(text) => text.as_str(),
                Value::Object(object) => object.get("reference")?.as_str()?,
                _ => return None,
            },
            Item::Text(text) => text,
            _ => return None,
        };
        if let Some(id) = reference.strip_prefix('#') {
            return self.contained(id);
        }
        self.context.resolver?.resolve(reference)
    }

    /// `#` alone is the resource that contains the others.
    fn contained(&self, id: &str) -> Option<&'a Value> {
        let root = self.context.root_resource.value();
        if id.is_empty() {
            return Some(root);
        }
        let contained = |holder: &'a Value| {
            let resources = holder.get("contained")?.as_array()?;
            resources
                .iter()
                .inspect(|_| self.spend(1))
                .find(|resource| resource.get("id").and_then(Value::as_str) == Some(id))
        };
        // An expression on a Bundle may have walked into an entry, whose resources have their own contained ones.
        let entries = |bundle: &'a Value| bundle.get("entry").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let in_entries = || {
            entries(root)
                .iter()
                .inspect(|_| self.spend(1))
                .filter_map(|entry| entry.get("resource"))
                .find_map(contained)
        };
        contained(root).or_else(|| contained(self.context.resource.value())).or_else(in_entries)
    }
}

/// True of a primitive that has a value. A quantity is none.
fn is_primitive(item: &Item<'_>) -> bool {
    match item {
        Item::Node(node) => !matches!(node.value(), Value::Null | Value::Object(_)),
        Item::Quantity(_) => false,
        _ => true,
    }
}
